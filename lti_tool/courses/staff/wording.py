"""Co-teachers and tutors in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.courses.staff.models import COMMENT, GRADE, SEE, TEACH

HAPPENED: dict[str, Any] = {
    "invite_tutor": _l("Teacher invited to a course"),
    "answer_tutor": _l("Invitation to a course answered"),
    "remove_tutor": _l("Teacher removed from a course"),
}


def level_names() -> dict[str, str]:
    """What a teacher may do, from the least."""
    return {
        SEE: _("see works and grades"),
        COMMENT: _("see and comment"),
        GRADE: _("see, comment and grade"),
        TEACH: _("everything, as a co-teacher of the host"),
    }
