"""How host and school agree on a scale: proposed by either side, answered by the other, fixed for a term."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import bindparam, select, update

from lti_tool.core import audit
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.core.errors import Conflict, Invalid, NotAllowed
from lti_tool.courses.access import ParticipationAccess
from lti_tool.courses.gradebook.history import change_row, note_changes
from lti_tool.courses.gradebook.models import SCALE
from lti_tool.courses.models import (
    ACTIVE,
    AGREED,
    DECLINED,
    PROPOSED,
    REPLACED,
    WITHDRAWN,
    Activity,
    Grade,
    Participation,
    ScaleTreaty,
)
from lti_tool.grades.operations import Rescaled, rescale_scores
from lti_tool.grades.scales import Scale
from lti_tool.people.actor import Actor

LONGEST_TERM = timedelta(days=400)
"""A school year and some."""


def propose_scale(*, actor: Actor, access: ParticipationAccess, scale: Scale, until: date) -> ScaleTreaty:
    """Propose a scale to the other side, in place of one's own open proposal; who teaches on both sides agrees at once.

    Raises Invalid for a term that makes no sense, Conflict while another scale is fixed or the other side's waits.
    """
    _check_term(until)
    treaties = _open_treaties(access.participation)
    _check_free(treaties.get(AGREED), treaties.get(PROPOSED), access)
    if PROPOSED in treaties:
        treaties[PROPOSED].state = WITHDRAWN
        db.session.flush()
    assert actor.identity_id is not None
    treaty = ScaleTreaty(
        participation_id=access.participation.id,
        kind=scale.kind,
        thresholds=[str(threshold) for threshold in scale.thresholds],
        lowest=scale.lowest,
        rounding=scale.rounding,
        by_host=access.hosts,
        proposed_by_id=actor.identity_id,
        frozen_until=until,
        state=PROPOSED,
    )
    db.session.add(treaty)
    db.session.flush()
    audit.record(actor, "propose", "scale_treaty", treaty.id, participation=access.participation.id)
    if access.hosts and access.home:
        agree_on_scale(actor=actor, access=access, treaty_id=treaty.id)
    return treaty


def _check_term(until: date) -> None:
    today = utcnow().date()
    if not today < until <= today + LONGEST_TERM:
        raise Invalid({"until": _("Choose the last day of the term: after today, at most a year ahead.")})


def _check_active(participation: Participation) -> None:
    if participation.state != ACTIVE:
        raise Conflict(_("The class does not take part at the moment."), _("Agree on a scale when it is back."))


def _check_free(agreed: ScaleTreaty | None, proposed: ScaleTreaty | None, access: ParticipationAccess) -> None:
    _check_active(access.participation)
    if agreed is not None and agreed.frozen_until >= utcnow().date():
        until = format_date(agreed.frozen_until, "long")
        raise Conflict(
            _("The scale is fixed until %(date)s.", date=until),
            _("Pupils rely on it for the whole term. You can propose another one afterwards."),
        )
    if proposed is not None and answers(access, proposed) and not _stands_behind(access, proposed):
        raise Conflict(
            _("The other side proposed a scale and waits for your answer."),
            _("Agree, or decline and say why; then propose yours."),
        )


def answers(access: ParticipationAccess, treaty: ScaleTreaty) -> bool:
    """Is it for this person's side to answer the proposal?"""
    return access.home if treaty.by_host else access.hosts


def _stands_behind(access: ParticipationAccess, treaty: ScaleTreaty) -> bool:
    return access.hosts if treaty.by_host else access.home


def agree_on_scale(*, actor: Actor, access: ParticipationAccess, treaty_id: int) -> ScaleTreaty:
    """Put a proposal into force: grades given already are sent once more, in the new scale.

    Raises NotAllowed for the side that proposed it, Conflict when it is no longer open.
    """
    _check_active(access.participation)
    treaties = _open_treaties(access.participation)
    treaty = _to_answer(treaties.get(PROPOSED), access, treaty_id)
    if AGREED in treaties:
        treaties[AGREED].state = REPLACED
        db.session.flush()
    _answer(actor, treaty, AGREED)
    _convert_grades(actor, access.participation, treaty)
    return treaty


