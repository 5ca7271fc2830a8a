"""Verbs: ask for a copy of everything about a person, erase a person, let somebody in again who was kept out."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select

from lti_tool.core import audit, jobs
from lti_tool.core.db import db, execute, insert_if_absent, run, utcnow
from lti_tool.core.discarding import discard
from lti_tool.core.errors import Conflict
from lti_tool.people.actor import Actor
from lti_tool.people.belongings.models import MAKING, WAITING, Copy, RefusedSub
from lti_tool.people.belongings.registry import Subject, erase_rows
from lti_tool.people.models import Identity

COPY_HOLDS = timedelta(days=7)
"""How long a copy can be fetched."""
MOST_COPIES = 3
"""Of one person that somebody can have at a time: the oldest makes room, so that nobody fills the storage."""


def ask_for_copy(*, actor: Actor, subject: Subject, locale: str, time_zone: str) -> Copy:
    """Have a copy made in the background; one that is being made already is not asked for twice."""
    key = {"person_id": subject.person_id, "organization_id": subject.organization_id, "asked_by_id": actor.person_id}
    under_way = select(Copy).filter_by(**key).where(Copy.state.in_((WAITING, MAKING)))
    found = db.session.scalars(under_way.limit(1)).first()
    if found is not None:
        return found
    earlier = select(Copy).filter_by(**key).order_by(Copy.id.desc()).offset(MOST_COPIES - 1)
    for each in db.session.scalars(earlier):
        drop_copy(actor=actor, copy=each)
    copy = Copy(**key, locale=locale, time_zone=time_zone, expires_at=utcnow() + COPY_HOLDS)
    db.session.add(copy)
    db.session.flush()
    audit.record(actor, "person.copy", "person", subject.person_id, concerns=subject.organization_id, copy=copy.id)
    jobs.wake(Copy, [copy.id])
    return copy


def drop_copy(*, actor: Actor | None, copy: Copy) -> None:
    """Remove a copy before its time."""
    if copy.file_key:
        discard([copy.file_key])
    db.session.delete(copy)
    audit.record(actor, "person.drop_copy", "person", copy.person_id, concerns=copy.organization_id, copy=copy.id)


def erase_person(*, actor: audit.Acting | None, subject: Subject, refuse: bool = False) -> dict[str, int]:
    """Erase what is kept of a person, for good; how many rows of which table.

    `refuse`: their LMS still knows them, and they are neither let in nor taken from its lists again. Without it they are
    somebody new as soon as they come in, or a list names them. Grades on their way are cancelled. Raises Conflict when
    somebody would erase themselves.
    """
    if actor is not None and actor.person_id == subject.person_id:
        raise Conflict(_("You cannot erase yourself."), _("Ask another coordinator, or the people who run this tool."))
    held = select(Identity.registration_id, Identity.sub, Identity.erased_at).where(
        Identity.id.in_(subject.identity_ids)
    )
    known = run(held.order_by(Identity.id).with_for_update()).all()
    by = actor.person_id if actor else None
    for registration_id, sub, erased_at in known:
        if refuse and erased_at is None:
            key = {"registration_id": registration_id, "sub": sub, "by_person_id": by, "created_at": utcnow()}
            insert_if_absent(RefusedSub, key)
    done = erase_rows(subject)
    audit.record(
        actor, "person.erase", "person", subject.person_id, concerns=subject.organization_id, refuse=refuse, rows=done
    )
    return done


def admit(*, actor: Actor | None, refused: RefusedSub, organization_id: int) -> None:
    """Let somebody in again who was kept out; they come as somebody new."""
    execute(delete(RefusedSub).where(RefusedSub.id == refused.id).execution_options(synchronize_session=False))
    audit.record(actor, "person.admit", "registration", refused.registration_id, concerns=organization_id)
