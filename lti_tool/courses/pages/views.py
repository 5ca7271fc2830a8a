"""Screens of a page to read."""

from __future__ import annotations

from flask import Response

from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.views.base import page


def show(access: ActivityAccess) -> Response:
    """The page."""
    return page("pages/show", access=access, course=access.course, activity=access.the_activity)
