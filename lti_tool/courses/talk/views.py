"""The talk about a work between its pupil and the teachers of both schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import as_key, db, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import ActivityAccess, WorkAccess, work_access
from lti_tool.courses.assignments.queries import hides_names
from lti_tool.courses.talk import operations as talking
from lti_tool.courses.talk.models import WorkComment, WorkCommentFile
from lti_tool.courses.talk.operations import TALK_FILES
from lti_tool.courses.talk.queries import said_about, teacher_ids
from lti_tool.courses.views.base import actor, blueprint, handle_of, name_of, page, work_address, work_for
from lti_tool.files.forms import accept_files, picked
from lti_tool.files.operations import keeping
from lti_tool.files.views import serve
from lti_tool.people.names import display_name

accept_files(blueprint, {"courses.talk": TALK_FILES})


@blueprint.post("/activities/<int:activity_id>/works/<int(signed=True):identity_id>/talk")
def talk(activity_id: int, identity_id: int) -> Any:
    """Say something, or take back what one said."""
    access = work_for("work.comment", activity_id, identity_id)
    removed = request.form.get("remove", type=as_key)
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
    hidden = hides_names(access, access.the_activity) and comment.by_id not in teacher_ids(access.course.id)
    return serve(found.file, name=_hidden_name(found) if hidden else "")


def _hidden_name(file: WorkCommentFile) -> str:
    return str(_("file-%(number)d", number=file.id))


@dataclass(frozen=True)
class Line:
    """A comment as the reader may know it."""

    comment: WorkComment
    author: str
    files: Sequence[LineFile]


@dataclass(frozen=True)
class LineFile:
    """A file of a comment; reads like a StoredFile, and may have another name."""

    name: str
    size: int
    media_type: str
    is_open: bool
    virus_state: str
    address: str


def talk_lines(access: ActivityAccess, identity_id: int) -> list[Line]:
    """What was said about this pupil's work; three statements, whatever the number.

    While names are hidden only teachers of the course itself are named to who grades: any other tells the school.
    """
    said = said_about(access.the_activity.id, identity_id)
    handle = handle_of(access, identity_id) if said else identity_id
    shown = {*teacher_ids(access.course.id), actor().identity_id} if handle < 0 else set()
    return [_line(comment, access, handle, handle < 0 and comment.by_id not in shown) for comment in said]


def _line(comment: WorkComment, access: ActivityAccess, handle: int, hidden: bool) -> Line:
    by_pupil = comment.by_id == comment.identity_id
    if by_pupil and handle < 0:
        name = str(_("Work %(number)d", number=-handle))
    elif by_pupil and isinstance(access, WorkAccess):
        name = name_of(access.the_pupil, access)
    elif hidden:
        name = str(_("A teacher"))
    else:
        name = display_name(actor(), comment.by, teacher=not by_pupil)
    return Line(comment, name, [_line_file(each, hidden) for each in comment.files])


def _line_file(each: WorkCommentFile, hidden: bool) -> LineFile:
    file, address = each.file, url_for("courses.comment_file", file_id=each.id)
    name = _hidden_name(each) if hidden else file.name
    return LineFile(name, file.size, file.media_type, file.is_open, file.virus_state, address)


def may_talk(access: ActivityAccess, identity_id: int) -> bool:
    """May the reader add to the talk about this pupil's work?"""
    if isinstance(access, WorkAccess):
        return allows(actor(), "work.comment", access)
    found = None if access.preview else work_access(actor(), access.the_activity.id, identity_id)
    return found is not None and allows(actor(), "work.comment", found)


for _function in (may_talk, talk_lines):
    blueprint.add_app_template_global(_function)
blueprint.add_app_template_global(lambda: TALK_FILES, "talk_rules")
