"""A word or a few that are typed."""

from __future__ import annotations

from typing import Annotated, Literal

from flask_babel import gettext as _
from pydantic import Field

from lti_tool.courses.quizzes.questions.base import (
    MAX_OPTIONS,
    Answer,
    Content,
    Mark,
    Order,
    Part,
    Sent,
    Share,
    Short,
    clamp,
    folded,
    matches,
    one_slip_apart,
    typed,
)


class Accepted(Part):
    """A text that is accepted; `*` in it stands for anything."""

    text: Annotated[str, Field(max_length=500)]
    share: Share = 100.0
    feedback: Short = ""


class ShortAnswer(Content):
    """The first accepted text that matches counts. One slip of the keyboard is marked wrong and shown to a teacher."""

    kind: Literal["short"] = "short"
    accepted: Annotated[tuple[Accepted, ...], Field(max_length=MAX_OPTIONS)]
    case: bool = False
    """Capital and small letters differ."""

    def faults(self) -> list[str]:
        found = []
        if not any(each.share >= 100 and each.text.strip() for each in self.accepted):
            found.append(_("Write at least one right answer."))
        if any(not each.text.strip() for each in self.accepted):
            found.append(_("An accepted answer is empty."))
        return found

    def read(self, name: str, sent: Sent, order: Order) -> Answer:
        text = typed(sent, name).strip()
        return [text] if text else []

    def mark(self, answer: Answer) -> Mark:
        return mark_typed(self.accepted, answer[0] if answer else "", case=self.case)

    def right(self) -> Answer:
        best = [each.text for each in self.accepted if each.share >= 100]
        return [best[0].replace(r"\*", "*")] if best else []

    def notes(self, answer: Answer) -> list[str]:
        found = match(self.accepted, answer[0] if answer else "", case=self.case)
        return [found.feedback] if found and found.feedback else []

    def texts(self) -> list[str]:
        return super().texts() + [each.feedback for each in self.accepted]


def match(accepted: tuple[Accepted, ...], text: str, *, case: bool) -> Accepted | None:
    """The first accepted answer this text is."""
    if not text.strip():
        return None
    return next((each for each in accepted if matches(each.text, text, case=case)), None)


def mark_typed(accepted: tuple[Accepted, ...], text: str, *, case: bool) -> Mark:
    """What a typed text is worth; doubtful when it is one slip away from an accepted one."""
    found = match(accepted, text, case=case)
    if found is not None:
        return Mark(clamp(found.share))
    written = folded(text, case=case)
    near = any(one_slip_apart(written, folded(each.text, case=case)) for each in accepted if each.share > 0)
    return Mark(0.0, doubtful=near)
