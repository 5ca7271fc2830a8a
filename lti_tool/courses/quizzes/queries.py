"""Reads about quizzes: the bank, the slots, attempts, what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import contains_eager, joinedload

from lti_tool.core.db import db, get_or_none, utcnow
from lti_tool.core.paging import Page, paged
from lti_tool.courses.models import Activity, Participation, Submission
from lti_tool.courses.pupils import Pupil, pupil_places
from lti_tool.courses.quizzes.models import (
    DONE,
    DOUBTFUL,
    FINISHED,
    GRACE,
    NEEDED,
    RUNNING,
    BankQuestion,
    QuestionPicture,
    QuestionPool,
    QuestionVersion,
    Quiz,
    QuizAttempt,
    QuizExtra,
    QuizResponse,
    QuizSlot,
)
from lti_tool.people.models import Identity


@dataclass(frozen=True)
class Standing:
    """How one pupil stands to a quiz now."""

    quiz: Quiz
    extra: QuizExtra | None
    attempts: Sequence[QuizAttempt]

    @property
    def closes_at(self) -> datetime | None:
        """The end for this pupil."""
        usual = self.quiz.activity.available_until
        own = self.extra.closes_at if self.extra else None
        return max(usual, own) if usual and own else usual

    @property
    def closed(self) -> bool:
        """For this pupil."""
        return self.closes_at is not None and utcnow() >= self.closes_at

    @property
    def minutes(self) -> int | None:
        """Time for an attempt."""
        more = self.extra.minutes if self.extra else 0
        return None if self.quiz.minutes is None else self.quiz.minutes + more

    def deadline_from(self, started_at: datetime) -> datetime | None:
        """When an attempt that began then must end; None: whenever the pupil hands in."""
        limits = [self.closes_at] if self.closes_at else []
        if self.minutes is not None:
            limits.append(started_at + timedelta(minutes=self.minutes))
        return min(limits, default=None)

    @property
    def left(self) -> int | None:
        """Attempts not begun yet; None: any number."""
        if self.quiz.attempts == 0:
            return None
        more = self.extra.attempts if self.extra else 0
        return max(0, self.quiz.attempts + more - len(self.attempts))

    @property
    def running(self) -> QuizAttempt | None:
        return next((each for each in self.attempts if each.state == RUNNING), None)


def standing_of(activity: Activity, identity_id: int) -> Standing:
    """One pupil's attempts and extras."""
    quiz = db.session.get_one(Quiz, activity.id)
    own = (QuizExtra.activity_id == activity.id, QuizExtra.identity_id == identity_id)
    attempts = (
        select(QuizAttempt)
        .join(QuizAttempt.submission)
        .where(Submission.activity_id == activity.id, Submission.identity_id == identity_id)
        .order_by(QuizAttempt.number)
        .execution_options(populate_existing=True)
    )
    extra = db.session.scalar(select(QuizExtra).where(*own))
    return Standing(quiz, extra, db.session.scalars(attempts).all())


def slots_of(activity_id: int) -> Sequence[QuizSlot]:
    """The quiz's slots in order, with question and pool."""
    statement = (
        select(QuizSlot)
        .where(QuizSlot.activity_id == activity_id)
        .options(joinedload(QuizSlot.question), joinedload(QuizSlot.pool))
        .order_by(QuizSlot.position, QuizSlot.id)
    )
    return db.session.scalars(statement).unique().all()


def slots_taken(activity_id: int) -> set[int]:
    """Ids of slots that attempts were given questions for: these stay in the quiz."""
    statement = (select(QuizResponse.slot_id).distinct().join(QuizSlot, QuizSlot.id == QuizResponse.slot_id)).where(
        QuizSlot.activity_id == activity_id
    )
    return set(db.session.scalars(statement))


def newest_versions(question_ids: Sequence[int]) -> dict[int, QuestionVersion]:
    """The newest version of each question, by the question's id."""
    statement = (
        select(QuestionVersion)
        .join(BankQuestion, BankQuestion.id == QuestionVersion.question_id)
        .where(QuestionVersion.number == BankQuestion.version, BankQuestion.id.in_(question_ids))
        .options(contains_eager(QuestionVersion.question))
    )
    return {version.question_id: version for version in db.session.scalars(statement).unique()}


