"""Invite a teacher, answer, remove."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Invalid
from lti_tool.courses.models import CourseTeacher, SharedCourse
from lti_tool.courses.staff.models import ACCEPTED, DECLINED, INVITED, LEVELS, REMOVED, TEACH, CourseTutor
from lti_tool.courses.staff.queries import candidates
from lti_tool.people.actor import Actor


def invite(*, actor: Actor, course: SharedCourse, identity_id: int, level: str, everybody: bool) -> CourseTutor:
    """Ask a teacher to teach along. Raises Invalid for somebody who did not come in through the course."""
    if level not in LEVELS:
        raise Invalid({"level": _("Choose one.")})
    chosen = next((one for one in candidates(course) if one.id == identity_id), None)
    if chosen is None:
        raise Invalid({"identity": _("Choose a teacher from the list.")})
    if level == TEACH and chosen.registration.organization_id != course.organization_id:
        raise Invalid({"level": _("Only a teacher of the host can edit the course: choose another right.")})
    key = (CourseTutor.course_id == course.id, CourseTutor.identity_id == identity_id)
    tutor = db.session.scalar(select(CourseTutor).where(*key))
    if tutor is None:
        tutor = CourseTutor(course_id=course.id, identity_id=identity_id)
        db.session.add(tutor)
    tutor.level, tutor.everybody, tutor.state, tutor.answered_at = level, everybody or level == TEACH, INVITED, None
    home = chosen.registration.organization_id
    facts = {"identity": identity_id, "level": level, "everybody": tutor.everybody}
    audit.record(actor, "invite_tutor", "course", course.id, concerns=home, **facts)
    db.session.flush()
    return tutor


def answer(*, actor: Actor, tutor: CourseTutor, yes: bool) -> bool:
    """The invited teacher accepts or declines; False when it no longer waits."""
    if tutor.state != INVITED:
        return False
    tutor.state, tutor.answered_at = (ACCEPTED if yes else DECLINED), utcnow()
    if yes and tutor.level == TEACH:
        values = {"course_id": tutor.course_id, "identity_id": tutor.identity_id, "created_at": utcnow()}
        insert_if_absent(CourseTeacher, values)
    host = tutor.course.organization_id
    audit.record(actor, "answer_tutor", "course", tutor.course_id, concerns=host, accepted=yes)
    return True


def remove(*, actor: Actor, tutor: CourseTutor) -> bool:
    """End it, from either side; what was graded and said stays."""
    if tutor.state not in (INVITED, ACCEPTED):
        return False
    tutor.state, tutor.answered_at = REMOVED, utcnow()
    if tutor.level == TEACH:
        gone = delete(CourseTeacher).where(
            CourseTeacher.course_id == tutor.course_id, CourseTeacher.identity_id == tutor.identity_id
        )
        execute(gone.execution_options(synchronize_session=False))
    audit.record(actor, "remove_tutor", "course", tutor.course_id, identity=tutor.identity_id)
    return True
