"""Reads of what was said about a work."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from lti_tool.core.db import db
from lti_tool.courses.models import CourseTeacher
from lti_tool.courses.talk.models import WorkComment


def said_about(activity_id: int, identity_id: int) -> list[WorkComment]:
    """The talk about a pupil's work, from the beginning."""
    statement = select(WorkComment).where(
        WorkComment.activity_id == activity_id, WorkComment.identity_id == identity_id
    )
    whole = statement.options(joinedload(WorkComment.by), selectinload(WorkComment.files))
    return list(db.session.scalars(whole.order_by(WorkComment.id)).unique())


def teacher_ids(course_id: int) -> set[int]:
    """Identities of the teachers who edit the course."""
    return set(db.session.scalars(select(CourseTeacher.identity_id).where(CourseTeacher.course_id == course_id)))