def newest_version(question: BankQuestion) -> QuestionVersion:
    """What the question asks now."""
    return newest_versions([question.id])[question.id]


def question_of(course_id: int, question_id: int) -> BankQuestion | None:
    """The course's question, unless it was deleted."""
    question = get_or_none(BankQuestion, question_id)
    return question if question and question.course_id == course_id and question.deleted_at is None else None


def pools_of(course_id: int) -> list[tuple[QuestionPool, int]]:
    """The course's pools by title, each with its number of questions."""
    inside = and_(BankQuestion.pool_id == QuestionPool.id, BankQuestion.deleted_at.is_(None))
    statement = (
        select(QuestionPool, func.count(BankQuestion.id))
        .outerjoin(BankQuestion, inside)
        .where(QuestionPool.course_id == course_id)
        .group_by(QuestionPool.id)
        .order_by(QuestionPool.title)
    )
    return [(pool, count) for pool, count in db.session.execute(statement)]


def bank_page(
    course_id: int, *, search: str, pool: int | None, kind: str, number: int, address: Callable[[int], str]
) -> Page[BankQuestion]:
    """The course's questions: all, of a pool (0: of none), of a type, whose name holds what is searched."""
    statement = (
        select(BankQuestion)
        .where(BankQuestion.course_id == course_id, BankQuestion.deleted_at.is_(None))
        .order_by(BankQuestion.id.desc())
    )
    if search:
        statement = statement.where(func.lower(BankQuestion.name).contains(search.lower(), autoescape=True))
    if pool is not None:
        statement = statement.where(BankQuestion.pool_id == pool if pool else BankQuestion.pool_id.is_(None))
    if kind:
        statement = statement.where(BankQuestion.kind == kind)
    return paged(statement, number, address)


def every_question(course_id: int, pool_id: int | None) -> Sequence[BankQuestion]:
    """All questions of the course, or of one pool."""
    statement = select(BankQuestion).where(BankQuestion.course_id == course_id, BankQuestion.deleted_at.is_(None))
    if pool_id:
        statement = statement.where(BankQuestion.pool_id == pool_id)
    return db.session.scalars(statement.order_by(BankQuestion.id)).unique().all()


def picture_of(course_id: int, picture_id: int) -> QuestionPicture | None:
    """The course's picture."""
    picture = get_or_none(QuestionPicture, picture_id)
    return picture if picture and picture.course_id == course_id else None


def pictures_of(course_id: int, ids: set[int]) -> dict[int, QuestionPicture]:
    """Those of the ids that are pictures of the course."""
    if not ids:
        return {}
    statement = select(QuestionPicture).where(QuestionPicture.course_id == course_id, QuestionPicture.id.in_(ids))
    return {picture.id: picture for picture in db.session.scalars(statement)}


def attempt_of(attempt_id: int) -> QuizAttempt | None:
    """An attempt with its submission; None when there is none."""
    return get_or_none(QuizAttempt, attempt_id)


def responses_of(attempt: QuizAttempt) -> Sequence[QuizResponse]:
    """Its questions with answers, in order, each with the version that was asked and the one that marks it."""
    statement = (
        select(QuizResponse)
        .where(QuizResponse.attempt_id == attempt.id)
        .options(joinedload(QuizResponse.asked), joinedload(QuizResponse.marks))
        .order_by(QuizResponse.position)
    )
    return db.session.scalars(statement).all()


def attempts_of(submission_id: int) -> Sequence[QuizAttempt]:
    """All attempts of one pupil's submission."""
    statement = select(QuizAttempt).where(QuizAttempt.submission_id == submission_id).order_by(QuizAttempt.number)
    return db.session.scalars(statement).all()


