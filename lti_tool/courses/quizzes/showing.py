"""A question as a page shows it: to be answered, or with its marks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from lti_tool.courses.quizzes.models import DONE, NEEDED, QuizResponse
from lti_tool.courses.quizzes.questions import Answer, Content, Order, is_answered
from lti_tool.courses.quizzes.questions.base import number_in
from lti_tool.courses.quizzes.questions.gaps import GAP, LIST, Gap, Gaps
from lti_tool.courses.quizzes.texts import gap_mark, render, without_marks

PictureUrl = Callable[[int], str]


@dataclass(frozen=True)
class Sight:
    """What may be seen of an answered question."""

    marks: bool = False
    right: bool = False
    feedback: bool = False


NOTHING, EVERYTHING = Sight(), Sight(marks=True, right=True, feedback=True)


@dataclass(frozen=True)
class Choice:
    """An option in its place on the page."""

    place: int
    html: Markup
    chosen: bool
    right: bool


@dataclass(frozen=True)
class Shown:
    """One question on a page. `open`: it can be answered there."""

    number: int
    content: Any
    order: Order
    answer: Answer
    maximum: float
    picture: PictureUrl
    open: bool = False
    sight: Sight = NOTHING
    points: float | None = None
    state: str = ""
    comment: str = ""
    judge: Any = None
    """The content that tells what is right; the one that was asked unless it was marked anew."""

    @property
    def name(self) -> str:
        """The beginning of its fields' names."""
        return f"q{self.number}"

    @property
    def kind(self) -> str:
        return str(self.content.kind)

    @property
    def answered(self) -> bool:
        return is_answered(self.answer)

    @property
    def waits(self) -> bool:
        """For a person to mark it."""
        return self.state == NEEDED

    @property
    def by_person(self) -> bool:
        return self.state == DONE

    def html(self, text: str) -> Markup:
        return render(text, self.picture)

    @property
    def text(self) -> Markup:
        """What is asked, with controls in the gaps."""
        if not isinstance(self.content, Gaps):
            return self.html(self.content.text)
        gaps = self.content.gaps()
        numbers = iter(range(len(gaps)))
        marked = GAP.sub(lambda _found: gap_mark(next(numbers, 999)), without_marks(self.content.text))
        return render(marked, self.picture, [self._gap(number, gap) for number, gap in enumerate(gaps)] or None)

    def options(self) -> list[Choice]:
        """The options of a choice, in their order on the page."""
        judge = self.judge or self.content
        right = {int(number) for number in judge.right()}
        chosen = {number_in(self.answer, part) for part in range(len(self.answer))}
        shown = self.order[0] if self.order else range(len(self.content.options))
        return [
            Choice(place, self.html(self.content.options[number].text), number in chosen, number in right)
            for place, number in enumerate(shown)
        ]

    def pairs(self) -> list[tuple[int, Markup, int | None]]:
        """What is asked in a matching question: place, text, place of what was chosen."""
        found = []
        for place, number in enumerate(self.order[0]):
            choice = number_in(self.answer, number)
            at = self.order[1].index(choice) if choice is not None and choice in self.order[1] else None
            found.append((place, self.html(self.content.pairs[number].left), at))
        return found

    def choices(self) -> list[tuple[int, str]]:
        """What can be chosen in a matching question: place and text."""
        texts = self.content.choices()
        return [(place, texts[number]) for place, number in enumerate(self.order[1])]

    def items(self) -> list[tuple[int, Markup, int | None]]:
        """Things to put in order: place on the page, text, the place they were given."""
        return [
            (place, self.html(self.content.items[number]), number_in(self.answer, number))
            for place, number in enumerate(self.order[0])
        ]

    def told(self) -> list[Markup]:
        """The answer, part by part."""
        if self.kind in ("short", "numeric", "essay"):
            return [escape(part) for part in self.answer]
        return [self.html(part) for part in self.content.told(self.answer)]

    def right(self) -> list[Markup]:
        """The right answer, part by part."""
        judge = self.judge or self.content
        if self.kind in ("short", "numeric"):
            return [escape(part) for part in judge.right()]
        return [self.html(part) for part in judge.told(judge.right())]

    def notes(self) -> list[Markup]:
        """What the author says to this answer, and to every answer."""
        said = [*self.content.notes(self.answer), self.content.feedback]
        return [self.html(note) for note in said if note]

    @property
    def verdict(self) -> str:
        """`right`, `partly`, `wrong`, or nothing while it is not marked."""
        if self.points is None:
            return ""
        if self.points >= self.maximum - 1e-6:
            return "right"
        return "partly" if self.points > 0 else "wrong"

    def _gap(self, number: int, gap: Gap) -> Markup:
        """The control of a gap, or what stands in it."""
        answer = self.answer[number] if number < len(self.answer) else ""
        label = _("Question %(question)d, gap %(gap)d", question=self.number, gap=number + 1)
        name = f"{self.name}-{number}"
        if not self.open:
            return Markup('<strong class="gap">{}</strong>').format(gap.told(answer) or "…")
        if gap.way != LIST:
            longest = max(len(each.text) for each in gap.answers)
            return Markup(
                '<input class="form-control gap" type="text" name="{}" value="{}" aria-label="{}" size="{}" '
                'autocomplete="off" autocapitalize="off" spellcheck="false">'
            ).format(name, answer, label, 10 if longest <= 8 else 20)
        chosen, shown = number_in([answer]), self.order[number] if number < len(self.order) else []
        options = Markup("").join(
            Markup('<option value="{}"{}>{}</option>').format(
                place, Markup(" selected") if each == chosen else "", gap.answers[each].text
            )
            for place, each in enumerate(shown)
        )
        return Markup(
            '<select class="form-select gap" name="{}" aria-label="{}"><option value="">…</option>{}</select>'
        ).format(name, label, options)


def shown_response(response: QuizResponse, picture: PictureUrl, *, open_: bool, sight: Sight = NOTHING) -> Shown:
    """A question of an attempt."""
    content: Content = response.asked.content
    return Shown(
        number=response.position,
        content=content,
        order=response.order,
        answer=response.answer,
        maximum=response.maximum,
        picture=picture,
        open=open_,
        sight=sight,
        points=response.points,
        state=response.to_mark,
        comment=response.comment,
        judge=response.marks.content if response.marks else None,
    )
