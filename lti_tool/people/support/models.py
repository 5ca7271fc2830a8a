"""Support accesses: asked for with a reason, opened for a time, ended by either side."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Person

ASKED, GRANTED, OPEN, REFUSED, ENDED = "asked", "granted", "open", "refused", "ended"
OVER, LAPSED = "over", "lapsed"
"""What time makes of OPEN, and of ASKED and GRANTED."""
WAITS = timedelta(days=3)
"""How long a request waits for an answer, and a yes for its use."""
DURATIONS = (15, 60, 240)
"""Minutes to choose from."""
LONGEST_REASON = 500


class SupportAccess(Dated, Base):
    """asked → granted → open → ended; granted at once where the organization does not want to be asked."""

    __tablename__ = "support_access"
    __table_args__ = (Index(None, "organization_id", "state"), Index(None, "person_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """The operator."""
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    minutes: Mapped[int]
    """How long it lasts from its opening, one of DURATIONS."""
    state: Mapped[str] = mapped_column(String(10))
    """One of ASKED, GRANTED, OPEN, REFUSED, ENDED; see `state_at`."""
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int]
    """The Person who brought it into this state."""
    opened_at: Mapped[datetime | None]
    until: Mapped[datetime | None]
    """Set when it opens."""

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    def state_at(self, now: datetime) -> str:
        """The state with what time has made of it."""
        if self.state == OPEN and self.until is not None and self.until <= now:
            return OVER
        return LAPSED if self.state in (ASKED, GRANTED) and self.changed_at <= now - WAITS else self.state
