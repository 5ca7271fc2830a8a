"""Roster trouble, roles and changes as words: what is wrong and what to do, who somebody is, what happened."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.contexts.models import BY_LAUNCH, JOINED, LEARNER, LEFT, RETURNED, TEACHER, MembershipEvent

HAPPENED: dict[str, Any] = {"context.refresh_roster": _l("Roster asked for")}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {"context": _l("LMS course")}


def roster_trouble(code: str) -> tuple[str, str]:
    """(what is wrong, what to do) for a code of RosterSync.error."""
    later = _("It will be tried again by itself. Nobody was removed from the list.")
    administrator = _("Ask your LMS administrator to open the tool's check page.")
    known = {
        "not_offered": (
            _("Your LMS does not give its list of participants to the tool."),
            _("In Moodle the administrator switches on “Names and role provisioning” in the tool's settings."),
        ),
        "timeout": (_("Your LMS did not answer in time."), later),
        "unreachable": (_("Your LMS could not be reached."), later),
        "status_404": (_("Your LMS no longer knows this course."), administrator),
        "status_403": (_("Your LMS does not let the tool read the list of participants."), administrator),
        "status_401": (_("Your LMS did not accept the tool's key."), administrator),
    }
    fallback = (_("The list of participants could not be read (%(code)s).", code=code), later)
    what, todo = known.get(code, fallback)
    return str(what), str(todo)


def role_name(role: str | None) -> str:
    """What a role is called."""
    names = {TEACHER: _("teacher"), LEARNER: _("pupil")}
    return str(names.get(role or "", _("without a role")))


def change_told(event: MembershipEvent) -> str:
    """A change in a few words, with what told of it."""
    what = {
        JOINED: _("joined as %(role)s", role=role_name(event.new_role)),
        RETURNED: _("came back as %(role)s", role=role_name(event.new_role)),
        LEFT: _("left"),
    }
    changed = _("was %(old)s, now %(new)s", old=role_name(event.old_role), new=role_name(event.new_role))
    source = _("on entering") if event.source == BY_LAUNCH else _("in the LMS's list")
    return f"{what.get(event.kind, changed)} · {source}"
