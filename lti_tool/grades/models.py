"""Line items (gradebook columns in an LMS), scores – each row is its own durable delivery order – and the lane of each
registration, in which its scores travel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.contexts.models import Context
from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.people.models import Identity

WAITING, SENDING, DELIVERED, SUPERSEDED, REFUSED, PARKED = (
    "waiting",
    "sending",
    "delivered",
    "superseded",
    "refused",
    "parked",
)
FITS, KEPT = "fits", "kept"
"""The column has the maximum that was agreed; the LMS keeps its own."""
CLOSES_AFTER = 4
"""Calls in a row without an answer after which a lane closes; as many as are in flight, so that an LMS that hangs is
noticed after one round."""
STATES = (WAITING, SENDING, DELIVERED, SUPERSEDED, REFUSED, PARKED)


class LineItem(Dated, Base):
    """A column of a context's gradebook for one graded thing; `url` is None until the LMS has it (AGS 2.0, section 3.2)."""

    __tablename__ = "line_item"
    __table_args__ = (UniqueConstraint("context_id", "resource_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    resource_id: Mapped[str] = mapped_column(String(100))
    """Our name of the graded thing, the same in every school, such as `activity-40`."""
    resource_link_lms_id: Mapped[str | None] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(255))
    url: Mapped[str | None] = mapped_column(String(1000))
    score_maximum: Mapped[float] = mapped_column(default=100.0)
    """Of the column in the LMS, as far as known: scores are sent with their own maximum and scaled there."""
    agreed_maximum: Mapped[float | None]
    """What host and school agreed the column shows values out of; None: the column keeps the maximum it has."""
    fit: Mapped[str] = mapped_column(String(10), default="")
    """What became of giving the column that maximum: FITS, KEPT, or nothing yet."""
    fitted_at: Mapped[datetime | None]
    """When the LMS changed it, by the later of both clocks: it marks the values that are there as changed then."""
    created_by_us: Mapped[bool] = mapped_column(default=False)
    lock_until: Mapped[datetime | None]
    """A worker is finding or making the column: another one would make it twice."""

    context: Mapped[Context] = relationship(lazy="joined", innerjoin=True)


class Score(OutboxMixin, Dated, Base):
    """The newest score of a person for a line item, and the state of its delivery.

    waiting → sending → delivered | superseded (a teacher changed it in the LMS later) | refused (with a reason)
    | parked (waits for a person: nowhere to put it yet, or the registration is suspended).
    """

    __tablename__ = "score"
    __table_args__ = (
        UniqueConstraint("line_item_id", "identity_id"),
        Index(None, "registration_id", "state", "due_at"),
        Index(None, "identity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    """The line item's: the lane the score travels in."""
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    version: Mapped[int] = mapped_column(default=1)
    """Counts up with each newer score: an answer to an older one never marks the newer one as delivered."""
    given: Mapped[float]
    maximum: Mapped[float]
    comment: Mapped[str] = mapped_column(Text, default="")
    graded_at: Mapped[datetime]
    sent_timestamp: Mapped[datetime | None]
    """The last timestamp sent; the next is at least one whole second later (Moodle compares whole seconds)."""
    code: Mapped[str | None] = mapped_column(String(60))
    """Why it is where it is, from the last answer; the words are made on the screen."""
    status: Mapped[int | None]
    """HTTP status of the last answer, when there was one."""
    delivered_at: Mapped[datetime | None]

    line_item: Mapped[LineItem] = relationship(lazy="joined", innerjoin=True)
    identity: Mapped[Identity] = relationship()


class DeliveryLane(OutboxMixin, Base):
    """The way of one registration's scores: one worker at a time drives it, and it closes while the LMS is away.

    waiting → sending (a worker drives it) → waiting. `due_at` in the future: closed until then; `attempts` counts turns.
    """

    __tablename__ = "delivery_lane"

    id: Mapped[int] = mapped_column(ForeignKey("registration.id"), primary_key=True)
    """The registration's."""
    failures: Mapped[int] = mapped_column(default=0)
    """Calls in a row that got no answer of use."""
    code: Mapped[str | None] = mapped_column(String(60))
    """Of the last of them."""
    troubled_since: Mapped[datetime | None]
    """When the first of them was made; None while all is well."""

    @property
    def is_closed(self) -> bool:
        """It waits for the LMS to come back."""
        return self.failures >= CLOSES_AFTER
