"""More time for single pupils or whole classes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.courses.assignments.models import Extension
from lti_tool.courses.models import Activity, Participation, Submission
from lti_tool.courses.pupils import pupil_places
from lti_tool.people.actor import Actor

MAX_REASON = 500
_BULK = {"synchronize_session": False}


def extend(
    *,
    actor: Actor,
    activity: Activity,
    identity_ids: Collection[int],
    participation_ids: Collection[int],
    due_at: datetime,
    until: datetime | None,
    reason: str,
) -> int:
    """Give these pupils and classes other dates, in place of an extension they have; how many. Ids of others are left out.

    Raises Invalid when nobody is chosen, the reason is missing, or the dates make no sense.
    """
    if not reason.strip():
        raise Invalid({"reason": _("Say why, so that everybody can follow it later.")})
    if until is not None and until < due_at:
        raise Invalid({"until": _("It cannot close before the due date.")})
    pupils, classes = _pupils(activity, identity_ids), _classes(activity, participation_ids)
    if not pupils and not classes:
        raise Invalid({"who": _("Choose at least one pupil or class.")})
    named = Extension.identity_id.in_(pupils) | Extension.participation_id.in_(classes)
    execute(delete(Extension).where(Extension.activity_id == activity.id, named).execution_options(**_BULK))
    own: dict[str, Any] = {"due_at": due_at, "until": until, "reason": reason.strip()[:MAX_REASON]}
    own |= {"activity_id": activity.id, "given_by_id": actor.identity_id, "created_at": utcnow()}
    db.session.add_all(Extension(identity_id=ident, **own) for ident in sorted(pupils))
    db.session.add_all(Extension(participation_id=ident, **own) for ident in sorted(classes))
    db.session.flush()
    _apply(activity)
    audit.record(actor, "extend", "activity", activity.id, identities=sorted(pupils), participations=sorted(classes))
    return len(pupils) + len(classes)


def take_back(*, actor: Actor, activity: Activity, extension_id: int) -> None:
    """What holds for everybody holds again. Nothing happens when it is gone already."""
    gone = delete(Extension).where(Extension.id == extension_id, Extension.activity_id == activity.id)
    if execute(gone.execution_options(**_BULK)).rowcount:
        _apply(activity)
        audit.record(actor, "take_back_extension", "activity", activity.id)


def _pupils(activity: Activity, identity_ids: Collection[int]) -> set[int]:
    places = pupil_places(activity.course_id)
    return set(db.session.scalars(select(places.c.identity_id).where(places.c.identity_id.in_(identity_ids))))


def _classes(activity: Activity, participation_ids: Collection[int]) -> set[int]:
    statement = select(Participation.id).where(
        Participation.course_id == activity.course_id, Participation.id.in_(participation_ids)
    )
    return set(db.session.scalars(statement))


def _apply(activity: Activity) -> None:
    """Works handed in already are judged by the dates that hold now; one statement."""
    of_activity = select(Extension.due_at).where(Extension.activity_id == activity.id)
    own = of_activity.where(Extension.identity_id == Submission.identity_id).scalar_subquery()
    of_class = of_activity.where(Extension.participation_id == Submission.participation_id).scalar_subquery()
    statement = update(Submission).where(Submission.activity_id == activity.id)
    values = statement.values(own_due_at=func.coalesce(own, of_class))
    execute(values.execution_options(**_BULK))
    db.session.expire_all()
