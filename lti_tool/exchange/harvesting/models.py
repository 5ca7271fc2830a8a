"""Catalogues of others whose records are taken into the exchange, and what became of each record."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.core.jobs import OutboxMixin
from lti_tool.exchange.models import Resource

WAITING, PAUSED = "waiting", "paused"
"""States of a source; the outbox calls one that a worker has `sending`."""
OAI_DC_PREFIX, LOM_PREFIX = "oai_dc", "lom"


class HarvestSource(OutboxMixin, Dated, Base):
    """A repository that speaks OAI-PMH 2.0, harvested every `every_hours` hours for one organization.

    Between two answers of one harvest `token` says how to go on, so that a restart begins where the last one ended.
    """

    __tablename__ = "harvest_source"
    __table_args__ = (Index(None, "state", "due_at"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    """Whose resources its records become."""
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(1000))
    prefix: Mapped[str] = mapped_column(String(10), default=OAI_DC_PREFIX)
    """The format that is asked for: OAI_DC_PREFIX or LOM_PREFIX."""
    set_name: Mapped[str] = mapped_column(String(200), default="")
    """Only this set; empty: everything."""
    licence: Mapped[str] = mapped_column(String(20), default="")
    """Of records that name none of ours; empty: they are not taken."""
    trusted: Mapped[bool] = mapped_column(default=False)
    """Publish at once; otherwise a coordinator looks first."""
    every_hours: Mapped[int] = mapped_column(default=24)
    version: Mapped[int] = mapped_column(default=1)
    token: Mapped[str] = mapped_column(Text, default="")
    """To go on with the harvest that is under way."""
    began_at: Mapped[datetime | None]
    """When the harvest under way began, by the repository's clock; None: none is."""
    harvested_until: Mapped[datetime | None]
    """The next harvest asks for what was changed since."""
    finished_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(60), default="")
    """Why the last attempt failed: a code of wording.ERRORS, or nothing."""
    error_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    """Of the last harvest."""


class HarvestedRecord(Base):
    """A record of a source by its identifier there."""

    __tablename__ = "harvested_record"
    __table_args__ = (UniqueConstraint("source_id", "identifier"), Index(None, "resource_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("harvest_source.id"))
    identifier: Mapped[str] = mapped_column(String(500))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(20), default="")
    """Why it was not taken: a code of wording.REASONS; nothing when it was."""
    title: Mapped[str] = mapped_column(String(200), default="")
    offered: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the source says of a published resource now, until a coordinator takes it or keeps what is here."""

    resource: Mapped[Resource | None] = relationship()

    @property
    def offer(self) -> str:
        """What is offered, in short: a decision is about what was shown, not about what came meanwhile."""
        return sha256(json.dumps(self.offered, sort_keys=True).encode()).hexdigest()[:16]
