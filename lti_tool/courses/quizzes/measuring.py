"""Figures of a quiz's questions, read from marked answers as plain numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from lti_tool.core.db import db
from lti_tool.courses.models import Activity, Participation
from lti_tool.courses.quizzes.models import FINISHED, QuestionVersion, QuizAttempt, QuizResponse
from lti_tool.courses.quizzes.queries import newest_versions, of_classes
from lti_tool.courses.quizzes.questions import Content
from lti_tool.courses.quizzes.questions.carrying import carried
from lti_tool.courses.quizzes.statistics import Answered, Figures, figures, histogram
from lti_tool.courses.quizzes.texts import excerpt

MOST_ANSWERS = 8
"""Answers of a question that are told apart; the rest are counted together."""
FEW = 3
"""A typed answer given by fewer pupils is not shown: it might tell who wrote it."""


@dataclass(frozen=True)
class AnswerCount:
    """How often an answer was given."""

    text: str
    count: int
    fraction: float | None


@dataclass(frozen=True)
class Measured:
    """One question."""

    name: str
    kind: str
    figures: Figures
    answers: Sequence[AnswerCount]
    others: int
    """Answers not told apart."""
    empty: int


@dataclass(frozen=True)
class QuizFigures:
    """The quiz as a whole, and its questions."""

    attempts: int
    waiting: int
    """Finished attempts not in the figures, since something in them waits for a mark."""
    mean: float | None
    histogram: Sequence[int]
    questions: Sequence[Measured]


def measured(activity: Activity, seen: Collection[Participation] | None) -> QuizFigures:
    """The figures of all finished and marked attempts of pupils of these classes; None: of all pupils."""
    ours = [*of_classes(activity, seen), QuizAttempt.state == FINISHED]
    totals = db.session.execute(
        select(QuizAttempt.id, QuizAttempt.points, QuizAttempt.maximum).join(QuizAttempt.submission).where(*ours)
    ).all()
    shares = {row.id: row.points / row.maximum for row in totals if row.points is not None and row.maximum}
    rows = db.session.execute(
        select(
            QuestionVersion.question_id,
            QuizResponse.attempt_id,
            QuizResponse.fraction,
            QuizResponse.maximum,
            QuizAttempt.maximum.label("whole"),
        )
        .join(QuizResponse.attempt)
        .join(QuizResponse.asked)
        .join(QuizAttempt.submission)
        .where(*ours, QuizAttempt.points.is_not(None), QuizAttempt.maximum > 0)
        .order_by(QuizResponse.id)
    )
    found = figures(
        Answered(row.question_id, row.attempt_id, row.fraction, shares[row.attempt_id], row.maximum / row.whole)
        for row in rows
    )
    counts = _answers(ours, list(found))
    versions = newest_versions(list(found))
    questions = [_measured(found[number], versions[number], counts.get(number, Counter())) for number in found]
    mean = sum(shares.values()) / len(shares) if shares else None
    return QuizFigures(len(shares), len(totals) - len(shares), mean, histogram(shares.values()), questions)


def _answers(ours: Sequence[ColumnElement[bool]], question_ids: Sequence[int]) -> dict[int, Counter[tuple[int, str]]]:
    """For each question how often each answer to each version was given."""
    statement = (
        select(QuestionVersion.question_id, QuizResponse.version_id, QuizResponse.answer)
        .join(QuizResponse.attempt)
        .join(QuizResponse.asked)
        .join(QuizAttempt.submission)
        .where(
            *ours,
            QuizAttempt.points.is_not(None),
            QuestionVersion.question_id.in_(question_ids),
        )
    )
    counts: dict[int, Counter[tuple[int, str]]] = {}
    for question_id, version_id, answer in db.session.execute(statement):
        counts.setdefault(question_id, Counter())[version_id, json.dumps(answer)] += 1
    return counts


def _measured(own: Figures, version: QuestionVersion, counts: Counter[tuple[int, str]]) -> Measured:
    content = version.content
    told, empty = _told(content, version.id, counts)
    usual = content.kind in ("single", "multiple", "truefalse")
    shown = [each for each in told if usual or each.count >= FEW][:MOST_ANSWERS]
    others = sum(counts.values()) - empty - sum(each.count for each in shown)
    return Measured(version.question.name, version.question.kind, own, shown, others, empty)


def _told(content: Content, version_id: int, counts: Counter[tuple[int, str]]) -> tuple[list[AnswerCount], int]:
    """Answers in words, those to older versions read as answers to this one; and how many were empty."""
    older = _older({version for version, _answer in counts if version != version_id})
    sums: Counter[str] = Counter()
    fractions: dict[str, float | None] = {}
    empty = 0
    for (version, kept), count in counts.items():
        answer = json.loads(kept)
        if version in older:
            answer = carried(older[version], content, answer) or []
        if not answer:
            empty += count
            continue
        text = excerpt("; ".join(content.told(answer)), 100)
        sums[text] += count
        fractions.setdefault(text, content.mark(answer).fraction)
    return [AnswerCount(text, count, fractions[text]) for text, count in sums.most_common()], empty


def _older(ids: set[int]) -> dict[int, Content]:
    statement = select(QuestionVersion).where(QuestionVersion.id.in_(ids))
    return {version.id: version.content for version in db.session.scalars(statement)}
