"""Verbs about privacy: choose what is asked, write and publish texts, answer, and confirm what guardians said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, literal, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_absent, insert_if_absent, run, table_of, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.people.privacy.models import (
    BUILT_IN,
    CONFIRMED,
    DRAFT,
    GIVEN,
    REFUSED,
    REVOKED,
    UNANSWERED,
    WITHDRAWN,
    PrivacyEvent,
    PrivacySetting,
    PrivacyStanding,
    PrivacyText,
)
from lti_tool.people.privacy.queries import PARTS, draft_of, setting_of, standing_of
from lti_tool.platforms.models import Registration

LONGEST_TEXT = 20_000
"""Characters of one text."""
LONGEST_BASIS = 100


@dataclass(frozen=True)
class Choice:
    """What an organization asks of its people."""

    requires_consent: bool
    guardian: bool
    teachers_confirm: bool
    contact: str


def choose(*, actor: Actor, organization_id: int, choice: Choice) -> None:
    """Decide whether consent is asked for, and of whom."""
    setting = _setting(organization_id)
    if choice.requires_consent and not setting.requires_consent:
        setting.required_since = utcnow()
    elif not choice.requires_consent:
        setting.required_since = None
    setting.requires_consent, setting.contact = choice.requires_consent, choice.contact
    setting.guardian, setting.teachers_confirm = choice.guardian, choice.teachers_confirm
    facts = {"consent": choice.requires_consent, "guardian": choice.guardian, "teachers": choice.teachers_confirm}
    audit.record(actor, "privacy.choose", "organization", organization_id, **facts)


def save_draft(*, actor: Actor, organization_id: int, texts: Mapping[str, str], revision: int) -> PrivacyText:
    """Keep what is being written. Raises Conflict when somebody saved another draft meanwhile (`revision` is old)."""
    values = {part: texts[part] for part in PARTS}
    if revision == 0:
        first = {"organization_id": organization_id, "number": DRAFT, "revision": 1, "ask_again": False}
        kept = insert_if_absent(PrivacyText, {**first, **values, "created_at": utcnow()})
    else:
        this = (
            PrivacyText.organization_id == organization_id,
            PrivacyText.number == DRAFT,
            PrivacyText.revision == revision,
        )
        change = update(PrivacyText).where(*this).values(revision=revision + 1, **values)
        kept = execute(change.execution_options(synchronize_session=False)).rowcount == 1
    if not kept:
        raise Conflict(
            _("Another coordinator has saved or published a text meanwhile."), _("Open the draft again, then repeat.")
        )
    db.session.expire_all()
    draft = draft_of(organization_id)
    assert draft is not None
    audit.record(actor, "privacy.draft", "organization", organization_id, revision=draft.revision)
    return draft


def discard_draft(*, actor: Actor, organization_id: int) -> None:
    """Throw away what is being written; nothing happens when there is nothing."""
    draft = draft_of(organization_id)
    if draft is not None:
        db.session.delete(draft)
        audit.record(actor, "privacy.discard", "organization", organization_id)


def publish(*, actor: Actor, organization_id: int, revision: int, ask_again: bool) -> int:
    """Make the draft the text in force; returns its number. Raises Invalid when a language is missing, Conflict when
    the draft is not the one that was looked at."""
    draft = draft_of(organization_id)
    if draft is None or draft.revision != revision:
        raise Conflict(_("This draft has been published or changed meanwhile."), _("Open the page again."))
    _check_complete(draft)
    setting = _setting(organization_id)
    newest = select(func.max(PrivacyText.number)).where(PrivacyText.organization_id == organization_id)
    number = (db.session.scalar(newest) or 0) + 1
    draft.number, draft.ask_again = number, ask_again
    draft.published_at, draft.published_by_id = utcnow(), actor.person_id
    setting.current = number
    if ask_again:
        setting.ask_from = number
    audit.record(actor, "privacy.publish", "organization", organization_id, version=number, ask_again=ask_again)
    return number


def _check_complete(draft: PrivacyText) -> None:
    if not all(getattr(draft, part).strip() for part in PARTS):
        raise Invalid({"text": _("Fill in both texts in both languages: people read the one they chose.")})


def answer(*, actor: Actor, version: int, agrees: bool) -> None:
    """A person's own yes or no to the texts they saw. Raises Conflict when these are not in force any more."""
    assert actor.organization_id is not None
    if version != setting_of(actor.organization_id).current:
        raise Conflict(_("The texts have been changed meanwhile."), _("Read the new ones, then answer."))
    _answer(actor, GIVEN if agrees else REFUSED, version)


