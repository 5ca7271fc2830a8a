"""Screens of grading: what is to be graded, one pupil's work, and the gradebook with each grade's way home."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import escape

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import Access, ActivityAccess, WorkAccess
from lti_tool.courses.assignments.queries import hidden_from, hides_names, numbers_of, waiting_marks
from lti_tool.courses.forms import GradeForm
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.gradebook.queries import changes_of, excuse_of
from lti_tool.courses.kinds import kind_of
from lti_tool.courses.models import Activity, Grade, Participation
from lti_tool.courses.operations.grading import give_grade
from lti_tool.courses.queries.comparison import classes_of, comparison_of
from lti_tool.courses.queries.gradebook import delivery_of, failed, gradebook
from lti_tool.courses.queries.narrowing import Sight, Wanted
from lti_tool.courses.queries.scales import agreed_treaty
from lti_tool.courses.queries.work import FILTERS, TO_GRADE, next_to_grade, work_of, works
from lti_tool.courses.staff.models import GRADE
from lti_tool.courses.views.base import (
    activity_for,
    actor,
    blueprint,
    course_for,
    form_status,
    handle_of,
    name_of,
    page,
    page_number,
    work_address,
    work_for,
    work_name,
)
from lti_tool.courses.wording import cell_states, way_of_change
from lti_tool.grades.operations import retry_scores
from lti_tool.grades.queries import OnTheWay, on_the_way
from lti_tool.grades.scales import Scale
from lti_tool.grades.wording import explain_delivery, state_name
from lti_tool.people.models import Identity
from lti_tool.people.names import display_name

blueprint.add_app_template_global(explain_delivery, "explain_delivery")
blueprint.add_app_template_global(state_name, "delivery_name")
blueprint.add_app_template_global(way_of_change, "way_of_change")


@blueprint.app_template_global()
def teacher_name(identity: Identity) -> str:
    """What the reader may call a teacher of the host."""
    return display_name(actor(), identity, teacher=True)


@blueprint.app_template_global()
def own_excuse(access: ActivityAccess) -> Excuse | None:
    """Why the pupil who reads the page need not do what is on it."""
    learner = actor().identity_id if access.learns and not access.hosts else None
    return excuse_of(access.the_activity, learner) if learner else None


@blueprint.get("/activities/<int:activity_id>/works")
def submissions(activity_id: int) -> Any:
    """What the pupils of all schools handed in for one assignment."""
    access = activity_for("course.see_works", activity_id)
    if not kind_of(access.the_activity).works:
        raise NotFound
    state = request.args.get("state", TO_GRADE)
    state = state if state in FILTERS else TO_GRADE
    school = request.args.get("school", type=as_key)
    can_grade = allows(actor(), "course.grade", access)
    hidden = hides_names(access, access.the_activity)
    school = None if hidden else school
    found = works(
        access.the_activity,
        school=school,
        state=state,
        page=page_number(),
        participations=access.seen_classes,
        without_names=hidden,
        grades=can_grade,
    )
    shown: dict[str, Any] = {"access": access, "course": access.course, "activity": access.the_activity}
    contexts = None if access.seen_classes is None else [one.context_id for one in access.seen_classes]
    missing = sum(on_the_way([access.the_activity.resource_id], contexts).values(), OnTheWay())
    shown["numbers"] = (
        numbers_of(access.the_activity.id, [row.pupil.identity.id for row in found.rows]) if hidden else {}
    )
    shown["waiting"] = waiting_marks(access.the_activity.id)
    shown["can_edit"] = allows(actor(), "course.edit", access)
    return page("submissions", found=found, state=state, school=school, on_the_way=missing, hidden=hidden, **shown)


@blueprint.get("/activities/<int:activity_id>/works/<int(signed=True):identity_id>")
def work(activity_id: int, identity_id: int) -> Any:
    """One pupil's work: graded by the host, read by the pupil's own teacher."""
    access = work_for("work.review", activity_id, identity_id)
    return work_page(access, _form(access))


@blueprint.post("/activities/<int:activity_id>/works/<int(signed=True):identity_id>")
def grade(activity_id: int, identity_id: int) -> Any:
    """Give or change a grade."""
    access = work_for("course.grade", activity_id, identity_id)
    answer = kind_of(access.the_activity).grade
    if answer is not None:
        return answer(access)
    form = GradeForm()
    if not form.validate() or form.points.data is None:
        return work_page(access, form)
    try:
        give_grade(
            actor=actor(),
            activity=access.the_activity,
            pupil=access.the_pupil,
            points=form.points.data,
            comment=form.comment.data,
            seen=form.seen,
        )
    except Outdated:
        return _two_grades(access, form)
    except Invalid as fault:
        form.points.errors = [*form.points.errors, *fault.errors.values()]
        return work_page(access, form)
    flash(_("The grade is saved and on its way to the school's gradebook."), "success")
    return redirect(after_grading(access), 303)


def after_grading(access: WorkAccess) -> str:
    """The next work that waits, when that was asked for and there is one."""
    identity_id = access.the_pupil.identity.id
    following = _following(access, identity_id) if request.form.get("next") else None
    if following is None and request.form.get("next"):
        return url_for("courses.submissions", activity_id=access.the_activity.id)
    return work_address(access, following or identity_id)


def _form(access: WorkAccess) -> GradeForm:
    found = work_of(access.the_activity, access.the_pupil.identity.id, grades=False)
    given = found.grade if found else None
    if given is None:
        return GradeForm(formdata=None)
    return GradeForm(formdata=None, data={"points": given.points, "comment": given.comment, "version": given.version})


def _two_grades(access: WorkAccess, form: GradeForm) -> Any:
    """Somebody graded meanwhile: both are shown, and the next saving replaces the other one knowingly."""
    found = work_of(access.the_activity, access.the_pupil.identity.id, grades=True)
    assert found is not None
    assert found.grade is not None
    form.now_from(found.grade.version)
    return work_page(access, form, status=409, theirs=found.grade)


def work_page(access: WorkAccess, form: Any, *, status: int | None = None, **more: Any) -> Any:
    """One pupil's work, with the form to grade it; `more` goes to the template."""
    activity, pupil_id = access.the_activity, access.the_pupil.identity.id
    can_grade = allows(actor(), "course.grade", access)
    found = work_of(activity, pupil_id, grades=can_grade)
    assert found is not None
    kind, handle = kind_of(activity), handle_of(access, pupil_id)
    shown = {"access": access, "course": access.course, "activity": access.the_activity, "pupil": access.the_pupil}
    shown |= kind.review(access, found)
    return page(
        "work",
        status=status or form_status(form),
        work=found,
        kind=kind,
        form=form,
        can_grade=can_grade,
        delivery=delivery_of(found.grade, activity) if found.grade else None,
        changes=changes_of(activity, pupil_id, held=can_grade),
        excuse=None if found.grade or handle < 0 else excuse_of(activity, pupil_id),
        scale=_scale(found.grade, access),
        who=work_name(access.the_pupil, access),
        handle=handle,
        following=_following(access, pupil_id),
        **shown | more,
    )


