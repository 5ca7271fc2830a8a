"""Screens of an assignment: draft, files and handing in."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, flash, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from lti_tool.core.db import get_or_none
from lti_tool.core.errors import Conflict, Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.core.storage import keep_upload
from lti_tool.core.versions import Outdated
from lti_tool.core.web import attachment
from lti_tool.courses.access import ActivityAccess, work_access
from lti_tool.courses.assignments import operations as work
from lti_tool.courses.assignments.forms import WorkForm
from lti_tool.courses.assignments.settings import FILES, TEXT
from lti_tool.courses.models import ASSIGNMENT, Submission, SubmissionFile
from lti_tool.courses.queries.courses import state_of
from lti_tool.courses.queries.gradebook import delivery_of
from lti_tool.courses.queries.work import own_work
from lti_tool.courses.views.base import activity_for, actor, blueprint, page, takes_uploads

takes_uploads("save_work", work.MAX_FILES * work.MAX_FILE_BYTES + 2_000_000)  # all files at once, and the text


def show(access: ActivityAccess, *, status: int = 200, **more: Any) -> Response:
    """The assignment; for a pupil with the own work."""
    shown: dict[str, Any] = {"access": access, "course": access.course, "activity": access.the_activity}
    if access.learns and not access.hosts:
        shown |= _own_work(access)
    return page("assignments/show", status=status, **shown | more)


def _assignment_to_do(activity_id: int) -> ActivityAccess:
    access = activity_for("activity.work", activity_id)
    if access.the_activity.kind != ASSIGNMENT:
        raise NotFound
    return access


def _own_work(access: ActivityAccess) -> dict[str, Any]:
    identity_id = actor().identity_id
    assert identity_id is not None
    submission, grade = own_work(access.the_activity, identity_id)
    form = WorkForm(formdata=None, text=work.shown_text(submission) if submission else "")
    form.version.data = submission.version if submission else 0
    return {
        "form": form,
        "submission": submission,
        "grade": grade,
        "state": state_of(submission, grade),
        "delivery": delivery_of(grade, access.the_activity) if grade else None,
        "files": work.kept_files(submission) if submission else [],
        "changed": bool(submission and work.has_changes(submission)),
        "can_work": allows(actor(), "activity.work", access) and grade is None,
        "takes_text": TEXT in access.the_activity.accepts,
        "takes_files": FILES in access.the_activity.accepts,
        "max_files": work.MAX_FILES,
        "max_bytes": work.MAX_FILE_BYTES,
        "max_text": work.MAX_TEXT,
    }


@blueprint.post("/activities/<int:activity_id>/work")
def save_work(activity_id: int) -> Any:
    """Text, new files and a removal in one form, so that no button loses what the others hold."""
    access = _assignment_to_do(activity_id)
    form = WorkForm()
    try:
        _save_text(access, form)
    except Outdated:
        return _two_texts(access, form)
    except Invalid as invalid:
        return show(access, status=422, form=form, faults=list(invalid.errors.values()))
    faults = _save_files(access)
    removed = request.form.get("remove", type=int)
    if removed is not None:
        work.remove_file(actor=actor(), access=access, file_id=removed)
    for fault in faults:
        flash(fault, "danger")
    if request.form.get("action") == "check" and not faults:
        return redirect(url_for("courses.hand_in", activity_id=activity_id), 303)
    if not faults:
        flash(_("Saved. Your teacher does not see it before you hand it in."), "success")
    return redirect(url_for("courses.activity", activity_id=activity_id, _anchor="work"), 303)


def _save_text(access: ActivityAccess, form: WorkForm) -> None:
    if TEXT in access.the_activity.accepts and form.text.data is not None:
        work.save_draft(actor=actor(), access=access, text=form.typed, seen=form.seen, tab=form.tab.data or "")


def _two_texts(access: ActivityAccess, form: WorkForm) -> Response:
    """Another tab saved something else: both texts, and the next saving replaces the other one knowingly."""
    shown = _own_work(access)
    theirs, current = shown["form"].text.data, shown["form"].version.data
    form.version.data, form.version.raw_data = current, None
    lost = [file.filename for file in request.files.getlist("files") if file.filename]
    return show(access, status=409, form=form, theirs=theirs, lost=lost)


def _save_files(access: ActivityAccess) -> list[str]:
    """Keep each file that can be kept; a sentence for each that cannot."""
    if FILES not in access.the_activity.accepts:
        return []
    faults = []
    for upload in request.files.getlist("files"):
        if not upload.filename:
            continue
        try:
            _save_file(access, upload)
        except Invalid as invalid:
            faults += [str(sentence) for sentence in invalid.errors.values()]
    return faults


def _save_file(access: ActivityAccess, upload: FileStorage) -> None:
    name = upload.filename or ""
    stored = keep_upload(upload.stream, name, limit=work.MAX_FILE_BYTES, field="files")  # type: ignore[arg-type]  # werkzeug's IO[bytes] is a BinaryIO
    work.add_file(actor=actor(), access=access, stored=stored, name=name, media_type=upload.mimetype)


@blueprint.post("/activities/<int:activity_id>/draft")
def save_draft(activity_id: int) -> Any:
    """The text as it is being typed (JSON: text, version, tab); answers the new version."""
    access = _assignment_to_do(activity_id)
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("text"), str) or TEXT not in access.the_activity.accepts:
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
        flash(_("There is nothing to hand in yet: write something or add a file."), "danger")
        return redirect(url_for("courses.activity", activity_id=access.the_activity.id, _anchor="work"), 303)
    if not shown["can_work"]:
        raise Conflict(_("This work has a grade already, so it can no longer change."))
    text = shown["form"].text.data
    return page(
        "assignments/hand_in",
        status=status,
        course=access.course,
        activity=access.the_activity,
        text=text,
        outdated=outdated,
        **{name: shown[name] for name in ("submission", "files")},
    )


@blueprint.get("/files/<int:file_id>")
def file(file_id: int) -> Any:
    """A file as a download, never shown in the page: whatever is inside cannot act as this site."""
    found = get_or_none(SubmissionFile, file_id)
    if found is None or not _may_read(found):
        raise NotFound
    return attachment(found.key, found.name, found.size)


def _may_read(found: SubmissionFile) -> bool:
    submission = found.submission
    if submission.identity_id != actor().identity_id and not found.handed_in:
        return False
    access = work_access(actor(), submission.activity_id, submission.identity_id)
    return access is not None and allows(actor(), "work.see", access)
