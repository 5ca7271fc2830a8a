"""Comments on works, and the files that come with them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.core.db import Base, Dated
from lti_tool.files.models import StoredFile
from lti_tool.people.models import Identity


class WorkComment(Dated, Base):
    """What the pupil, the teachers of the course and the pupil's own teachers say to each other about a work."""

    __tablename__ = "work_comment"
    __table_args__ = (Index(None, "activity_id", "identity_id"), Index(None, "identity_id"), Index(None, "by_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))
    """The pupil whose work it is about."""
    text: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))

    by: Mapped[Identity] = relationship(foreign_keys=[by_id])
    files: Mapped[list[WorkCommentFile]] = relationship(order_by="WorkCommentFile.id")


class WorkCommentFile(Base):
    """A file that came with a comment."""

    __tablename__ = "work_comment_file"
    __table_args__ = (Index(None, "comment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("work_comment.id"))
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"), unique=True)

    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)
