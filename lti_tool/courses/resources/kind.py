"""A resource, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.kinds import Kind
from lti_tool.courses.materials import MATERIALS
from lti_tool.courses.models import RESOURCE
from lti_tool.courses.resources import settings, views
from lti_tool.courses.resources.forms import ResourceForm

KIND = Kind(
    name=RESOURCE,
    title=_l("Resource"),
    add=_l("Add files or a link"),
    new=_l("New resource"),
    icon="folder2-open",
    form=ResourceForm.of,
    fields="courses/resources/_fields.html",
    show=views.show,
    kept=settings.kept,
    keep=settings.keep,
    pack=settings.pack,
    unpack=settings.unpack,
    confirms=True,
    materials=MATERIALS,
)
