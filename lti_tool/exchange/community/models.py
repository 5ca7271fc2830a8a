"""Reports of use, questions and their answers, requests for resources and what was offered for them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.exchange.models import Resource
from lti_tool.organizations.models import Organization

OPEN, CLOSED = "open", "closed"


class UsageReport(Dated, Base):
    """How a resource did in a class; the only way to rate one. One for each person and resource, changed by its writer."""

    __tablename__ = "usage_report"
    __table_args__ = (UniqueConstraint("resource_id", "person_id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[int]
    """The version that was used."""
    rating: Mapped[int]
    """From 1 to 5."""
    setting: Mapped[str] = mapped_column(String(300))
    """In what class or circle, of what age: no names of pupils."""
    worked: Mapped[str] = mapped_column(Text)
    changed: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class Question(Dated, Base):
    """A question to the authors of a resource, with the answer below it."""

    __tablename__ = "resource_question"
    __table_args__ = (Index(None, "resource_id", "id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]

    resource: Mapped[Resource] = relationship()
    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class Need(Dated, Base):
    """A request for a resource that is missing: open → closed by whoever asked."""

    __tablename__ = "resource_need"
    __table_args__ = (Index(None, "state", "id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, default="")
    subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str] = mapped_column(String(10), default=OPEN)

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)


class NeedAnswer(Dated, Base):
    """A resource offered for a request. Once whoever asked has thanked for it, it counts for its organization."""

    __tablename__ = "resource_need_answer"
    __table_args__ = (UniqueConstraint("need_id", "resource_id"), Index(None, "organization_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("resource_need.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    """Whose resource it is: theirs is the credit."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Who pointed to it."""
    thanked_at: Mapped[datetime | None]

    resource: Mapped[Resource] = relationship()
