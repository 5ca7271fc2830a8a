"""Who is held back before the work, and why; worked out from columns the identity's own statement brings along."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import Select, and_
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.people.privacy.models import GIVEN, UNANSWERED, PrivacySetting, PrivacyStanding

ASKED, REFUSED, GUARDIAN = "asked", "refused", "guardian"
"""Reasons to be held: no answer that counts, a no, or the guardian's yes is missing."""


class Standing(Protocol):
    """The columns `with_standing` adds; None where there is no row."""

    @property
    def requires_consent(self) -> bool | None: ...
    @property
    def guardian_needed(self) -> bool | None: ...
    @property
    def ask_from(self) -> int | None: ...
    @property
    def consent(self) -> str | None: ...
    @property
    def consent_version(self) -> int | None: ...
    @property
    def noted(self) -> int | None: ...
    @property
    def guardian(self) -> bool | None: ...


def with_standing(
    statement: Select[Any], organization: InstrumentedAttribute[Any], person: InstrumentedAttribute[Any]
) -> Select[Any]:
    """A selection of a person with what the gate needs; it stays one statement and one row."""
    own = and_(PrivacyStanding.organization_id == organization, PrivacyStanding.person_id == person)
    return (
        statement.add_columns(PrivacySetting.requires_consent, PrivacySetting.guardian.label("guardian_needed"))
        .add_columns(PrivacySetting.ask_from, PrivacyStanding.state.label("consent"))
        .add_columns(PrivacyStanding.version.label("consent_version"), PrivacyStanding.noted, PrivacyStanding.guardian)
        .outerjoin(PrivacySetting, PrivacySetting.organization_id == organization)
        .outerjoin(PrivacyStanding, own)
    )


def reason_to_hold(row: Standing, *, pupil: bool) -> str:
    """One of the reasons above, or nothing."""
    if not row.requires_consent:
        return ""
    state = row.consent or UNANSWERED
    if state == UNANSWERED or (state == GIVEN and (row.consent_version or 0) < (row.ask_from or 0)):
        return ASKED
    if state != GIVEN:
        return REFUSED
    return GUARDIAN if pupil and row.guardian_needed and not row.guardian else ""


def has_unread_notice(row: Standing) -> bool:
    """Shall a note lead to the notice? Who is asked for consent reads it there."""
    return not row.requires_consent and (row.noted is None or row.noted < (row.ask_from or 0))
