"""Codes of roster trouble as sentences: what is wrong and what to do."""

from __future__ import annotations

from flask_babel import gettext as _


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
