"""Screens of the gradebook as a place to work in: a cell by keyboard, a column at once, files to take along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from lti_tool.core.db import as_key, get_or_none
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.versions import Outdated
from lti_tool.core.web import download
from lti_tool.courses.access import ActivityAccess, WorkAccess
from lti_tool.courses.assignments.operations.together import Place
from lti_tool.courses.assignments.queries import hides_names
from lti_tool.courses.forms import GradeForm, show_points
from lti_tool.courses.gradebook import operations
from lti_tool.courses.gradebook.export import table_of_grades
from lti_tool.courses.gradebook.files import csv_of, xlsx_of
from lti_tool.courses.gradebook.forms import COMMENT, EXCUSE, GRADE, TICKED, TogetherForm
from lti_tool.courses.gradebook.models import GradeBatch
from lti_tool.courses.gradebook.queries import STATES, UNGRADED, Line, column, open_batches
from lti_tool.courses.operations.grading import check_points
from lti_tool.courses.queries.gradebook import rows_of
from lti_tool.courses.queries.narrowing import Sight
from lti_tool.courses.queries.work import schools_in, work_of
from lti_tool.courses.views.base import (
    activity_for,
    actor,
    blueprint,
    course_for,
    name_of,
    page,
    page_number,
    work_for,
)
from lti_tool.courses.views.grading import sight_of, wanted_of

LINES_SHOWN = 100
"""Pupils of one page to tick."""


@blueprint.post("/activities/<int:activity_id>/cells/<int:identity_id>")
def cell(activity_id: int, identity_id: int) -> Any:
    """Points typed into a cell: answered with the cell as it is now, and a sentence."""
    access = work_for("course.grade", activity_id, identity_id)
    form = GradeForm()
    if not form.validate() or form.points.data is None:
        return _cell(access, 422, str(next(iter(form.points.errors), _("Write the points first."))))
    try:
        operations.type_points(
            actor=actor(),
            activity=access.the_activity,
            pupil=access.the_pupil,
            points=form.points.data,
            seen=form.seen,
        )
    except Outdated:
        return _cell(access, 409, _("Someone graded this meanwhile; the cell shows their grade. Type yours again."))
    except Invalid as fault:
        return _cell(access, 422, str(next(iter(fault.errors.values()))))
    return _cell(access, 200, _saved(access))


def _saved(access: WorkAccess) -> str:
    """What became of the points typed."""
    found = work_of(access.the_activity, access.the_pupil.identity.id, grades=True)
    assert found is not None
    mark, grade = found.mark, found.grade
    points = mark.final if mark else grade.points if grade else 0.0
    said = [_("Saved: %(name)s, %(points)s", name=name_of(access.the_pupil, access), points=show_points(points))]
    if mark is not None and mark.deduction:
        said.append(_("%(points)s taken off for being late", points=show_points(mark.deduction)))
    if mark is not None and mark.released_at is None:
        said.append(_("nobody is told before the grades are released"))
    return "; ".join(said)


def _cell(access: WorkAccess, status: int, said: str) -> Any:
    rows, faces = rows_of([access.the_activity], [access.the_pupil], Sight(marks=True))
    (shown,) = rows[0].cells
    html = render_template("courses/gradebook/one_cell.html", access=access, face=faces[shown.face])
    return jsonify(cell=html, version=shown.version, said=said), status


@blueprint.get("/activities/<int:activity_id>/together")
def together(activity_id: int) -> Any:
    """One answer for many cells of a column."""
    access = _graded("course.grade", activity_id)
    return _page(access, TogetherForm(formdata=None))


@blueprint.post("/activities/<int:activity_id>/together")
def answer_together(activity_id: int) -> Any:
    """First shows how many it is for, then does it."""
    access = _graded("course.grade", activity_id)
    form = TogetherForm()
    shown = _lines(access)
    lines = _chosen(access, shown, form)
    form.offer(len(shown), names=not hides_names(access, access.the_activity))
    if not form.validate():
        return _page(access, form)
    if not lines:
        flash(_("Nobody was chosen. Tick pupils in the list, or choose all that the filter shows."), "warning")
        return _page(access, form, status=422)
    touched = _touched(form.act.data, lines)
    if request.form.get("sure", type=int) != len(touched):
        try:
            _check(access, form)
        except Invalid as fault:
            return _page(access, _with_faults(form, fault))
        return _page(access, form, preview=touched, chosen=len(lines))
    try:
        _act(access, form, [Place(line.pupil.identity.id, line.participation_id) for line in touched])
    except Invalid as fault:
        return _page(access, _with_faults(form, fault))
    return redirect(url_for("courses.together", activity_id=activity_id, **_filter()), 303)


@blueprint.post("/activities/<int:activity_id>/together/<int:batch_id>/undo")
def undo_together(activity_id: int, batch_id: int) -> Any:
    """Take back what was given to many a moment ago."""
    access = _graded("course.grade", activity_id)
    batch = get_or_none(GradeBatch, batch_id)
    if batch is None or batch.activity_id != activity_id or _only_own(access) not in (None, batch.by_id):
        raise NotFound
    count = operations.undo_batch(actor=actor(), batch=batch)
    flash(ngettext("%(num)d grade is taken back.", "%(num)d grades are taken back.", count), "success")
    return redirect(url_for("courses.together", activity_id=activity_id), 303)


@blueprint.get("/<int:course_id>/gradebook/grades.<any(csv, xlsx):spreadsheet>")
def grades_file(course_id: int, spreadsheet: str) -> Response:
    """All grades that the filter shows, for a spreadsheet; names as the viewer may read them."""
    access = course_for("course.see_grades", course_id)
    sight = sight_of(access)
    rows = table_of_grades(access.course, access.seen_classes, wanted_of(), lambda pupil: name_of(pupil, access), sight)
    if spreadsheet == "xlsx":
        media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        return download(xlsx_of(rows, name=_("Grades")), f"{_('grades')}-{course_id}.xlsx", media_type)
    delimiter, point = (
        (";", ",") if str(get_locale()) == "ru" else (",", ".")
    )  # as spreadsheets of that language read it
    return download(
        csv_of(rows, delimiter=delimiter, point=point), f"{_('grades')}-{course_id}.csv", "text/csv; charset=utf-8"
    )


def _graded(verb: str, activity_id: int) -> ActivityAccess:
    access = activity_for(verb, activity_id)
    if access.the_activity.points is None:
        raise NotFound
    return access


def _only_own(access: ActivityAccess) -> int | None:
    """Whose answers for many the actor may take back: a tutor the own ones, a teacher of the host all of them (None)."""
    return None if access.hosts else actor().identity_id


def _filter() -> dict[str, Any]:
    state = request.args.get("state", UNGRADED)
    return {"school": request.args.get("school", type=as_key), "state": state if state in STATES else UNGRADED}


def _lines(access: ActivityAccess) -> list[Line]:
    hidden = hides_names(access, access.the_activity)
    return column(access.the_activity, access.seen_classes, **_filter(), without_names=hidden)


def _handle(line: Line, *, hidden: bool) -> int:
    """What stands for the pupil in the form: the work's number while names are hidden."""
    return line.number or 0 if hidden else line.pupil.identity.id


