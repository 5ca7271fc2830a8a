"""The talk about a work between its pupil and the teachers of both schools."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import db, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import WorkAccess, work_access
from lti_tool.courses.assignments.models import WorkComment, WorkCommentFile
from lti_tool.courses.assignments.operations import talking
from lti_tool.courses.assignments.operations.talking import TALK_FILES
from lti_tool.courses.models import ASSIGNMENT
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
    if access.the_activity.kind != ASSIGNMENT:
        raise NotFound
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
    return page("assignments/talk", status=422, back=_back(access), text=text, files=files, faults=faults, **shown)


def _back(access: WorkAccess) -> str:
    if access.hosts or access.own_pupil:
        return work_address(access, access.the_pupil.identity.id, _anchor="talk")
    return url_for("courses.activity", activity_id=access.the_activity.id, _anchor="talk")


@blueprint.get("/comments/<int:file_id>")
def comment_file(file_id: int) -> Any:
    """A file that came with a comment."""
    found = get_or_none(WorkCommentFile, file_id)
    comment = db.session.get(WorkComment, found.comment_id) if found else None
    access = work_access(actor(), comment.activity_id, comment.identity_id) if comment else None
    if found is None or comment is None or access is None or not allows(actor(), "work.see", access):
        raise NotFound
    hidden = comment.by_id == comment.identity_id and handle_of(access, comment.identity_id) < 0
    return serve(found.file, name=_("file-%(number)d", number=found.id) if hidden else "")


def author_name(comment: WorkComment, access: Any) -> str:
    """Who said it, as the reader may know: pupils by the rule for names, teachers in full.

    While names are hidden, neither the pupil nor who teaches the pupil at home is named to who grades.
    """
    by_pupil = comment.by_id == comment.identity_id
    if isinstance(access, WorkAccess):
        if handle_of(access, comment.identity_id) < 0:
            teaches_here = comment.by.registration.organization_id == access.course.organization_id
            if by_pupil:
                return work_name(access.the_pupil, access)
            if not teaches_here:
                return str(_("A teacher of the pupil"))
        if by_pupil:
            return work_name(access.the_pupil, access)
    return display_name(actor(), comment.by, teacher=not by_pupil)


blueprint.add_app_template_global(author_name, "author_name")
blueprint.add_app_template_global(lambda: TALK_FILES, "talk_rules")