def overdue(limit: int) -> list[int]:
    """Ids of running attempts whose time and grace are over."""
    statement = (
        select(QuizAttempt.id)
        .where(QuizAttempt.state == RUNNING, QuizAttempt.deadline_at < utcnow() - GRACE)
        .order_by(QuizAttempt.deadline_at)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


@dataclass(frozen=True)
class Waiting:
    """A question of a quiz whose answers a person marks."""

    slot: QuizSlot
    version: QuestionVersion
    needed: int
    doubtful: int
    done: int


def of_classes(activity: Activity, seen: Collection[Participation] | None) -> list[ColumnElement[bool]]:
    """SQL: submissions to the activity of pupils who belong to these classes; None: of all."""
    ours = [Submission.activity_id == activity.id]
    if seen is not None:
        places = pupil_places(activity.course_id, [one.id for one in seen])
        ours.append(Submission.identity_id.in_(select(places.c.identity_id)))
    return ours


def hand_queue(activity: Activity, seen: Collection[Participation] | None) -> list[Waiting]:
    """Questions with answers for a person, in the quiz's order; answers of all versions of a question together.

    Of pupils of these classes; None: of all.
    """
    activity_id = activity.id
    counts = [func.count().filter(QuizResponse.to_mark == state) for state in (NEEDED, DOUBTFUL, DONE)]
    statement = (
        select(QuizSlot.id, QuestionVersion.question_id, *counts)
        .join(QuizResponse, QuizResponse.slot_id == QuizSlot.id)
        .join(QuizResponse.asked)
        .join(QuizResponse.attempt)
        .join(QuizAttempt.submission)
        .where(*of_classes(activity, seen), QuizResponse.to_mark != "", QuizAttempt.state == FINISHED)
        .group_by(QuizSlot.id, QuizSlot.position, QuestionVersion.question_id)
        .order_by(QuizSlot.position, QuestionVersion.question_id)
    )
    rows = db.session.execute(statement).all()
    slots = {slot.id: slot for slot in slots_of(activity_id)}
    versions = newest_versions([row[1] for row in rows])
    return [Waiting(slots[row[0]], versions[row[1]], *row[2:]) for row in rows]


def answers_to_mark(
    activity: Activity,
    question_id: int,
    *,
    seen: Collection[Participation] | None,
    everything: bool,
    number: int,
    address: Callable[[int], str],
) -> Page[QuizResponse]:
    """Answers to one question that wait for a person, or all that did, of pupils of these classes; None: of all pupils.

    The longest waiting first.
    """
    states = (NEEDED, DOUBTFUL, DONE) if everything else (NEEDED, DOUBTFUL)
    statement = (
        select(QuizResponse)
        .join(QuizResponse.asked)
        .join(QuizResponse.attempt)
        .join(QuizAttempt.submission)
        .where(
            *of_classes(activity, seen),
            QuestionVersion.question_id == question_id,
            QuizResponse.to_mark.in_(states),
            QuizAttempt.state == FINISHED,
        )
        .options(
            contains_eager(QuizResponse.asked),
            joinedload(QuizResponse.marks),
            contains_eager(QuizResponse.attempt)
            .contains_eager(QuizAttempt.submission)
            .options(joinedload(Submission.identity), joinedload(Submission.participation)),
        )
        .order_by(QuizAttempt.finished_at, QuizResponse.id)
    )
    return paged(statement, number, address, size=10)


def response_of(response_id: int, activity: Activity, seen: Collection[Participation] | None) -> QuizResponse | None:
    """One answer with its attempt and submission, of a pupil of these classes; None as classes: of any."""
    statement = select(QuizResponse).join(QuizResponse.attempt).join(QuizAttempt.submission)
    return db.session.scalar(statement.where(QuizResponse.id == response_id, *of_classes(activity, seen)))


def pupil_of(submission: Submission) -> Pupil:
    """Whose submission it is, where it counts."""
    return Pupil(submission.identity, submission.participation, active=True)


def extras_of(activity_id: int) -> Sequence[QuizExtra]:
    """What single pupils have beyond the others."""
    statement = select(QuizExtra).where(QuizExtra.activity_id == activity_id).order_by(QuizExtra.id)
    return db.session.scalars(statement).all()


def pupils_by_submission(ids: Sequence[int]) -> dict[int, Pupil]:
    """Whose submissions these are."""
    statement = (
        select(Submission)
        .where(Submission.id.in_(ids))
        .options(
            joinedload(Submission.identity).selectinload(Identity.registration), joinedload(Submission.participation)
        )
    )
    return {submission.id: pupil_of(submission) for submission in db.session.scalars(statement)}


def uses_of(question_id: int) -> Sequence[Activity]:
    """The quizzes that hold this question as one of their fixed ones."""
    statement = (
        select(Activity)
        .join(QuizSlot, QuizSlot.activity_id == Activity.id)
        .where(QuizSlot.question_id == question_id, Activity.deleted_at.is_(None))
        .order_by(Activity.id)
    )
    return db.session.scalars(statement).unique().all()