def _ticked() -> set[int]:
    return set(request.form.getlist("pupil", type=as_key))


def _chosen(access: ActivityAccess, lines: list[Line], form: TogetherForm) -> list[Line]:
    if form.scope.data != TICKED:
        return lines
    ticked, hidden = _ticked(), hides_names(access, access.the_activity)
    return [line for line in lines if _handle(line, hidden=hidden) in ticked]


def _touched(act: str, lines: Sequence[Line]) -> list[Line]:
    """For whom it changes something."""
    if act == GRADE:
        return [line for line in lines if line.points is None and not line.excused]
    if act == COMMENT:
        return [line for line in lines if line.points is not None]
    if act == EXCUSE:
        return [line for line in lines if line.points is None and not line.excused]
    return [line for line in lines if line.excused]


def _check(access: ActivityAccess, form: TogetherForm) -> None:
    if form.act.data == GRADE:
        if form.points.data is None:
            raise Invalid({"points": _("Write the points first.")})
        check_points(access.the_activity, form.points.data)
    if form.act.data == COMMENT and not form.comment.data:
        raise Invalid({"comment": _("Write the comment first.")})


def _with_faults(form: TogetherForm, fault: Invalid) -> TogetherForm:
    for name, sentence in fault.errors.items():
        form[name].errors = [*form[name].errors, sentence]
    return form


def _act(access: ActivityAccess, form: TogetherForm, places: list[Place]) -> None:
    _check(access, form)
    common: dict[str, Any] = {"actor": actor(), "activity": access.the_activity, "places": places}
    if form.act.data == GRADE and form.points.data is not None:
        batch = operations.grade_many(**common, points=form.points.data, comment=form.comment.data)
        count = batch.count if batch else 0
        told = ngettext("%(num)d pupil got the grade.", "%(num)d pupils got the grade.", count)
    elif form.act.data == COMMENT:
        count = operations.comment_many(**common, comment=form.comment.data)
        told = ngettext("%(num)d pupil got the comment.", "%(num)d pupils got the comment.", count)
    elif form.act.data == EXCUSE:
        count = operations.excuse_many(**common, reason=form.reason.data)
        told = ngettext("%(num)d pupil is excused.", "%(num)d pupils are excused.", count)
    else:
        count = operations.end_excuses(**common)
        told = ngettext("%(num)d excuse is over.", "%(num)d excuses are over.", count)
    flash(told, "success")


def _page(access: ActivityAccess, form: TogetherForm, *, status: int | None = None, **more: Any) -> Any:
    lines, number = _lines(access), page_number()
    pages = max(1, -(-len(lines) // LINES_SHOWN))
    number = min(number, pages)
    hidden = hides_names(access, access.the_activity)
    form.offer(len(lines), names=not hidden)
    return page(
        "gradebook/together",
        status=status or (422 if form.errors else 200),
        access=access,
        course=access.course,
        activity=access.the_activity,
        form=form,
        lines=lines[(number - 1) * LINES_SHOWN : number * LINES_SHOWN],
        ticked=_ticked(),
        hidden=hidden,
        held=operations.holds_back(access.the_activity),
        number=number,
        pages_in_all=pages,
        asked=_filter(),
        schools=schools_in(access.course.id) if access.seen_classes is None and not hidden else (),
        batches=open_batches(access.the_activity, by_id=_only_own(access)),
        **more,
    )
