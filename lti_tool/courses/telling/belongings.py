"""What is held of visits, and for how long."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from lti_tool.courses.models import SharedCourse
from lti_tool.courses.telling.models import CourseVisit
from lti_tool.people.belongings.registry import holds
from lti_tool.people.models import Identity
from lti_tool.people.retention.registry import Period, keep
from lti_tool.platforms.models import Registration

VISITS = Period("visits", _l("When people were in a shared course last"), _l("since then"), days=365, least=30)


def register() -> None:
    """Tell what is held."""
    title = select(SharedCourse.title).where(SharedCourse.id == CourseVisit.course_id).scalar_subquery()
    holds(
        CourseVisit.identity_id,
        _l("Last visits to shared courses"),
        told=select(title.label("course"), CourseVisit.seen_at, CourseVisit.before_at),
        words={"course": _l("Course"), "seen_at": _l("Last there"), "before_at": _l("The time before")},
    )
    keep(VISITS, CourseVisit, _old)


def _old(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    statement = select(CourseVisit.id).where(CourseVisit.seen_at < before).order_by(CourseVisit.id)
    if organization_id is None:
        return statement
    home = select(Identity.id).join(Registration, Registration.id == Identity.registration_id)
    return statement.where(CourseVisit.identity_id.in_(home.where(Registration.organization_id == organization_id)))
