"""A live session, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.kinds import Kind
from lti_tool.courses.live import jobs, settings, views
from lti_tool.courses.live.forms import LiveForm

__all__ = ["KIND", "jobs"]

KIND = Kind(
    name="live",
    title=_l("Live session"),
    add=_l("Add a live session"),
    new=_l("New live session"),
    icon="camera-video",
    form=LiveForm.of,
    fields="courses/live/_fields.html",
    show=views.show,
    kept=settings.kept,
    keep=settings.keep,
    pack=settings.pack,
    unpack=settings.unpack,
    due=_l("begins"),
)
