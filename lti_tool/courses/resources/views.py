"""Screens of a resource."""

from __future__ import annotations

from flask import Response

from lti_tool.core.markdown import render
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.materials import Pictures, materials_of
from lti_tool.courses.resources.settings import kept
from lti_tool.courses.views.base import page, reading
from lti_tool.files.views import preview_address


def show(access: ActivityAccess) -> Response:
    """The description, the way to what is elsewhere, and the files."""
    activity = access.the_activity
    pictures = Pictures(materials_of(activity), preview_address)
    return page(
        "resources/show",
        access=access,
        course=access.course,
        activity=activity,
        description=render(activity.body, pictures),
        url=kept(activity).url,
        files=pictures.others,
        **reading(access),
    )
