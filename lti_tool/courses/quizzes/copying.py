"""A quiz for another activity: the same questions in the same order, in the same course or another one."""

from __future__ import annotations

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.models import Activity
from lti_tool.courses.quizzes.models import BankQuestion, QuestionPicture, QuestionPool, QuestionVersion, QuizSlot
from lti_tool.courses.quizzes.operations.importing import with_pictures
from lti_tool.courses.quizzes.queries import newest_version, slots_of
from lti_tool.courses.quizzes.questions import Content, stored
from lti_tool.courses.quizzes.texts import pictures_in


def copy(source: Activity, target: Activity) -> None:
    """Give the new quiz the slots of the other; in another course the questions, pools and pictures come along."""
    same = source.course_id == target.course_id
    bank = Bank(target.course_id)
    for slot in slots_of(source.id):
        values = {"position": slot.position, "draws": slot.draws, "points": slot.points}
        question_id, pool_id = slot.question_id, slot.pool_id
        if not same:
            question_id = bank.question(slot.question) if slot.question else None
            pool_id = bank.pool(slot.pool, whole=True) if slot.pool else None
        db.session.add(QuizSlot(activity_id=target.id, question_id=question_id, pool_id=pool_id, **values))
    db.session.flush()


class Bank:
    """The other course's bank, which gets what is not there yet: pools by their titles, questions by their texts."""

    def __init__(self, course_id: int) -> None:
        self.course_id = course_id

    def pool(self, pool: QuestionPool, *, whole: bool = False) -> int:
        if whole:
            inside = select(BankQuestion).where(BankQuestion.pool_id == pool.id, BankQuestion.deleted_at.is_(None))
            for question in db.session.scalars(inside).unique().all():
                self.question(question)
        return self.pool_named(pool.title)

    def question(self, question: BankQuestion) -> int:
        content = newest_version(question).content
        own = with_pictures(content, self._pictures(question.course_id, pictures_in(*content.texts())))
        return self.put(own, question.name, question.points, question.pool.title if question.pool else "")

    def pool_named(self, title: str) -> int:
        """The pool of this title, made where there is none."""
        found = db.session.scalar(select(QuestionPool).filter_by(course_id=self.course_id, title=title))
        if found is None:
            found = QuestionPool(course_id=self.course_id, title=title)
            db.session.add(found)
            db.session.flush()
        return found.id

    def put(self, content: Content, name: str, points: float, pool: str) -> int:
        """A question with pictures of this course, in the pool of this title; the one that is there if there is one."""
        kept = stored(content)
        twins = select(BankQuestion).filter_by(course_id=self.course_id, name=name, deleted_at=None)
        for twin in db.session.scalars(twins).unique():
            if newest_version(twin).kept == kept:
                return twin.id
        made = BankQuestion(
            course_id=self.course_id,
            pool_id=self.pool_named(pool) if pool else None,
            name=name,
            kind=content.kind,
            points=points,
            versions=[QuestionVersion(number=1, kept=kept)],
        )
        db.session.add(made)
        db.session.flush()
        return made.id

    def _pictures(self, course_id: int, ids: set[int]) -> dict[int, int]:
        """The same files under numbers of the other course."""
        found = {}
        own = select(QuestionPicture).where(QuestionPicture.course_id == course_id, QuestionPicture.id.in_(ids))
        for picture in db.session.scalars(own).all():
            found[picture.id] = self.picture(picture.file_id, picture.sha256)
        return found

    def picture(self, file_id: int, sha256: str) -> int:
        """The number of a picture in this course; it gets this file when there is none like it."""
        key = {"course_id": self.course_id, "sha256": sha256}
        twin = db.session.scalar(select(QuestionPicture).filter_by(**key))
        if twin is None:
            twin = QuestionPicture(file_id=file_id, **key)
            db.session.add(twin)
            db.session.flush()
        return twin.id
