"""The talk about a work between its pupil and the teachers of both schools."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import ActivityAccess, WorkAccess, work_access
from lti_tool.courses.models import Activity, CourseTeacher
from lti_tool.courses.talk import operations as talking
from lti_tool.courses.talk.models import WorkComment, WorkCommentFile
from lti_tool.courses.talk.operations import TALK_FILES
from lti_tool.courses.talk.queries import said_about
from lti_tool.courses.views.base import actor, blueprint, handle_of, page, work_address, work_for, work_name
from lti_tool.files.forms import accept_files, picked
from lti_tool.files.operations import keeping
from lti_tool.files.views import serve
from lti_tool.people.names import display_name

accept_files(blueprint, {"courses.talk": TALK_FILES})


@blueprint.post("/activities/<int:activity_id>/works/<int(signed=True):identity_id>/talk")
def talk(activity_id: int, identity_id: int) -> Any:
    """Say something, or take back what one said."""
    access = work_for("work.comment", activity_id, identity_id)
    removed = request.form.get("remove", type=int)
    if removed is not None:
        talking.unsay(actor=actor(), access=access, comment_id=removed)
        return redirect(_back(access), 303)
    files: Any = ()
    try:
        files = picked(actor(), rules=TALK_FILES, field="talk")
        taken = keeping.take(
            actor=actor(), ids=[file.id for file in files], purpose=talking.PURPOSE, rules=TALK_FILES, field="talk"
        )
        talking.say(actor=actor(), access=access, text=request.form.get("text", ""), files=taken)
    except Invalid as fault:
        return _again(access, files, list(fault.errors.values()))
    flash(_("Your comment is added."), "success")
    return redirect(_back(access), 303)


def _again(access: WorkAccess, files: Any, faults: list[Any]) -> Any:
    handle = handle_of(access, access.the_pupil.identity.id)
    shown = {"course": access.course, "activity": access.the_activity, "access": access, "talk_pupil": handle}
    text = request.form.get("text", "")
    return page("talk/again", status=422, back=_back(access), text=text, files=files, faults=faults, **shown)


def _back(access: WorkAccess) -> str:
    if access.the_pupil.identity.id == actor().identity_id:
        return url_for("courses.activity", activity_id=access.the_activity.id, _anchor="talk")
    return work_address(access, access.the_pupil.identity.id, _anchor="talk")


@blueprint.get("/comments/<int:file_id>")
def comment_file(file_id: int) -> Any:
    """A file that came with a comment."""
    found = get_or_none(WorkCommentFile, file_id)
    comment = db.session.get(WorkComment, found.comment_id) if found else None
    access = work_access(actor(), comment.activity_id, comment.identity_id) if comment else None
    if found is None or comment is None or access is None or not allows(actor(), "work.see", access):
        raise NotFound
    hidden = handle_of(access, comment.identity_id) < 0 and not _teaches_course(comment)
    return serve(found.file, name=_("file-%(number)d", number=found.id) if hidden else "")


def author_name(comment: WorkComment, access: ActivityAccess) -> str:
    """Who said it, as the reader may know: pupils by the rule for names, teachers in full.

    While names are hidden only teachers of the course itself are named to who grades: any other tells the school.
    """
    by_pupil = comment.by_id == comment.identity_id
    if by_pupil and isinstance(access, WorkAccess):
        return work_name(access.the_pupil, access)
    if handle_of(access, comment.identity_id) < 0 and comment.by_id != actor().identity_id:
        return display_name(actor(), comment.by, teacher=True) if _teaches_course(comment) else str(_("A teacher"))
    return display_name(actor(), comment.by, teacher=not by_pupil)


def _teaches_course(comment: WorkComment) -> bool:
    course_id = select(Activity.course_id).where(Activity.id == comment.activity_id).scalar_subquery()
    own = (CourseTeacher.identity_id == comment.by_id, CourseTeacher.course_id == course_id)
    return db.session.scalar(select(CourseTeacher.id).where(*own)) is not None


def may_talk(access: ActivityAccess, identity_id: int) -> bool:
    """May the reader add to the talk about this pupil's work?"""
    if isinstance(access, WorkAccess):
        return allows(actor(), "work.comment", access)
    found = None if access.preview else work_access(actor(), access.the_activity.id, identity_id)
    return found is not None and allows(actor(), "work.comment", found)


for _function in (author_name, may_talk, said_about):
    blueprint.add_app_template_global(_function)
blueprint.add_app_template_global(lambda: TALK_FILES, "talk_rules")
