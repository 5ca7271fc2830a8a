"""Screens of a page to read."""

from __future__ import annotations

from flask import Response, request

from lti_tool.core.markdown import render_around
from lti_tool.core.web import allow_frames_from, in_bearer_mode
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.materials import Pictures, materials_of
from lti_tool.courses.videos import Video, find_video
from lti_tool.courses.views.base import page, reading
from lti_tool.files.views import preview_address


def show(access: ActivityAccess) -> Response:
    """The page. The player of somebody else's site is shown only to who asked for it: it learns who watches."""
    activity = access.the_activity
    pictures = Pictures(materials_of(activity), preview_address)
    parts = render_around(activity.body, find_video, pictures)
    videos = [part for part in parts if isinstance(part, Video)]
    number = request.args.get("play", 0, type=int)
    playing = videos[number - 1] if 0 < number <= len(videos) and _can_play() else None
    if playing is not None:
        allow_frames_from(playing.player)
    return page(
        "pages/show",
        access=access,
        course=access.course,
        activity=activity,
        parts=parts,
        videos=videos,
        playing=playing,
        can_play=_can_play(),
        files=pictures.others,
        **reading(access),
    )


def _can_play() -> bool:
    """Without cookies pages are swapped into one another, and the first one's policy, which knows no player, stays."""
    return not in_bearer_mode()
