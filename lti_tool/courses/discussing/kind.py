"""A discussion, as a kind of activity."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.courses.discussing import operations, settings, views
from lti_tool.courses.discussing.forms import DiscussionForm
from lti_tool.courses.discussing.models import DISCUSSION
from lti_tool.courses.kinds import Kind

KIND = Kind(
    name=DISCUSSION,
    title=_l("Discussion"),
    add=_l("Add a discussion"),
    new=_l("New discussion"),
    icon="chat-dots",
    form=DiscussionForm.of,
    fields="courses/discussing/_fields.html",
    show=views.show,
    works=True,
    work="courses/discussing/_work.html",
    review=views.review,
    kept=settings.kept,
    keep=settings.keep,
    changed=operations.reckon_anew,
    pack=settings.pack,
    unpack=settings.unpack,
)
