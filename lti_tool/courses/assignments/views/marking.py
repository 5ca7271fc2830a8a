"""Screens of grading an assignment: the mark, feedback, returning, releasing, the rubric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import ActivityAccess, WorkAccess, work_access
from lti_tool.courses.assignments import rubrics
from lti_tool.courses.assignments.forms import MarkForm, read_levels, read_rubric
from lti_tool.courses.assignments.lateness import Deduction
from lti_tool.courses.assignments.models import Assignment, FeedbackFile, Mark
from lti_tool.courses.assignments.operations import feedback as giving
from lti_tool.courses.assignments.operations import marking
from lti_tool.courses.assignments.operations.releasing import release
from lti_tool.courses.assignments.queries import (
    dates_for,
    feedback_files,
    mark_of,
    record_of,
    told,
    versions_of,
    work_record,
)
from lti_tool.courses.assignments.rubrics import Criterion
from lti_tool.courses.assignments.settings import assignment_of
from lti_tool.courses.assignments.views.shown import shown_version
from lti_tool.courses.models import ASSIGNMENT, Submission
from lti_tool.courses.queries.work import Work, neighbours
from lti_tool.courses.views.base import activity_for, actor, blueprint, handle_of, page, work_address, work_for
from lti_tool.courses.views.grading import after_grading, work_page
from lti_tool.files.forms import accept_files, take_picked
from lti_tool.files.views import serve

accept_files(blueprint, {"courses.feedback": giving.FEEDBACK_FILES})


def review(access: WorkAccess, found: Work) -> Mapping[str, Any]:
    """What the page of a reviewer needs beyond the work; who does not grade sees only what has been told."""
    activity, pupil = access.the_activity, access.the_pupil
    assignment, submission = assignment_of(activity), found.submission
    grades = allows(actor(), "course.grade", access)
    record = work_record(submission.id) if submission else None
    readable = grades or told(found.mark, record)
    handle = handle_of(access, pupil.identity.id)
    counts_in = submission.participation_id if submission else pupil.participation.id
    versions = versions_of(submission) if submission else []
    chosen = request.args.get("version", type=int)
    version = next((each for each in versions if each.number == chosen), versions[0] if versions else None)
    shown = shown_version(submission, version, handle) if submission and version else None
    if shown is not None and not readable:
        shown |= {"comments": [], "pieces": []}
    before, after = _beside(access, submission, without_names=handle < 0) if grades else ("", "")
    return {
        "assignment": assignment,
        "mark": found.mark,
        "record": record,
        "versions": versions,
        "shown": shown,
        "given_files": feedback_files(activity.id, pupil.identity.id) if readable else [],
        "names_hidden": handle < 0,
        "feedback_rules": giving.FEEDBACK_FILES,
        "dates": dates_for(assignment, activity, pupil.identity.id, counts_in),
        "before": before,
        "after": after,
        "late": _late(access, assignment, found) if handle > 0 else Deduction(),
        "mark_form": mark_form(found.mark) if grades else None,
    }


def _beside(access: WorkAccess, submission: Submission | None, *, without_names: bool) -> tuple[str, str]:
    """Addresses of the works before and after this one, of those that the actor grades."""
    found = neighbours(access.the_activity, submission, participations=access.seen_classes, without_names=without_names)
    before, after = (work_address(access, one) if one else "" for one in found)
    return before, after


def _late(access: WorkAccess, assignment: Assignment, found: Work) -> Any:
    """Percent that would be taken off, for the form to say so. Beside a number it would tell who has more time."""
    return marking.late_deduction(assignment, access.the_activity, access.the_pupil, found.submission, 100.0)


def mark_form(mark: Mark | None) -> MarkForm:
    """The form as it is opened."""
    if mark is None:
        return MarkForm(formdata=None)
    by_rubric = mark.reckoned is not None and mark.points == mark.reckoned
    points = None if by_rubric else mark.points
    return MarkForm(
        formdata=None,
        data={"points": points, "reason": mark.reason, "comment": mark.comment, "version": mark.version},
    )


def grade(access: WorkAccess) -> Any:
    """Give or change a mark."""
    form = MarkForm()
    if not form.validate():
        return work_page(access, form, mark_form=form)
    try:
        given = _give(access, form)
    except Outdated:
        mark = mark_of(access.the_activity.id, access.the_pupil.identity.id)
        form.now_from(mark.version if mark else 0)
        return work_page(access, form, status=409, mark_form=form, theirs=mark)
    except Invalid as fault:
        known = {name: sentence for name, sentence in fault.errors.items() if name in form}
        for name, sentence in known.items():
            form[name].errors = [*form[name].errors, sentence]
        rest = [sentence for name, sentence in fault.errors.items() if name not in form]
        form.form_errors = [*form.form_errors, *rest]
        return work_page(access, form, status=422, mark_form=form)
    if given is None:
        flash(_("The mark is saved. Nobody is told before you release the grades."), "success")
    else:
        flash(_("The grade is saved and on its way to the school's gradebook."), "success")
    return redirect(after_grading(access), 303)


def _give(access: WorkAccess, form: MarkForm) -> Any:
    assignment = assignment_of(access.the_activity)
    reached = None
    if assignment.rubric is not None and form.rubric.data:
        if form.rubric.data != str(assignment.rubric.id):
            raise Outdated
        levels = read_levels(request.form, len(assignment.rubric.criteria))
        reached = marking.Reached(assignment.rubric, levels)
    return marking.give_mark(
        actor=actor(),
        activity=access.the_activity,
        pupil=access.the_pupil,
        points=form.points.data,
        comment=form.comment.data,
        seen=form.seen,
        reached=reached,
        reason=form.reason.data,
    )


@blueprint.post("/activities/<int:activity_id>/works/<int(signed=True):identity_id>/feedback")
def feedback(activity_id: int, identity_id: int) -> Any:
    """Comment on a passage, give a file, return the work to be improved; and take these back."""
    access = work_for("course.grade", activity_id, identity_id)
    if access.the_activity.kind != ASSIGNMENT:
        raise NotFound
    try:
        _do_feedback(access, request.form.get("action", ""))
    except Invalid as fault:
        shown = mark_form(mark_of(access.the_activity.id, access.the_pupil.identity.id))
        return work_page(access, shown, status=422, feedback_fault=fault.errors, sent=request.form)
    where = work_address(access, access.the_pupil.identity.id, version=request.form.get("shown_version") or None)
    return redirect(where, 303)


def _do_feedback(access: WorkAccess, action: str) -> None:
    sent: dict[str, Any] = {"actor": actor(), "access": access}
    number = request.form.get("id", 0, type=as_key)
    if action == "passage":
        quote, text = (request.form.get(name, "") for name in ("quote", "text"))
        start = request.form.get("start", -1, type=int)
        giving.note_passage(**sent, version_id=number, quote=quote, start=start, text=text)
    elif action == "forget":
        giving.forget_passage(**sent, comment_id=number)
    elif action == "files":
        of = request.form.get("of", type=as_key)
        field = "files" if of is None else f"of-{of}"
        files = take_picked(actor(), purpose=giving.FEEDBACK, rules=giving.FEEDBACK_FILES, field=field)
        giving.give_files(**sent, files=files, of_file_id=of)
    elif action == "take":
        giving.take_file_back(**sent, feedback_id=number)
    elif action == "return":
        marking.return_work(**sent, why=request.form.get("why", ""))
        flash(_("The work is returned; the pupil reads your comment and can hand in again."), "success")
    else:
        raise NotFound


@blueprint.get("/feedback/<int:file_id>")
def feedback_file(file_id: int) -> Any:
    """A file that a teacher gave; for the pupil and the teacher at home once it is told."""
    found = get_or_none(FeedbackFile, file_id)
    access = work_access(actor(), found.activity_id, found.identity_id) if found else None
    if found is None or access is None or not allows(actor(), "work.see", access):
        raise NotFound
    record = record_of(found.activity_id, found.identity_id)
    if not allows(actor(), "course.grade", access) and not told(mark_of(found.activity_id, found.identity_id), record):
        raise NotFound
    return serve(found.file)


@blueprint.post("/activities/<int:activity_id>/release")
def release_grades(activity_id: int) -> Any:
    """All grades at once."""
    access = _assignment("course.edit", activity_id)
    count = release(actor=actor(), activity=access.the_activity)
    told = ngettext("%(num)d grade is released and on its way.", "%(num)d grades are released and on their way.", count)
    flash(told if count else _("The grades are released already."), "success")
    return redirect(url_for("courses.submissions", activity_id=activity_id, state="graded"), 303)


def _assignment(verb: str, activity_id: int) -> ActivityAccess:
    access = activity_for(verb, activity_id)
    if access.the_activity.kind != ASSIGNMENT:
        raise NotFound
    return access


@blueprint.route("/activities/<int:activity_id>/rubric", methods=["GET", "POST"])
def rubric(activity_id: int) -> Any:
    """Criteria and levels."""
    access = _assignment("course.edit", activity_id)
    current = assignment_of(access.the_activity).rubric
    if request.method == "GET":
        shown = rubrics.read(current.criteria) if current else ()
        return _rubric_page(access, shown, current.number if current else 0)
    criteria, faults = read_rubric(request.form)
    seen = request.form.get("number", 0, type=int)
    if request.form.get("action") == "more":
        return _rubric_page(access, criteria, seen)
    if not faults:
        try:
            marking.save_rubric(actor=actor(), activity=access.the_activity, criteria=criteria, seen=seen)
        except Outdated:
            return _rubric_page(access, criteria, current.number if current else 0, status=409, theirs=current)
        except Invalid as fault:
            faults = [str(sentence) for sentence in fault.errors.values()]
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("courses.activity", activity_id=activity_id), 303)
    return _rubric_page(access, criteria, seen, status=422, faults=faults)


def _rubric_page(access: ActivityAccess, criteria: Any, number: int, *, status: int = 200, **more: Any) -> Any:
    """With one empty criterion, and one empty level in each."""
    rows = [(each, [*each.levels, None]) for each in criteria]
    rows.append((Criterion("", ()), [None, None, None]))
    shown = {"course": access.course, "activity": access.the_activity, "rows": rows, "number": number}
    return page("assignments/rubric", status=status, **shown, **more)
