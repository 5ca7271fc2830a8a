"""What was found of each published resource when it was last looked at, and when a host may be asked again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base
from lti_tool.core.jobs import OutboxMixin
from lti_tool.exchange.models import Resource

NOT_FOUND, UNREACHABLE, BLOCKED, NO_FILE = "not_found", "unreachable", "blocked", "no_file"
"""Nothing is at the address any more; it does not answer; it leads where nobody may look; a stored file is gone."""


class ResourceCheck(OutboxMixin, Base):
    """The check of one resource: waiting → sending (being looked at) → waiting, a day later."""

    __tablename__ = "resource_check"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "failing_since"))

    id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True)
    """The resource's."""
    checked_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(20), default="")
    """What was wrong the last time; empty: nothing."""
    failing_since: Mapped[datetime | None]
    """When it was wrong first; None while all is well."""
    told: Mapped[bool] = mapped_column(default=False)
    """The owners know."""

    resource: Mapped[Resource] = relationship()


class AskedHost(Base):
    """A host of addresses, asked by one worker at a time and after a pause."""

    __tablename__ = "asked_host"

    name: Mapped[str] = mapped_column(String(255), primary_key=True)
    free_at: Mapped[datetime]
