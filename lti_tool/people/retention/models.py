"""Periods that the hub has chosen; without a row the usual one holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.core.db import Base


class ChosenPeriod(Base):
    """How long the hub keeps one kind of data."""

    __tablename__ = "chosen_period"

    name: Mapped[str] = mapped_column(String(30), primary_key=True)
    days: Mapped[int]
    changed_at: Mapped[datetime]
