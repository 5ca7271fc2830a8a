"""The question bank: write questions, give them pictures, sort them into pools."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, update

from lti_tool.core import audit
from lti_tool.core.db import db, execute, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import step
from lti_tool.courses.models import Activity, SharedCourse
from lti_tool.courses.quizzes.models import BankQuestion, QuestionPicture, QuestionPool, QuestionVersion, QuizSlot
from lti_tool.courses.quizzes.queries import newest_version, pictures_of
from lti_tool.courses.quizzes.questions import Content, stored
from lti_tool.courses.quizzes.texts import excerpt, pictures_in
from lti_tool.files.kinds import IMAGES
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules, drop, take
from lti_tool.people.actor import Actor

MAX_PICTURE_BYTES = 5 * 1024 * 1024
PICTURE = Rules(kinds=(IMAGES,), most=1, most_bytes=MAX_PICTURE_BYTES, looks_inside=True)
MAX_POOLS = 200


def add_question(
    *,
    actor: Actor,
    course: SharedCourse,
    content: Content,
    name: str = "",
    pool_id: int | None = None,
    points: float = 1.0,
) -> BankQuestion:
    """A new question in the course's bank. Raises Invalid when pupils could not be given it."""
    _check(course.id, content, pool_id)
    question = BankQuestion(
        course_id=course.id,
        pool_id=pool_id,
        name=_name(name, content),
        kind=content.kind,
        points=points,
        versions=[QuestionVersion(number=1, kept=stored(content))],
    )
    db.session.add(question)
    db.session.flush()
    audit.record(actor, "question.add", "question", question.id, course=course.id, kind=content.kind)
    return question


def edit_question(
    *, actor: Actor, question: BankQuestion, seen: int, content: Content, name: str, pool_id: int | None, points: float
) -> None:
    """What it asks becomes a new version; attempts keep the one they were given. Raises Outdated and Invalid."""
    _check(question.course_id, content, pool_id)
    values = {"name": _name(name, content), "pool_id": pool_id, "points": points}
    same = stored(newest_version(question).content) == stored(content)
    if same and all(getattr(question, key) == value for key, value in values.items()):
        return
    step(question, seen, **values)
    db.session.add(QuestionVersion(question_id=question.id, number=question.version, kept=stored(content)))
    db.session.flush()
    db.session.refresh(question)
    audit.record(actor, "question.edit", "question", question.id, version=question.version)


def duplicate_question(*, actor: Actor, course: SharedCourse, question: BankQuestion) -> BankQuestion:
    """A second question that asks the same, to be changed."""
    content = newest_version(question).content
    name = _("%(name)s (copy)", name=question.name[:180])
    return add_question(
        actor=actor, course=course, content=content, name=name, pool_id=question.pool_id, points=question.points
    )


def move_question(*, actor: Actor, question: BankQuestion, pool_id: int | None) -> None:
    """Into another pool of the course, or out of all."""
    _check_pool(question.course_id, pool_id)
    if question.pool_id != pool_id:
        question.pool_id = pool_id
        audit.record(actor, "question.move", "question", question.id, pool=pool_id)


def delete_question(*, actor: Actor, question: BankQuestion) -> None:
    """Take it out of the bank; attempts keep it. Raises Conflict while a quiz holds it."""
    used = (
        select(Activity.title)
        .join(QuizSlot, QuizSlot.activity_id == Activity.id)
        .where(QuizSlot.question_id == question.id, Activity.deleted_at.is_(None))
    )
    title = db.session.scalar(used.limit(1))
    if title is not None:
        raise Conflict(_("The quiz “%(title)s” uses this question.", title=title), _("Take it out of the quiz first."))
    if question.deleted_at is None:
        question.deleted_at = utcnow()
        audit.record(actor, "question.delete", "question", question.id)


def add_pool(*, actor: Actor, course: SharedCourse, title: str) -> QuestionPool:
    """A pool of this name, the one that is there if there is one. Raises Invalid without a name."""
    title = " ".join(title.split())[:200]
    if not title:
        raise Invalid({"title": _("Give the pool a name.")})
    found = db.session.scalar(
        select(QuestionPool).where(QuestionPool.course_id == course.id, QuestionPool.title == title)
    )
    if found is not None:
        return found
    pool = QuestionPool(course_id=course.id, title=title)
    db.session.add(pool)
    db.session.flush()
    audit.record(actor, "question.add", "question_pool", pool.id, course=course.id)
    return pool


def delete_pool(*, actor: Actor, pool: QuestionPool) -> None:
    """Its questions stay in the bank. Raises Conflict while a quiz draws from it."""
    used = select(Activity.title).join(QuizSlot, QuizSlot.activity_id == Activity.id).where(QuizSlot.pool_id == pool.id)
    title = db.session.scalar(used.limit(1))
    if title is not None:
        raise Conflict(_("The quiz “%(title)s” draws questions from this pool.", title=title))
    moved = update(BankQuestion).where(BankQuestion.pool_id == pool.id).values(pool_id=None)
    execute(moved.execution_options(synchronize_session=False))
    audit.record(actor, "question.delete", "question_pool", pool.id, course=pool.course_id)
    db.session.delete(pool)
    db.session.flush()


def add_picture(*, actor: Actor, course: SharedCourse, file: StoredFile) -> QuestionPicture:
    """Take a picture that this person brought into the course; the same one again is the one that is there.

    Raises Invalid for `picture` when the file is none that browsers show.
    """
    same = select(QuestionPicture).where(QuestionPicture.course_id == course.id, QuestionPicture.sha256 == file.sha256)
    found = db.session.scalar(same)
    if found is not None:
        drop(actor=actor, file=file)
        return found
    take(actor=actor, ids=[file.id], purpose="quiz", rules=PICTURE, field="picture")
    picture = QuestionPicture(course_id=course.id, file_id=file.id, sha256=file.sha256)
    db.session.add(picture)
    db.session.flush()
    audit.record(actor, "question.add", "question_picture", picture.id, course=course.id)
    return picture


def _check(course_id: int, content: Content, pool_id: int | None) -> None:
    _check_pool(course_id, pool_id)
    faults = content.faults()
    if not content.text.strip():
        faults.insert(0, _("Write what is asked."))
    wanted = pictures_in(*content.texts())
    if wanted - pictures_of(course_id, wanted).keys():
        faults.append(_("The text shows a picture that this course does not have."))
    if faults:
        raise Invalid({"content": " ".join(faults)})


def _check_pool(course_id: int, pool_id: int | None) -> None:
    if pool_id is None:
        return
    pool = db.session.get(QuestionPool, pool_id)
    if pool is None or pool.course_id != course_id:
        raise Invalid({"pool": _("There is no such pool any more.")})


def _name(name: str, content: Content) -> str:
    return " ".join(name.split())[:200] or excerpt(content.text) or content.kind
