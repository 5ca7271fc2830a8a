"""Verbs about comparisons: ask for them, store what they found, and carry out what a teacher decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, delete, insert, or_, select, update

from lti_tool.contexts.models import Context
from lti_tool.core import audit, jobs
from lti_tool.core.db import db, execute, insert_if_absent, table_of, utcnow
from lti_tool.grades import models as grades
from lti_tool.grades.models import LineItem, Score
from lti_tool.grades.operations import requeue
from lti_tool.grades.reconciliation.findings import Finding, compare
from lti_tool.grades.reconciliation.models import (
    DONE,
    FAILED,
    KEEP_THEIRS,
    OPEN,
    SEND_OURS,
    UNKNOWN,
    WAITING,
    Comparison,
    Difference,
)
from lti_tool.grades.reconciliation.queries import our_scores, people_of
from lti_tool.lti.services import Result
from lti_tool.people.actor import Actor
from lti_tool.people.belongings.queries import refused_subs

LOOK_AGAIN = timedelta(minutes=2)
"""After ours was sent once more the gradebook is read again, so that a difference that stays is told."""
_PART = 500
"""Ids in one statement."""
_VALUES = ("kind", "identity_id", "their_score", "their_maximum", "our_score", "our_maximum")
_DECISION = ("decision", "decided_at", "decided_by_id")


def request_comparisons(
    *, actor: Actor | None, line_item_ids: Collection[int], after: timedelta = timedelta(0)
) -> list[int]:
    """Have these line items compared now, or `after` a while; returns the ids of their Comparisons.

    One that is being read goes on; one that is due sooner stays so. The caller has checked who may do this.
    """
    due_at = utcnow() + after
    ids: list[int] = []
    for part in _parts(line_item_ids):
        known = select(Comparison.line_item_id).where(Comparison.line_item_id.in_(part))
        for line_item_id in set(part) - set(db.session.scalars(known)):
            insert_if_absent(Comparison, {"line_item_id": line_item_id, **_asked(due_at), "compared": 0})
        later = Comparison.state.in_((DONE, FAILED)) | (Comparison.due_at > due_at)
        asked = update(Comparison).where(
            Comparison.line_item_id.in_(part), Comparison.state.in_((WAITING, DONE, FAILED)), later
        )
        execute(asked.values(**_asked(due_at)).execution_options(synchronize_session=False))
        ids += db.session.scalars(select(Comparison.id).where(Comparison.line_item_id.in_(part)))
    if ids:
        audit.record(actor, "compare", "line_item", None, count=len(ids))
        if not after:
            jobs.wake(Comparison, ids[: jobs.SWEEP_BATCH])
    return ids


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    listed = sorted(ids)
    return (listed[start : start + _PART] for start in range(0, len(listed), _PART))


def _asked(due_at: datetime) -> dict[str, Any]:
    return {"state": WAITING, "due_at": due_at, "attempts": 0, "error": None}


def plan_comparisons(due: Mapping[int, datetime]) -> None:
    """Set when line items are compared next by themselves; whatever is asked for or under way keeps its time."""
    planned = [{"line": line_item_id, "due": due_at} for line_item_id, due_at in due.items()]
    if not planned:
        return
    known: set[int] = set()
    for part in _parts(due):
        known |= set(db.session.scalars(select(Comparison.line_item_id).where(Comparison.line_item_id.in_(part))))
    for line_item_id in sorted(due.keys() - known):
        fresh = {"state": WAITING, "due_at": due[line_item_id], "attempts": 0, "compared": 0}
        insert_if_absent(Comparison, {"line_item_id": line_item_id, **fresh})
    table = table_of(Comparison)
    ended = or_(table.c.state == DONE, table.c.state == FAILED)  # a list cannot be bound for many rows
    statement = (
        update(table)
        .where(table.c.line_item_id == bindparam("line"), ended)
        .values(state=WAITING, due_at=bindparam("due"), attempts=0)
    )
    db.session.connection().execute(statement, planned)


def store_results(*, line_item_id: int, results: Sequence[Result], read_at: datetime) -> int:
    """Make the differences of a line item agree with a complete reading; returns how many scores were compared.

    What agrees again is removed; what stays as it was is not written.
    """
    ours = our_scores(line_item_id)
    place = select(LineItem.context_id, Context.registration_id).join(Context, Context.id == LineItem.context_id)
    context_id, registration_id = db.session.execute(place.where(LineItem.id == line_item_id)).one()
    kept_out = refused_subs(registration_id)
    found = compare([one for one in results if one.user_id not in kept_out], ours, people_of(context_id), read_at)
    known = _known(line_item_id)
    new = [{"line_item_id": line_item_id, **_fresh(user_id, found[user_id])} for user_id in found.keys() - known.keys()]
    changed = [
        change
        for user_id, finding in found.items()
        if user_id in known and (change := _change(known[user_id], finding)) is not None
    ]
    on_the_way = {user_id for user_id, score in ours.items() if not score.settled(read_at)}
    gone = [row["id"] for user_id, row in known.items() if user_id not in found and user_id not in on_the_way]
    if new:
        db.session.connection().execute(insert(table_of(Difference)), new)
    if changed:
        db.session.execute(update(Difference), changed)
    for part in _parts(gone):
        execute(delete(Difference).where(Difference.id.in_(part)).execution_options(synchronize_session=False))
    return sum(score.settled(read_at) for score in ours.values())


def _known(line_item_id: int) -> dict[str, dict[str, Any]]:
    columns = table_of(Difference).c
    statement = select(*columns).where(columns.line_item_id == line_item_id)
    return {row["lms_user_id"]: dict(row) for row in db.session.execute(statement).mappings()}


def _fresh(user_id: str, finding: Finding) -> dict[str, Any]:
    values = {name: getattr(finding, name) for name in _VALUES}
    return {"lms_user_id": user_id, **values, "first_seen_at": utcnow(), "decision": OPEN}


def _change(row: dict[str, Any], finding: Finding) -> dict[str, Any] | None:
    """What to write about a difference that is still there; None when nothing changes.

    Theirs was kept as long as ours stays what it was. Ours that was sent once more and does not show is open again.
    """
    values = {name: getattr(finding, name) for name in _VALUES} | {name: row[name] for name in _DECISION}
    ours_is_new = (row["our_score"], row["our_maximum"]) != (finding.our_score, finding.our_maximum)
    if row["decision"] == SEND_OURS:
        values["decision"] = OPEN
    elif ours_is_new and row["decision"] == KEEP_THEIRS:
        values |= {"decision": OPEN, "decided_at": None, "decided_by_id": None}
    same = all(row[name] == value for name, value in values.items())
    return None if same else {"id": row["id"], **values}


def keep_theirs(*, actor: Actor, difference_ids: Collection[int]) -> int:
    """Let the LMS's grades stand: ours is never sent again by itself. Returns how many were decided.

    The caller has checked who may do this; what somebody has decided meanwhile is left alone.
    """
    total = 0
    for chosen in _choose(actor, difference_ids, KEEP_THEIRS):
        total += len(chosen)
        kept = update(Score).where(Score.id.in_(_scores(chosen)), Score.state == grades.DELIVERED)
        values = {"state": grades.SUPERSEDED, "code": "kept", "status": None}
        execute(kept.values(**values).execution_options(synchronize_session=False))
    return _told(actor, KEEP_THEIRS, total)


def send_ours(*, actor: Actor, difference_ids: Collection[int]) -> int:
    """Send our grades once more, as given now; returns how many. A grade we never gave cannot be sent.

    The timestamp is the next whole second: later than whatever was changed in the LMS until now.
    """
    graded_at = utcnow().replace(microsecond=0) + timedelta(seconds=1)
    total = 0
    for chosen in _choose(actor, difference_ids, SEND_OURS):
        total += len(chosen)
        score_ids = _scores(chosen)
        sending = Score.state == grades.SENDING  # its worker sees the new version and sends again
        again = (
            update(Score)
            .where(Score.id.in_(score_ids))
            .values(
                graded_at=graded_at,
                version=Score.version + 1,
                state=case((sending, grades.SENDING), else_=grades.WAITING),
                due_at=case((sending, Score.due_at), else_=utcnow()),
                attempts=case((sending, Score.attempts), else_=0),
                code=None,
                status=None,
            )
        )
        execute(again.execution_options(synchronize_session=False))
        requeue(score_ids)
        items = select(Difference.line_item_id).where(Difference.id.in_(chosen)).distinct()
        request_comparisons(actor=actor, line_item_ids=db.session.scalars(items).all(), after=LOOK_AGAIN)
    return _told(actor, SEND_OURS, total)


def _choose(actor: Actor, difference_ids: Collection[int], decision: str) -> Iterator[list[int]]:
    """Note the decision about those that are open; parts of the ids it now holds for."""
    for part in _parts(difference_ids):
        wanted = [Difference.id.in_(part), Difference.decision == OPEN]
        if decision == SEND_OURS:
            wanted.append(Difference.kind != UNKNOWN)
        statement = select(Difference.id).where(*wanted).with_for_update(of=Difference)
        chosen = list(db.session.scalars(statement))
        values = {"decision": decision, "decided_by_id": actor.identity_id, "decided_at": utcnow()}
        noted = update(Difference).where(Difference.id.in_(chosen)).values(**values)
        execute(noted.execution_options(synchronize_session=False))
        if chosen:
            yield chosen


def _scores(difference_ids: Collection[int]) -> list[int]:
    same_person = (Score.line_item_id == Difference.line_item_id) & (Score.identity_id == Difference.identity_id)
    statement = select(Score.id).join(Difference, same_person).where(Difference.id.in_(difference_ids))
    return list(db.session.scalars(statement.order_by(Score.id)))


def _told(actor: Actor, decision: str, total: int) -> int:
    if total:
        audit.record(actor, decision, "grade_difference", None, count=total)
    return total
