"""Screens of an assignment for its pupils: draft, files and handing in."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows, require
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess, WorkAccess, activity_access, work_access
from lti_tool.courses.assignments.forms import WorkForm
from lti_tool.courses.assignments.models import FILES, TEXT
from lti_tool.courses.assignments.operations import handing_in as work
from lti_tool.courses.assignments.queries import mark_of, work_record
from lti_tool.courses.assignments.settings import assignment_of, rules_of
from lti_tool.courses.assignments.views.shown import Shown, feedback
from lti_tool.courses.availability import OPEN, OVER, Availability
from lti_tool.courses.models import ASSIGNMENT, Submission, SubmissionFile
from lti_tool.courses.queries.courses import state_of
from lti_tool.courses.queries.gradebook import delivery_of
from lti_tool.courses.queries.work import own_work
from lti_tool.courses.views.base import actor, blueprint, handle_of, let_in, page
from lti_tool.files.forms import accept_files, picked
from lti_tool.files.operations.keeping import MAX_FILE, Rules
from lti_tool.files.views import serve

accept_files(blueprint, {"courses.save_work": Rules(most=1, most_bytes=MAX_FILE)})


def show(access: ActivityAccess, *, status: int = 200, **more: Any) -> Response:
    """The assignment; for a pupil with the own work."""
    shown: dict[str, Any] = {"access": access, "course": access.course, "activity": access.the_activity}
    shown |= {"assignment": assignment_of(access.the_activity)}
    if access.learns and not access.hosts:
        shown |= _own_work(access)
    return page("assignments/show", status=status, **shown | more)


def _assignment_to_do(activity_id: int) -> ActivityAccess:
    access = let_in(activity_access(actor(), activity_id))
    if access is None or access.the_activity.kind != ASSIGNMENT:
        raise NotFound
    access = _by_own_dates(access)
    require(actor(), "activity.work", access, see="activity.see")
    return access


def _by_own_dates(access: ActivityAccess) -> ActivityAccess:
    """Whether it is over for this very pupil is the door's to say, which knows of more time; see handing_in.door_of."""
    return access if access.availability.state != OVER else replace(access, availability=Availability(OPEN))


def _own_work(access: ActivityAccess) -> dict[str, Any]:
    identity_id = actor().identity_id
    assert identity_id is not None
    activity, assignment = access.the_activity, assignment_of(access.the_activity)
    submission, grade = own_work(activity, identity_id)
    door = work.door_of(access, identity_id, submission)
    form = WorkForm(formdata=None, text=work.shown_text(submission) if submission else "")
    form.version.data = submission.version if submission else 0
    mark = mark_of(activity.id, identity_id) if grade else None
    mark = mark if mark and mark.released_at else None
    return {
        "form": form,
        "submission": submission,
        "grade": grade,
        "mark": mark,
        "record": work_record(submission.id) if submission else None,
        "state": state_of(submission, grade),
        "delivery": delivery_of(grade, activity) if grade else None,
        "files": work.kept_files(submission) if submission else [],
        "picked": (),
        "changed": bool(submission and work.has_changes(submission)),
        "can_work": allows(actor(), "activity.work", _by_own_dates(access)) and door.open,
        "door": door,
        "takes_text": TEXT in assignment.accepts,
        "takes_files": FILES in assignment.accepts,
        "rules": rules_of(assignment),
        "max_text": work.MAX_TEXT,
        **feedback(activity.id, identity_id, submission),
    }


@blueprint.post("/activities/<int:activity_id>/work")
def save_work(activity_id: int) -> Any:
    """Text, new files and a removal in one form, so that no button loses what the others hold."""
    access = _assignment_to_do(activity_id)
    form, assignment = WorkForm(), assignment_of(access.the_activity)
    files: Any = ()
    try:
        if FILES in assignment.accepts:
            files = picked(actor(), rules=rules_of(assignment))
        _save_text(access, form, assignment.accepts)
        work.add_files(actor=actor(), access=access, ids=[file.id for file in files])
    except Outdated:
        return _two_texts(access, form, files)
    except Invalid as invalid:
        return show(access, status=422, form=form, picked=files, faults=list(invalid.errors.values()))
    removed = request.form.get("remove", type=as_key)
    if removed is not None:
        work.remove_file(actor=actor(), access=access, file_id=removed)
    if request.form.get("action") == "check":
        return redirect(url_for("courses.hand_in", activity_id=activity_id), 303)
    flash(_("Saved. Your teacher does not see it before you hand it in."), "success")
    return redirect(url_for("courses.activity", activity_id=activity_id, _anchor="work"), 303)


