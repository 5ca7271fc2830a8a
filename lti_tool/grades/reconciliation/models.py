"""The comparison of one line item with our scores, and each difference it found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base
from lti_tool.core.jobs import OutboxMixin
from lti_tool.grades.models import LineItem
from lti_tool.people.models import Identity

WAITING, RUNNING, DONE, FAILED = "waiting", "sending", "done", "failed"
"""States of a Comparison; the outbox calls a row that a worker has `sending`."""
CHANGED, MISSING, UNKNOWN = "changed", "missing", "unknown"
OPEN, KEEP_THEIRS, SEND_OURS = "open", "keep_theirs", "send_ours"


class Comparison(OutboxMixin, Base):
    """The state of one line item's comparison: waiting, sending (being read), done, or failed until it is asked again."""

    __tablename__ = "grade_comparison"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"), unique=True)
    checked_at: Mapped[datetime | None]
    """When the gradebook was last read and compared."""
    compared: Mapped[int] = mapped_column(default=0)
    """How many delivered scores there were then."""
    error: Mapped[str | None] = mapped_column(String(60))
    """Code of the last trouble; None when the last reading went well."""

    line_item: Mapped[LineItem] = relationship(lazy="joined", innerjoin=True)


class Difference(Base):
    """One person's grade that is not the same in the LMS and here. It is removed once both agree."""

    __tablename__ = "grade_difference"
    __table_args__ = (UniqueConstraint("line_item_id", "lms_user_id"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_item.id"))
    lms_user_id: Mapped[str] = mapped_column(String(255))
    """`userId` of the result (AGS 2.0, section 3.3); the `sub` of somebody we know."""
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    """None: nobody we know in this context."""
    kind: Mapped[str] = mapped_column(String(10))
    """changed, missing (delivered, and not there any more) or unknown (there without a score of ours)."""
    their_score: Mapped[float | None]
    their_maximum: Mapped[float | None]
    our_score: Mapped[float | None]
    our_maximum: Mapped[float | None]
    first_seen_at: Mapped[datetime]
    decision: Mapped[str] = mapped_column(String(12), default=OPEN)
    """open, keep_theirs or send_ours."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    decided_at: Mapped[datetime | None]
    """Set on an open difference as well: ours was sent once more, and the gradebook still shows another grade."""

    line_item: Mapped[LineItem] = relationship(lazy="joined", innerjoin=True)
    identity: Mapped[Identity | None] = relationship(foreign_keys=[identity_id])
