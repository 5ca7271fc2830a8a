"""Questions from a file: looked at first, then all that can be taken are taken together, or none."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import PurePath
from typing import Any

from lti_tool.core import audit
from lti_tool.core.db import db, run, table_of, utcnow
from lti_tool.core.storage import clean_name, current_storage
from lti_tool.courses.models import SharedCourse
from lti_tool.courses.quizzes.formats import FORMATS, Picture, Reading, guess
from lti_tool.courses.quizzes.models import BankQuestion, QuestionVersion
from lti_tool.courses.quizzes.operations.bank import MAX_PICTURE_BYTES, add_picture, add_pool
from lti_tool.courses.quizzes.queries import picture_of
from lti_tool.courses.quizzes.questions import Content, restored, stored
from lti_tool.courses.quizzes.texts import PICTURE, excerpt, pictures_in
from lti_tool.files.inspection import examine
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import add
from lti_tool.people.actor import Actor


def read_file(file: StoredFile, form: str = "") -> Reading:
    """What a file holds that somebody brought; `form` is one of formats.FORMATS, or empty for the file to tell. Raises formats.Unreadable."""
    data = b"".join(current_storage().read(file.key))
    return FORMATS[form if form in FORMATS else guess(file.name, data)](data)


def take_questions(*, actor: Actor, course: SharedCourse, reading: Reading, pool_title: str = "") -> list[int]:
    """Put every question that can be taken into the course's bank; their ids. Their pools are made where none is there.

    `pool_title`: all of them go there instead.
    """
    lines = [line for line in reading.lines if line.content is not None]
    wanted = {number for line in lines if line.content for number in pictures_in(*line.content.texts())}
    known = sorted(number for number in wanted if number < len(reading.pictures))
    pictures = {number: _keep(actor, course, reading.pictures[number]) for number in known}
    pools = {title: add_pool(actor=actor, course=course, title=title).id for title in _titles(lines, pool_title)}
    ids: list[int] = []
    for line in lines:
        assert line.content is not None
        content = with_pictures(line.content, pictures)
        question = BankQuestion(
            course_id=course.id,
            pool_id=pools.get(pool_title or line.pool),
            name=line.name or excerpt(content.text),
            kind=content.kind,
            points=line.points,
        )
        db.session.add(question)
        db.session.flush()
        ids.append(question.id)
        line_version = {"question_id": question.id, "number": 1, "kept": stored(content), "created_at": utcnow()}
        run(table_of(QuestionVersion).insert(), line_version)
    audit.record(actor, "question.import", "course", course.id, questions=len(ids))
    return ids


def with_pictures(content: Content, ids: dict[int, int]) -> Content:
    """The question with the pictures of the file named by their ids here."""

    def renamed(value: Any) -> Any:
        if isinstance(value, str):
            return PICTURE.sub(lambda found: f"picture:{ids.get(int(found[1]), 0)}", value)
        if isinstance(value, list):
            return [renamed(each) for each in value]
        if isinstance(value, dict):
            return {key: renamed(each) for key, each in value.items()}
        return value

    return restored(renamed(stored(content)))


def picture_for_export(course_id: int) -> Callable[[int], Picture | None]:
    """Fetch the content of the course's pictures by id, each once."""

    @cache
    def fetch(number: int) -> Picture | None:
        found = picture_of(course_id, number)
        if found is None:
            return None
        try:
            content = b"".join(current_storage().read(found.file.key))
        except FileNotFoundError:
            return None
        return Picture(found.file.name, found.file.media_type, content)

    return fetch


def _keep(actor: Actor, course: SharedCourse, picture: Picture) -> int:
    kept = current_storage().save(BytesIO(picture.data), limit=MAX_PICTURE_BYTES)
    name = f"{PurePath(clean_name(picture.name)).stem[:80]}.{picture.media_type.partition('/')[2]}"
    file = add(actor=actor, key=kept.key, name=name, facts=examine(kept.key, name))
    return add_picture(actor=actor, course=course, file=file).id


def _titles(lines: list[Any], pool_title: str) -> list[str]:
    titles = [pool_title] if pool_title else [line.pool for line in lines]
    return [title for title in dict.fromkeys(titles) if title]
