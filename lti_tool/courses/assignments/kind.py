"""An assignment, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.assignments import packing, settings
from lti_tool.courses.assignments.forms import AssignmentForm
from lti_tool.courses.assignments.operations.marking import give_mark
from lti_tool.courses.assignments.views import extending, marking, working
from lti_tool.courses.kinds import Kind
from lti_tool.courses.models import ASSIGNMENT

__all__ = ["KIND", "extending"]

KIND = Kind(
    name=ASSIGNMENT,
    title=_l("Assignment"),
    add=_l("Add an assignment"),
    new=_l("New assignment"),
    icon="pencil-square",
    form=AssignmentForm.of,
    fields="courses/assignments/_fields.html",
    show=working.show,
    works=True,
    work="courses/assignments/_work.html",
    review=marking.review,
    grading="courses/assignments/_grading.html",
    grade=marking.grade,
    give_grade=give_mark,
    kept=settings.kept,
    keep=settings.keep,
    copy=settings.copy,
    pack=packing.pack,
    unpack=packing.unpack,
)
