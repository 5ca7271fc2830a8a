"""Agreements in words: kinds, forms, states, fields, what happened; and the texts a new one begins with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from lti_tool.agreements.terms import (
    ASSESSING,
    DOCUMENTS,
    DUTIES,
    FACILITIES,
    HORIZONTAL,
    JOINT_COURSE,
    JOINT_PROJECT,
    MENTORING,
    MIXED,
    OTHER,
    SAFETY,
    TEACHING,
    VERTICAL,
)

KINDS: dict[str, Any] = {
    JOINT_COURSE: _l("Joint course"),
    JOINT_PROJECT: _l("Joint project"),
    FACILITIES: _l("Use of rooms and equipment"),
    MENTORING: _l("Mentoring"),
    OTHER: _l("Another kind of cooperation"),
}
FORMS: dict[str, Any] = {
    HORIZONTAL: _l("horizontal: organizations of one type and one department"),
    VERTICAL: _l("vertical: organizations of several types in one department"),
    MIXED: _l("mixed: organizations of several departments"),
}
STATES: dict[str, tuple[str, Any]] = {
    "draft": ("secondary", _lp("agreement", "draft")),
    "proposed": ("warning", _lp("agreement", "proposed")),
    "signed": ("info", _lp("agreement", "signed, not begun")),
    "active": ("success", _lp("agreement", "in force")),
    "expired": ("secondary", _lp("agreement", "over")),
    "terminated": ("danger", _lp("agreement", "ended early")),
}
REVISION_STATES: dict[str, Any] = {
    "draft": _lp("revision", "draft"),
    "proposed": _lp("revision", "proposed"),
    "signed": _lp("revision", "signed by all"),
    "declined": _lp("revision", "declined"),
    "withdrawn": _lp("revision", "withdrawn"),
    "replaced": _lp("revision", "amended later"),
}
FIELDS: dict[str, Any] = {
    "title": _l("Title"),
    "kind": _l("Kind of cooperation"),
    "network_form": _l("Network form of an educational programme"),
    "purpose": _l("Purpose"),
    "starts_on": _l("First day"),
    "ends_on": _l("Last day"),
    "programme": _l("Kind, level and name of the programme"),
    "admission": _l("How pupils are admitted, and whose pupils they stay"),
    "document": _l("Document that pupils receive"),
    "parties": _l("A second organization"),
    "party": _l("Party"),
    "contribution": _l("What it brings in"),
    "staff": _l("Staff"),
    "rooms": _l("Rooms and equipment"),
    "seats": _l("Places for pupils of the others"),
    "hours": _l("Hours of teaching"),
    "materials": _l("Materials"),
    "money": _l("Money (a note)"),
    "contact": _l("Contact"),
    "signatory": _l("Who signs, with the office held"),
    TEACHING: _l("Teaches"),
    ASSESSING: _l("Assesses"),
    SAFETY: _l("Answers for the pupils' safety"),
    DOCUMENTS: _l("Issues documents"),
}
HAPPENED: dict[str, Any] = {
    "agreement.draft": _l("Draft begun"),
    "agreement.edit": _l("Draft changed"),
    "agreement.discard": _l("Draft thrown away"),
    "agreement.propose": _l("Text proposed"),
    "agreement.rewrite": _l("New text begun"),
    "agreement.decline": _l("Text declined"),
    "agreement.sign": _l("Signed"),
    "agreement.in_force": _l("Signed by all"),
    "agreement.end_early": _l("Early end decided"),
    "agreement.begin": _l("The first day has come"),
    "agreement.expire": _l("The last day has passed"),
    "agreement.terminate": _l("Ended early"),
}
THINGS: dict[str, Any] = {"agreement": _l("Agreement")}
SECTIONS = {
    "seats": "contribution",
    **dict.fromkeys(("contribution", "contact", "signatory"), "contribution"),
    **dict.fromkeys(DUTIES, "duties"),
    "parties": "parties",
}
"""The section of the draft in which a missing field is filled in; `about` for all others."""


@dataclass(frozen=True)
class Missing:
    """A field that has to be filled in, in words, and where."""

    text: str
    section: str
    organization_id: int | None


def missing_in_words(missing: list[tuple[str, int | None]], names: dict[int, str]) -> list[Missing]:
    """What Terms.missing found."""
    found = []
    for name, party in missing:
        label = str(FIELDS[name])
        text = label if party is None else f"{names.get(party, '')}: {label}"
        found.append(Missing(text, SECTIONS.get(name, "about"), party))
    return found


def value_in_words(name: str, value: Any, names: dict[int, str]) -> str:
    """A value of the terms as people read it."""
    if value in (None, "", 0, False):
        return str(_("nothing"))
    if isinstance(value, date):
        return str(format_date(value, "long"))
    if name in DUTIES or name == "party":
        return names.get(value, str(value))
    if name == "kind":
        return str(KINDS[value])
    return str(_("yes")) if value is True else str(value)


def starting_text(kind: str) -> tuple[str, str]:
    """Title and purpose that a new agreement of this kind begins with, in the reader's language."""
    title, purpose = _STARTING.get(kind, ("", ""))
    return str(title), str(purpose)


_STARTING: dict[str, tuple[Any, Any]] = {
    JOINT_COURSE: (
        KINDS[JOINT_COURSE],
        _l(
            "To teach pupils of both organizations together in a course that neither offers alone, and to return each "
            "pupil's results to their own school."
        ),
    ),
    JOINT_PROJECT: (
        KINDS[JOINT_PROJECT],
        _l(
            "To let pupils of both organizations solve one problem in mixed teams, guided by teachers of both, and to "
            "present the result."
        ),
    ),
    FACILITIES: (
        KINDS[FACILITIES],
        _l("To let pupils of the partner learn with rooms and equipment that their own school does not have."),
    ),
    MENTORING: (
        KINDS[MENTORING],
        _l("To let specialists of the partner advise pupils and their teachers, and judge the results of their work."),
    ),
}


def heading(network_form: bool) -> str:
    """What the printed document is called."""
    if network_form:
        return str(pgettext("document", "Agreement on the network form of an educational programme"))
    return str(pgettext("document", "Agreement on cooperation"))
