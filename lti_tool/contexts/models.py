"""Contexts (LMS courses), their resource links, and who belongs to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Deployment, Registration

TEACHER, LEARNER = "teacher", "learner"
"""What a membership comes to; the LMS's own role strings are kept beside it."""
JOINED, LEFT, RETURNED, ROLE_CHANGED = "joined", "left", "returned", "role_changed"
"""Kinds of MembershipEvent."""
BY_LAUNCH, BY_ROSTER = "launch", "roster"
"""What told of it: Moodle calls a non-editing teacher an instructor at the launch and a learner in the roster, so each
is compared with what the same one told before."""


class Context(Dated, Base):
    """A course in an LMS, keyed by its deployment: two schools send equal ids."""

    __tablename__ = "context"
    __table_args__ = (UniqueConstraint("deployment_pk", "lms_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    deployment_pk: Mapped[int] = mapped_column(ForeignKey("deployment.id"))
    lms_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(500), default="")
    label: Mapped[str] = mapped_column(String(255), default="")
    history: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Ids of the LMS courses this one was copied from, when the LMS tells."""
    memberships_url: Mapped[str | None] = mapped_column(String(1000))
    """Names and Roles service; None when the LMS offers none."""
    lineitems_url: Mapped[str | None] = mapped_column(String(1000))
    ags_scopes: Mapped[list[str]] = mapped_column(JSON, default=list)
    last_launch_at: Mapped[datetime | None]

    registration: Mapped[Registration] = relationship(lazy="joined", innerjoin=True)
    deployment: Mapped[Deployment] = relationship()


class ResourceLink(Dated, Base):
    """A place in a context where people enter (an activity in Moodle)."""

    __tablename__ = "resource_link"
    __table_args__ = (UniqueConstraint("context_id", "lms_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    lms_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(String(500), default="")
    target: Mapped[str] = mapped_column(String(100), default="")
    """What the link opens, as our custom parameter says, such as `course:12` or `activity:40`; empty: the context's home."""

    context: Mapped[Context] = relationship(lazy="joined", innerjoin=True)


class Membership(Dated, Base):
    """A person in a context. Launch and roster are kept apart: Moodle tells different roles in the two."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("context_id", "identity_id"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    launch_role: Mapped[str | None] = mapped_column(String(10))
    """TEACHER or LEARNER at the last launch; None: only the roster knows this person."""
    launched_at: Mapped[datetime | None]
    roster_role: Mapped[str | None] = mapped_column(String(10))
    """TEACHER or LEARNER in the last complete roster; None: not in it."""
    roster_roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The roster's own role strings."""
    home_groups: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Ids of the groups of the LMS course this person is in, as told at a launch; their names are not known."""
    status: Mapped[str] = mapped_column(String(10), default="active")
    """active or inactive; a departure suspends, nothing is deleted."""
    left_at: Mapped[datetime | None]
    """None while active, and for who was suspended in the LMS from the first and never active here."""

    context: Mapped[Context] = relationship()
    identity: Mapped[Identity] = relationship(lazy="joined", innerjoin=True)


class MembershipEvent(Base):
    """A change of a membership, kept for its teacher: written in the transaction of the change."""

    __tablename__ = "membership_event"
    __table_args__ = (Index(None, "context_id", "at"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    kind: Mapped[str] = mapped_column(String(12))
    """JOINED, LEFT, RETURNED or ROLE_CHANGED."""
    source: Mapped[str] = mapped_column(String(6))
    """BY_LAUNCH or BY_ROSTER."""
    at: Mapped[datetime]
    old_role: Mapped[str | None] = mapped_column(String(10))
    """TEACHER, LEARNER or None, as this source told before."""
    new_role: Mapped[str | None] = mapped_column(String(10))

    identity: Mapped[Identity] = relationship(lazy="joined", innerjoin=True)


class RosterSync(OutboxMixin, Base):
    """The state of one context's roster: waiting, sending (being read), done, or failed with what to do."""

    __tablename__ = "roster_sync"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"), unique=True)
    synced_at: Mapped[datetime | None]
    """When a complete answer was last stored: the roster's age."""
    members: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str | None] = mapped_column(String(64))
    """Of the answer stored last, so that the same answer need not be read again."""
    error: Mapped[str | None] = mapped_column(String(60))
    """Code of the last trouble; None when the last read went well."""

    context: Mapped[Context] = relationship(lazy="joined", innerjoin=True)
