"""Where a resource is, when it is elsewhere."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base


class ActivityLink(Base):
    """What a resource leads to beyond the files attached to it; no row: nothing."""

    __tablename__ = "activity_link"

    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), primary_key=True, autoincrement=False)
    url: Mapped[str] = mapped_column(String(2000))
    """An address elsewhere, https or http."""
