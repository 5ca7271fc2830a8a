"""A page to read, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.forms import ReadingForm
from lti_tool.courses.kinds import Kind
from lti_tool.courses.materials import MATERIALS
from lti_tool.courses.models import PAGE
from lti_tool.courses.pages import views

KIND = Kind(
    name=PAGE,
    title=_l("Page"),
    add=_l("Add a page"),
    new=_l("New page"),
    icon="file-text",
    form=ReadingForm.of,
    fields="courses/pages/_fields.html",
    show=views.show,
    confirms=True,
    materials=MATERIALS,
)
