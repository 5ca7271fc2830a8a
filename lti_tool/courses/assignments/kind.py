"""An assignment, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.assignments import settings, views
from lti_tool.courses.assignments.forms import AssignmentForm
from lti_tool.courses.kinds import Kind
from lti_tool.courses.models import ASSIGNMENT

KIND = Kind(
    name=ASSIGNMENT,
    title=_l("Assignment"),
    add=_l("Add an assignment"),
    new=_l("New assignment"),
    icon="pencil-square",
    form=AssignmentForm.of,
    fields="courses/assignments/_fields.html",
    show=views.show,
    works=True,
    work="courses/assignments/_work.html",
    kept=settings.kept,
    keep=settings.keep,
    pack=settings.pack,
    unpack=settings.unpack,
)
