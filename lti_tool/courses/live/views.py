"""Screens of a live session: when and where, checking in, who was there."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import ngettext

from lti_tool.core.db import as_key, get_or_none, utcnow
from lti_tool.core.errors import NotFound
from lti_tool.core.policy import allows
from lti_tool.core.settings import current_settings
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.live import operations
from lti_tool.courses.live.models import BIGBLUEBUTTON, LiveSession
from lti_tool.courses.live.queries import attendance_page, clocks, count_here
from lti_tool.courses.live.rooms import Visitor, way_in
from lti_tool.courses.live.settings import session_of
from lti_tool.courses.queries.work import own_work
from lti_tool.courses.views.base import activity_for, actor, blueprint, page, page_number
from lti_tool.people.models import Identity
from lti_tool.people.names import full_name, school_name, short_name


def show(access: ActivityAccess) -> Response:
    """The session; the way in for teachers, and for pupils who are here."""
    session = _session(access)
    on = session.is_on(utcnow())
    learns = access.learns and not access.hosts
    identity_id = actor().identity_id
    here_at = None
    if learns and identity_id is not None:
        submission, _grade = own_work(access.the_activity, identity_id)
        here_at = submission.done_at if submission else None
    return page(
        "live/show",
        access=access,
        course=access.course,
        activity=access.the_activity,
        session=session,
        clocks=clocks(access.the_activity),
        on=on,
        over=session.ends is not None and utcnow() > session.ends,
        can_check_in=learns and on and here_at is None and allows(actor(), "activity.work", access),
        here_at=here_at,
        ready=session.room != BIGBLUEBUTTON or session.opened_at is not None,
        way_in=_way_in(access, session) if on and (here_at or not learns) else "",
        counts=None if learns else count_here(access),
    )


def _session(access: ActivityAccess) -> LiveSession:
    session = session_of(access.the_activity)
    if session is None:
        raise NotFound
    return session


def _way_in(access: ActivityAccess, session: LiveSession) -> str:
    """Everybody in the room reads the name, so pupils come with first name and initial only."""
    own = get_or_none(Identity, actor().identity_id)
    assert own is not None
    teaches = access.hosts or bool(access.teaching)
    name = f"{full_name(own) if teaches else short_name(own)}, {school_name(own)}"
    return way_in(current_settings(), session.room, session.room_name, session.address, Visitor(name, access.hosts))


@blueprint.post("/activities/<int:activity_id>/here")
def check_in(activity_id: int) -> Any:
    """A pupil is here."""
    access = activity_for("activity.work", activity_id)
    operations.check_in(actor=actor(), access=access, session=_session(access))
    return redirect(url_for("courses.activity", activity_id=activity_id), 303)


@blueprint.route("/activities/<int:activity_id>/attendance", methods=["GET", "POST"])
def attendance(activity_id: int) -> Any:
    """Who was there: of all schools for the host, of the own class for its teacher."""
    access = activity_for("attendance.note", activity_id)
    session = _session(access)
    if request.method == "POST":
        shown, here = (request.form.getlist(name, type=as_key) for name in ("shown", "here"))
        count = operations.note_attendance(actor=actor(), access=access, shown=shown, here=here)
        flash(ngettext("Changed for %(num)d pupil.", "Changed for %(num)d pupils.", count), "success")
        return redirect(url_for("courses.attendance", activity_id=activity_id, page=page_number()), 303)
    return page(
        "live/attendance",
        access=access,
        course=access.course,
        activity=access.the_activity,
        session=session,
        found=attendance_page(access, page_number()),
    )
