"""A quiz for another hub: settings, slots, and every question they hold or draw from, as plain JSON.

Pictures travel as enclosed files; `picture:3` in a text of the archive is the third of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.models import Activity
from lti_tool.courses.quizzes.copying import Bank
from lti_tool.courses.quizzes.models import BankQuestion, QuestionPicture, QuizSlot
from lti_tool.courses.quizzes.operations.arranging import MAX_DRAWS, MAX_SLOTS
from lti_tool.courses.quizzes.operations.importing import with_pictures
from lti_tool.courses.quizzes.queries import every_question, newest_versions, pictures_of, slots_of
from lti_tool.courses.quizzes.questions import Content, Question, stored
from lti_tool.courses.quizzes.settings import QuizSettings, keep, kept
from lti_tool.courses.quizzes.texts import pictures_in
from lti_tool.files.models import StoredFile

MAX_QUESTIONS = 5_000


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class PackedQuestion(_Part):
    """A question as it is now; `pool` is a title, or empty."""

    name: str = Field(min_length=1, max_length=200)
    points: float = Field(gt=0, le=1000)
    pool: str = Field(default="", max_length=200)
    content: Question


class PackedSlot(_Part):
    """A place: the question of this number in the list, from 0, or so many draws from a pool."""

    question: int | None = Field(default=None, ge=0)
    pool: str = Field(default="", max_length=200)
    draws: int = Field(default=1, ge=1, le=MAX_DRAWS)
    points: float = Field(ge=0, le=1000)


class PackedSettings(_Part):
    """See settings.QuizSettings."""

    attempts: int = Field(default=1, ge=0, le=50)
    counts: Literal["best", "last", "first", "average"] = "best"
    minutes: int | None = Field(default=None, ge=1, le=7 * 24 * 60)
    pass_percent: int | None = Field(default=None, ge=1, le=100)
    per_page: int = Field(default=1, ge=0, le=50)
    shuffle_questions: bool = False
    shuffle_options: bool = True
    shown: tuple[str, ...] = Field(default=(), max_length=20)


class PackedQuiz(_Part):
    """All of it. `pictures` are the SHA-256 of the enclosed files in their order."""

    settings: PackedSettings
    pictures: tuple[str, ...] = ()
    questions: tuple[PackedQuestion, ...] = Field(default=(), max_length=MAX_QUESTIONS)
    slots: tuple[PackedSlot, ...] = Field(default=(), max_length=MAX_SLOTS)


def enclosed(activity: Activity) -> Sequence[StoredFile]:
    """The pictures of its questions, each once."""
    return [picture.file for picture in _pictures(activity, _contents(_questions(activity)))]


def pack(activity: Activity) -> Mapping[str, Any]:
    """The quiz for another hub."""
    questions = _questions(activity)
    contents = _contents(questions)
    pictures = _pictures(activity, contents)
    numbers = {picture.id: number for number, picture in enumerate(pictures, start=1)}
    places = {question.id: place for place, question in enumerate(questions)}
    return {
        "settings": {**asdict(kept(activity)), "shown": list(kept(activity).shown)},
        "pictures": [picture.sha256 for picture in pictures],
        "questions": [
            {
                "name": question.name,
                "points": question.points,
                "pool": question.pool.title if question.pool else "",
                "content": stored(with_pictures(contents[question.id], numbers)),
            }
            for question in questions
        ],
        "slots": [
            {"question": places[slot.question_id], "points": slot.points}
            if slot.question_id is not None
            else {"pool": slot.pool.title if slot.pool else "", "draws": slot.draws, "points": slot.points}
            for slot in slots_of(activity.id)
        ],
    }


def receive(activity: Activity, files: Sequence[StoredFile]) -> None:
    """Keep pictures for the questions that `unpack` brings. Raises ValueError for what is no picture."""
    bank = Bank(activity.course_id)
    for file in files:
        if not file.media_type.startswith("image/"):
            raise ValueError(f"{file.name} is no picture")
        bank.picture(file.id, file.sha256)


def unpack(activity: Activity, packed: Mapping[str, Any]) -> None:
    """Raises ValueError for what is no quiz."""
    found = PackedQuiz.model_validate(packed)
    keep(activity, QuizSettings(**found.settings.model_dump()))
    bank = Bank(activity.course_id)
    pictures = _received(activity, found.pictures)
    ids = [_put(bank, question, pictures) for question in found.questions]
    titles = {question.pool for question in found.questions}
    for position, slot in enumerate(found.slots, start=1):
        question_id = pool_id = None
        if slot.question is None:
            if not slot.pool or slot.pool not in titles:
                raise ValueError(f"slot {position} draws from a pool without questions")
            pool_id = bank.pool_named(slot.pool)
        elif slot.question >= len(ids):
            raise ValueError(f"slot {position} names a question that is not there")
        else:
            question_id = ids[slot.question]
        values = {"position": position, "draws": slot.draws, "points": slot.points}
        db.session.add(QuizSlot(activity_id=activity.id, question_id=question_id, pool_id=pool_id, **values))
    db.session.flush()


def _questions(activity: Activity) -> list[BankQuestion]:
    """Those its slots hold, and all of the pools they draw from; each once."""
    found: dict[int, BankQuestion] = {}
    for slot in slots_of(activity.id):
        for question in [slot.question] if slot.question else every_question(activity.course_id, slot.pool_id):
            found.setdefault(question.id, question)
    return list(found.values())


def _contents(questions: Sequence[BankQuestion]) -> dict[int, Content]:
    return {ident: version.content for ident, version in newest_versions([each.id for each in questions]).items()}


def _pictures(activity: Activity, contents: Mapping[int, Content]) -> list[QuestionPicture]:
    wanted = [number for content in contents.values() for number in sorted(pictures_in(*content.texts()))]
    there = pictures_of(activity.course_id, set(wanted))
    return [there[number] for number in dict.fromkeys(wanted) if number in there and there[number].file.is_open]


def _received(activity: Activity, digests: Sequence[str]) -> dict[int, int]:
    """The numbers here of pictures that the archive numbers from 1."""
    own = select(QuestionPicture).where(QuestionPicture.course_id == activity.course_id)
    there = {picture.sha256: picture.id for picture in db.session.scalars(own)}
    if not set(digests) <= there.keys():
        raise ValueError("a picture of a question is missing, or is not the one that was packed")
    return {number: there[digest] for number, digest in enumerate(digests, start=1)}


def _put(bank: Bank, packed: PackedQuestion, pictures: dict[int, int]) -> int:
    content: Content = packed.content
    faults = content.faults()
    if faults:
        raise ValueError(f"question “{packed.name}”: {faults[0]}")
    return bank.put(with_pictures(content, pictures), packed.name, packed.points, packed.pool)