def decline_scale(*, actor: Actor, access: ParticipationAccess, treaty_id: int, reason: str) -> None:
    """Say no, with a reason the other side reads. Raises Invalid without one, and like agree_on_scale."""
    treaty = _to_answer(_open_treaties(access.participation).get(PROPOSED), access, treaty_id)
    if not reason.strip():
        raise Invalid({"reason": _("Say in a few words why, so that the other side can propose something better.")})
    treaty.reason = reason.strip()[:500]
    _answer(actor, treaty, DECLINED)


def withdraw_scale(*, actor: Actor, access: ParticipationAccess, treaty_id: int) -> None:
    """Take one's own side's proposal back. Raises NotAllowed for the other side; a closed one stays as it is."""
    treaty = _open_treaties(access.participation).get(PROPOSED)
    if treaty is None or treaty.id != treaty_id:
        return
    if not _stands_behind(access, treaty):
        raise NotAllowed
    treaty.state = WITHDRAWN
    audit.record(actor, WITHDRAWN, "scale_treaty", treaty.id)


def _open_treaties(participation: Participation) -> dict[str, ScaleTreaty]:
    """The proposed and the agreed one by state, while nobody else changes them or gives a grade there."""
    db.session.execute(select(Participation.id).where(Participation.id == participation.id).with_for_update())
    statement = select(ScaleTreaty).where(
        ScaleTreaty.participation_id == participation.id, ScaleTreaty.state.in_((PROPOSED, AGREED))
    )
    found = db.session.scalars(statement.execution_options(populate_existing=True))
    return {treaty.state: treaty for treaty in found}


def _to_answer(treaty: ScaleTreaty | None, access: ParticipationAccess, treaty_id: int) -> ScaleTreaty:
    if treaty is None or treaty.id != treaty_id:
        raise Conflict(
            _("This proposal is no longer open."),
            _("Open the page again to see what has been agreed or proposed since."),
        )
    if not answers(access, treaty):
        raise NotAllowed
    return treaty


def _answer(actor: Actor, treaty: ScaleTreaty, state: str) -> None:
    treaty.state, treaty.answered_by_id, treaty.answered_at = state, actor.identity_id, utcnow()
    db.session.flush()
    audit.record(actor, state, "scale_treaty", treaty.id)


def _convert_grades(actor: Actor, participation: Participation, treaty: ScaleTreaty) -> None:
    """Both values of every grade of the class; a few statements, whatever the number."""
    statement = (
        select(Grade.id, Grade.identity_id, Grade.points, Activity)
        .join(Activity, Activity.id == Grade.activity_id)
        .where(Grade.participation_id == participation.id)
    )
    scale, grades, scores, changes = treaty.scale, [], [], []
    for grade_id, identity_id, points, activity in db.session.execute(statement):
        value, maximum = scale.convert(points, activity.points)
        grades.append({"grade": grade_id, "value": value, "maximum": maximum, "treaty": treaty.id})
        scores.append(Rescaled(activity.resource_id, identity_id, value, maximum))
        key: dict[str, Any] = {"activity_id": activity.id, "identity_id": identity_id, "by_id": actor.identity_id}
        changes.append(change_row(way=SCALE, before=points, points=points, home=(value, maximum), **key))
    if grades:
        run(_CONVERT, grades)
        note_changes(changes)
        rescale_scores(actor=actor, context_id=participation.context_id, scores=scores)


_grades = table_of(Grade)
_CONVERT = (
    update(_grades)
    .where(_grades.c.id == bindparam("grade"))
    .values(home_value=bindparam("value"), home_maximum=bindparam("maximum"), treaty_id=bindparam("treaty"))
)
