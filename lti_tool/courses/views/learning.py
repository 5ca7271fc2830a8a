"""Screens of the course itself: its home, and its activities, each as its kind shows it."""

from __future__ import annotations

from typing import Any

from lti_tool.courses.kinds import kind_of
from lti_tool.courses.partners import notice
from lti_tool.courses.queries.courses import activities_for
from lti_tool.courses.queries.scales import scales_to_answer
from lti_tool.courses.views.base import activity_for, actor, blueprint, course_for, page


@blueprint.get("/<int:course_id>")
def course(course_id: int) -> Any:
    access = course_for("course.see", course_id)
    waiting = scales_to_answer(access) if access.hosts or access.teaching else []
    rows = activities_for(actor(), access)
    return page(
        "course",
        access=access,
        course=access.course,
        rows=rows,
        scales_to_answer=waiting,
        agreement_notice=notice(access.course, actor().organization_id) if access.teaching else None,
    )


@blueprint.get("/activities/<int:activity_id>")
def activity(activity_id: int) -> Any:
    access = activity_for("activity.see", activity_id)
    return kind_of(access.the_activity).show(access)