def _following(access: WorkAccess, identity_id: int) -> int | None:
    """The next work that waits, for who may grade it."""
    if not (access.hosts or access.tutor == GRADE):
        return None
    hidden = hides_names(access, access.the_activity)
    return next_to_grade(
        access.the_activity, after=identity_id, participations=access.seen_classes, without_names=hidden
    )


def _scale(given: Grade | None, access: WorkAccess) -> Scale | None:
    """What the points are converted to where this grade counts."""
    treaty = agreed_treaty(given.participation_id if given else access.the_pupil.participation.id)
    return treaty.scale if treaty else None


@blueprint.get("/<int:course_id>/gradebook")
def grades(course_id: int) -> Any:
    """Everybody's grades for the host; the own class's for its teacher."""
    access = course_for("course.see_grades", course_id)
    sight = sight_of(access)
    book = gradebook(access.course, access.seen_classes, wanted_of(), lambda pupil: name_of(pupil, access), sight)
    classes = access.seen_classes if access.seen_classes is not None else classes_of(access.course)
    schools = {one.context.registration.organization for one in classes}
    asked = {name: request.args[name] for name in ASKED if request.args.get(name)}
    return page(
        "gradebook",
        access=access,
        course=access.course,
        book=book,
        asked=asked,
        schools=sorted(schools, key=lambda one: one.name),
        states=cell_states(marks=sight.marks),
        columns=[_column(one, sight) for one in book.activities],
        can_grade=sight.marks,
        hidden=sight.nameless,
        comparison=comparison_of(access.course, classes if access.hosts else access.teaching, book.all_activities),
    )


class Column(NamedTuple):
    """What all cells of a column share; addresses but for the pupil's number at their end: made once, not in each cell."""

    title: Any
    work: str
    entry: str
    """Where points typed into a cell go; empty: nobody may type there."""


def _column(activity: Activity, sight: Sight) -> Column:
    ends = ("courses.work", "courses.cell")
    work, entry = (url_for(end, activity_id=activity.id, identity_id=0)[:-1] for end in ends)
    typed = sight.marks and activity.deleted_at is None and activity.id not in sight.nameless
    return Column(escape(activity.title), work, entry if typed else "")


def sight_of(access: Access) -> Sight:
    """What the viewer may know of the course's cells beside what pupils were told."""
    return Sight(frozenset(hidden_from(access)), allows(actor(), "course.grade", access))


ASKED = ("school", "state", "search", "unit")
"""What the gradebook can be narrowed by."""


def wanted_of() -> Wanted:
    """What of the gradebook the address asks for."""
    ask = request.args
    return Wanted(
        school=ask.get("school", type=as_key),
        state=ask.get("state", ""),
        search=ask.get("search", "")[:100].strip(),
        unit=ask.get("unit", type=as_key),
        page=page_number(),
        columns=max(1, min(ask.get("columns", 1, type=int), 10**6)),
    )


@blueprint.post("/<int:course_id>/gradebook/retry")
def retry(course_id: int) -> Any:
    """Send what was refused or is on hold once more: one grade, those of an activity or a class, or all of them."""
    access = course_for("course.send_grades", course_id)
    wanted, activity, context = (request.form.get(name, type=as_key) for name in ("score", "activity", "context"))
    mine = failed(access.course, _own(access), context_id=context, activity_id=activity)
    count = retry_scores(actor=actor(), score_ids=[one for one in mine if wanted in (None, one)])
    flash(ngettext("%(num)d grade is sent once more.", "%(num)d grades are sent once more.", count), "success")
    return redirect(url_for("courses.grades", course_id=course_id, page=request.args.get("page")), 303)


def _own(access: Access) -> Collection[Participation] | None:
    """None: all of them."""
    return None if access.hosts else access.teaching