def withdraw(*, actor: Actor) -> None:
    """Take one's consent back; work is kept. Nothing happens when there is none."""
    assert actor.organization_id is not None
    standing = standing_of(actor.organization_id, actor.person_id)
    if standing is not None and standing.state == GIVEN:
        _answer(actor, WITHDRAWN, standing.version)


def _answer(actor: Actor, state: str, version: int) -> None:
    assert actor.organization_id is not None
    standing = _standing(actor)
    if (standing.state, standing.version) == (state, version):
        return
    standing.state, standing.version, standing.answered_at = state, version, utcnow()
    standing.as_pupil = actor.is_pupil
    event = {"organization_id": actor.organization_id, "person_id": actor.person_id, "by_person_id": actor.person_id}
    db.session.add(PrivacyEvent(**event, kind=state, version=version, at=utcnow()))
    audit.record(actor, f"consent.{state}", "person", actor.person_id, version=version)


def put_note_away(*, actor: Actor) -> None:
    """The person has seen where the notice is."""
    assert actor.organization_id is not None
    _standing(actor).noted = setting_of(actor.organization_id).current


def set_guardian(*, actor: Actor, organization_id: int, person_ids: Iterable[int], agreed: bool, basis: str) -> int:
    """Confirm for people of the organization that their guardians agree, or take that back; returns for how many it
    was new. A fixed number of statements, however many they are."""
    wanted = sorted(set(person_ids))
    _stand_somewhere(organization_id, wanted)
    here = (PrivacyStanding.organization_id == organization_id, PrivacyStanding.person_id.in_(wanted))
    changing = list(
        db.session.scalars(select(PrivacyStanding.person_id).where(*here, PrivacyStanding.guardian.is_(not agreed)))
    )
    if not changing:
        return 0
    here = (PrivacyStanding.organization_id == organization_id, PrivacyStanding.person_id.in_(changing))
    execute(update(PrivacyStanding).where(*here).values(guardian=agreed).execution_options(synchronize_session=False))
    kind = CONFIRMED if agreed else REVOKED
    same = {
        "organization_id": organization_id,
        "kind": kind,
        "version": setting_of(organization_id).current,
        "at": utcnow(),
        "by_person_id": actor.person_id,
        "basis": basis[:LONGEST_BASIS],
    }
    run(table_of(PrivacyEvent).insert(), [{**same, "person_id": person_id} for person_id in changing])
    audit.record(actor, f"consent.{kind}", "organization", organization_id, people=changing, has_basis=bool(basis))
    return len(changing)


def _stand_somewhere(organization_id: int, person_ids: list[int]) -> None:
    """A standing for each of these people who is of the organization and has none."""
    of_it = (
        select(
            literal(organization_id),
            Identity.person_id,
            literal(UNANSWERED),
            literal(BUILT_IN),
            literal(True),
            literal(False),
        )
        .join(Registration, Registration.id == Identity.registration_id)
        .where(Registration.organization_id == organization_id, Identity.person_id.in_(person_ids))
        .distinct()
    )
    columns = ("organization_id", "person_id", "state", "version", "as_pupil", "guardian")
    insert_absent(PrivacyStanding, columns, of_it)


def _setting(organization_id: int) -> PrivacySetting:
    usual = {"requires_consent": False, "guardian": False, "teachers_confirm": False, "contact": ""}
    numbers = {"current": BUILT_IN, "ask_from": BUILT_IN}
    insert_if_absent(PrivacySetting, {"organization_id": organization_id, **usual, **numbers})
    return db.session.get_one(PrivacySetting, organization_id, with_for_update=True)


def _standing(actor: Actor) -> PrivacyStanding:
    assert actor.organization_id is not None
    key = {"organization_id": actor.organization_id, "person_id": actor.person_id}
    fresh = {"state": UNANSWERED, "version": BUILT_IN, "as_pupil": actor.is_pupil, "guardian": False}
    insert_if_absent(PrivacyStanding, {**key, **fresh})
    found = standing_of(actor.organization_id, actor.person_id)
    assert found is not None
    return found
