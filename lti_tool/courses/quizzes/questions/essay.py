"""A longer text, marked by a person."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lti_tool.courses.quizzes.questions.base import Answer, Content, Long, Mark, Order, Sent, typed

MAX_ESSAY = 100_000


class Essay(Content):
    """Nothing written is worth nothing; everything else waits for a teacher."""

    by_hand: ClassVar[bool] = True
    kind: Literal["essay"] = "essay"
    lines: Annotated[int, Field(ge=2, le=60)] = 10
    notes_for_marking: Long = ""
    """Only teachers read them."""

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        text = typed(sent, name, MAX_ESSAY)
        return [text] if text.strip() else []

    def mark(self, answer: Answer) -> Mark:
        return Mark(None) if answer else Mark(0.0)

    def texts(self) -> list[str]:
        return [*super().texts(), self.notes_for_marking]
