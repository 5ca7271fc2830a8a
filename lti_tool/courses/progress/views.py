"""Screens of progress: a pupil's own course, pupils beside the average, schools in numbers, early warning."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l

from lti_tool.core.db import as_key, utcnow
from lti_tool.core.i18n import current_time_zone
from lti_tool.courses.access import Access
from lti_tool.courses.assignments.queries import hidden_from
from lti_tool.courses.certificates.queries import is_offered
from lti_tool.courses.progress import warning
from lti_tool.courses.progress.mine import my_course
from lti_tool.courses.progress.pictures import share_bar
from lti_tool.courses.progress.queries import (
    MINIMUM,
    by_activity,
    by_school,
    figures_of,
    pupils_of,
)
from lti_tool.courses.progress.standings import counted_ids
from lti_tool.courses.queries.work import schools_in
from lti_tool.courses.views.base import actor, blueprint, course_for, page, page_number

RULE_NAMES = {
    warning.NOT_STARTED: _l("not started"),
    warning.OVERDUE: _l("overdue"),
    warning.FALLING: _l("points are falling"),
    warning.ABSENT: _l("absent"),
}
blueprint.add_app_template_global(share_bar, "share_bar")


@blueprint.get("/<int:course_id>/progress")
def progress(course_id: int) -> Any:
    """A pupil's own; the own pupils' for a home teacher; schools and activities in numbers for the host."""
    access = course_for("course.see", course_id)
    if access.seen_classes is None:
        return _all_schools(access)
    if access.teaching or access.tutor:
        return pupils_progress(course_id)
    mine = my_course(actor(), access, utcnow(), set(counted_ids(course_id)))
    return page(
        "progress/mine",
        access=access,
        course=access.course,
        mine=mine,
        zone=current_time_zone(),
        offers_certificate=is_offered(course_id),
    )


def _all_schools(access: Access) -> Any:
    hidden = hidden_from(access)
    ids = counted_ids(access.course.id, hidden)
    schools = by_school(access.course.id, ids, hidden=hidden)
    return page(
        "progress/schools",
        access=access,
        course=access.course,
        schools=schools,
        pupils=sum(one.figures.pupils for one in schools),
        activities=by_activity(access.course.id, ids),
        hidden=hidden,
    )


@blueprint.get("/<int:course_id>/progress/pupils")
def pupils_progress(course_id: int) -> Any:
    """Pupils whose grades the actor sees; for a home teacher beside the course average."""
    access = course_for("course.see_grades", course_id)
    school, hidden = _school(access), hidden_from(access)
    ids = counted_ids(course_id, hidden)
    classes = [one.id for one in access.seen_classes or ()]
    own, kin, foreign = figures_of(course_id, ids, classes, actor().organization_id, hidden=hidden)
    return page(
        "progress/pupils",
        access=access,
        course=access.course,
        found=pupils_of(access.course, ids, access.seen_classes, page_number(), school, hidden=hidden),
        activities=len(ids),
        own=own,
        average=own + kin + foreign,
        tells_done=access.seen_classes is None or foreign.tells_done,
        tells_points=access.seen_classes is None or foreign.tells_points,
        minimum=MINIMUM,
        hidden=hidden,
        **_choice(access, school),
    )


@blueprint.get("/<int:course_id>/progress/warnings")
def early_warning(course_id: int) -> Any:
    """Pupils who may need help, and why."""
    access = course_for("course.see_grades", course_id)
    school, rule = _school(access), request.args.get("rule", "")
    rule = rule if rule in warning.RULES else ""
    hidden = hidden_from(access)
    ids = counted_ids(course_id, hidden)
    found = warning.warnings_of(
        access.course, ids, access.seen_classes, page_number(), rule=rule, school=school, hidden=hidden
    )
    return page(
        "progress/warnings",
        access=access,
        course=access.course,
        found=found,
        rule=rule,
        rule_names=RULE_NAMES,
        activities=len(ids),
        limits=warning,
        hidden=hidden,
        **_choice(access, school),
    )


def _school(access: Access) -> int | None:
    return request.args.get("school", type=as_key) if access.seen_classes is None else None


def _choice(access: Access, school: int | None) -> dict[str, Any]:
    schools = schools_in(access.course.id) if access.seen_classes is None else []
    return {"schools": schools, "school": school}
