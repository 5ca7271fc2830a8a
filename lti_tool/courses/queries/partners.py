"""Classes that an agreement opens a course to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from lti_tool.agreements.models import Agreement
from lti_tool.contexts.models import Context, Membership
from lti_tool.core.db import db
from lti_tool.courses.models import ACTIVE, PARTNERS, Participation, SharedCourse
from lti_tool.courses.pupils import has_place, is_learner
from lti_tool.platforms.models import Registration

SHOWN = 200
"""Classes of one organization under one agreement; more than a school has."""


@dataclass(frozen=True)
class Dependent:
    """A class that takes part because of an agreement."""

    participation: Participation
    pupils: int


def dependents(agreement: Agreement, organization_id: int) -> list[Dependent]:
    """Classes in partners' courses between this organization and the agreement's other parties."""
    parties = [party.organization_id for party in agreement.parties]
    pupils = (
        select(func.count())
        .where(Membership.context_id == Participation.context_id, is_learner(), has_place())
        .correlate(Participation)
        .scalar_subquery()
    )
    statement = (
        select(Participation, pupils)
        .join(SharedCourse, SharedCourse.id == Participation.course_id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Participation.state == ACTIVE, SharedCourse.visibility == PARTNERS)
        .where(SharedCourse.organization_id.in_(parties), Registration.organization_id.in_(parties))
        .where(SharedCourse.organization_id != Registration.organization_id)
        .where(or_(SharedCourse.organization_id == organization_id, Registration.organization_id == organization_id))
        .order_by(SharedCourse.title, Participation.id)
        .limit(SHOWN)
    )
    return [Dependent(*row) for row in db.session.execute(statement)]