def _save_text(access: ActivityAccess, form: WorkForm, accepts: list[str]) -> None:
    if TEXT in accepts and form.text.data is not None:
        work.save_draft(actor=actor(), access=access, text=form.typed, seen=form.seen, tab=form.tab.data or "")


def _two_texts(access: ActivityAccess, form: WorkForm, files: Any) -> Response:
    """Another tab saved something else: both texts, and the next saving replaces the other one knowingly."""
    shown = _own_work(access)
    theirs, current = shown["form"].text.data, shown["form"].version.data
    form.version.data, form.version.raw_data = current, None
    return show(access, status=409, form=form, theirs=theirs, picked=files)


@blueprint.post("/activities/<int:activity_id>/draft")
def save_draft(activity_id: int) -> Any:
    """The text as it is being typed (JSON: text, version, tab); answers the new version."""
    access = _assignment_to_do(activity_id)
    sent, accepts = request.get_json(silent=True), assignment_of(access.the_activity).accepts
    if not isinstance(sent, dict) or not isinstance(sent.get("text"), str) or TEXT not in accepts:
        raise Invalid({"text": _("The draft could not be read.")})
    text = sent["text"].replace("\r\n", "\n")
    seen, tab = sent.get("version"), sent.get("tab")
    try:
        submission = work.save_draft(
            actor=actor(),
            access=access,
            text=text,
            seen=seen if isinstance(seen, int) else 0,
            tab=tab[:32] if isinstance(tab, str) else secrets.token_hex(8),
        )
    except Outdated:
        shown = _own_work(access)["form"]
        response = jsonify(error=str(Outdated.message), theirs=shown.text.data, version=shown.version.data)
        response.status_code = 409
        return response
    return jsonify(version=submission.version, message=_("Draft saved"))


@blueprint.route("/activities/<int:activity_id>/hand-in", methods=["GET", "POST"])
def hand_in(activity_id: int) -> Any:
    """Show exactly what will be handed in, then do it."""
    access = _assignment_to_do(activity_id)
    if request.method == "POST":
        try:
            work.hand_in(actor=actor(), access=access, seen=request.form.get("version", 0, type=int))
        except Outdated:
            return _check_page(access, status=409, outdated=True)
        except Invalid as fault:
            return show(access, status=422, faults=list(fault.errors.values()))
        flash(_("Handed in. Below is what your teacher sees."), "success")
        return redirect(url_for("courses.activity", activity_id=activity_id), 303)
    return _check_page(access)


def _check_page(access: ActivityAccess, *, status: int = 200, outdated: bool = False) -> Any:
    shown = _own_work(access)
    submission: Submission | None = shown["submission"]
    if submission is None or (not shown["form"].text.data.strip() and not shown["files"]):
        flash(work.nothing_yet(), "danger")
        return redirect(url_for("courses.activity", activity_id=access.the_activity.id, _anchor="work"), 303)
    work.require_open(shown["door"])
    return page(
        "assignments/hand_in",
        status=status,
        course=access.course,
        activity=access.the_activity,
        assignment=assignment_of(access.the_activity),
        text=shown["form"].text.data,
        outdated=outdated,
        **{name: shown[name] for name in ("submission", "files", "door")},
    )


@blueprint.get("/files/<int:file_id>")
def file(file_id: int) -> Any:
    """A pupil's file as a download; under the work's number while names are hidden."""
    found = get_or_none(SubmissionFile, file_id)
    access = _reader_of(found) if found is not None else None
    if found is None or access is None:
        raise NotFound
    return serve(found.file, name=Shown.of_work(found, handle_of(access, found.submission.identity_id)).name)


def _reader_of(found: SubmissionFile) -> WorkAccess | None:
    submission = found.submission
    if submission.identity_id != actor().identity_id and not found.handed_in:
        return None
    access = work_access(actor(), submission.activity_id, submission.identity_id)
    return access if access is not None and allows(actor(), "work.see", access) else None
