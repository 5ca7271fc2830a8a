"""What is sent about quizzes: their settings, and questions of every type, read from plain fields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional
from wtforms.validators import ValidationError as Fault
from wtforms.widgets import CheckboxInput, ListWidget

from lti_tool.core.db import key_or_none
from lti_tool.courses.forms import GradedForm, parse_points
from lti_tool.courses.models import Activity
from lti_tool.courses.quizzes.models import COUNTS, BankQuestion, QuestionVersion
from lti_tool.courses.quizzes.questions import (
    Accepted,
    AcceptedNumber,
    Content,
    Essay,
    Gaps,
    Matching,
    Multiple,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Single,
    TrueFalse,
    Unit,
)
from lti_tool.courses.quizzes.questions.numeric import plain, read_number
from lti_tool.courses.quizzes.settings import USUALLY_SHOWN, QuizSettings, kept
from lti_tool.courses.quizzes.wording import count_names, moment_names, shown_names

MAX_MINUTES = 7 * 24 * 60


class _Boxes(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _number(label: Any, low: int, high: int, **options: Any) -> IntegerField:
    message = _l("Write a whole number from %(low)d to %(high)d.", low=low, high=high)
    return IntegerField(label, validators=[Optional(), NumberRange(low, high, message)], **options)


class QuizForm(GradedForm):
    """A quiz's own settings beside what every graded activity has."""

    attempts = _number(_l("Attempts for each pupil, 0 for any number"), 0, 50, default=1)
    counts = SelectField(_l("What counts"), choices=[SelectChoice(each) for each in COUNTS], default=COUNTS[0])
    minutes = _number(_l("Time limit in minutes"), 1, MAX_MINUTES)
    pass_percent = _number(_l("Passed from, percent"), 1, 100)
    per_page = _number(_l("Questions on a page, 0 for all"), 0, 50, default=1)
    shuffle_questions = BooleanField(_l("Questions in another order for everybody"))
    shuffle_options = BooleanField(_l("Options in another order for everybody"), default=True)
    shown_things = _Boxes(_l("What pupils see afterwards"), default=list(USUALLY_SHOWN))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.body.label.text = str(_l("What pupils read before they begin"))
        self.counts.choices = [SelectChoice(name, text) for name, text in count_names().items()]
        self.shown_things.choices = [
            SelectChoice(f"{moment}-{thing}", f"{when}: {what}")
            for moment, when in moment_names().items()
            for thing, what in shown_names().items()
        ]

    def settings(self) -> QuizSettings:
        return QuizSettings(
            attempts=1 if self.attempts.data is None else self.attempts.data,
            counts=self.counts.data,
            minutes=self.minutes.data,
            pass_percent=self.pass_percent.data,
            per_page=1 if self.per_page.data is None else self.per_page.data,
            shuffle_questions=self.shuffle_questions.data,
            shuffle_options=self.shuffle_options.data,
            shown=tuple(self.shown_things.data or ()),
        )

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        values = {**super().shown(activity), **vars(kept(activity))}
        values["shown_things"] = list(values.pop("shown"))
        return values


COLUMNS: dict[str, tuple[str, ...]] = {
    "single": ("text", "share", "feedback"),
    "multiple": ("text", "share", "feedback"),
    "short": ("text", "share", "feedback"),
    "numeric": ("value", "tolerance", "share", "feedback"),
    "matching": ("left", "right"),
    "ordering": ("text",),
    "truefalse": (),
    "gaps": (),
    "essay": (),
}
"""Fields of one row of a question's form, by type."""
MORE = 3
MAX_ROWS = 50
_TEXTS = (
    "name",
    "text",
    "feedback",
    "points",
    "pool",
    "units",
    "extra",
    "if_true",
    "if_false",
    "notes",
    "lines",
    "true",
)
_BOXES = ("exact", "case", "unit_needed", "fixed")


@dataclass
class QuestionForm:
    """A question as it is written: texts by the names of their fields, and rows of them."""

    kind: str
    texts: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, bool] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)
    seen: int = 0
    faults: list[str] = field(default_factory=list)

    @classmethod
    def empty(cls, kind: str) -> QuestionForm:
        """A new question's."""
        rows = [dict.fromkeys(COLUMNS[kind], "") for _row in range(4 if COLUMNS[kind] else 0)]
        return cls(kind, {"points": "1", "true": "1", "lines": "10"}, rows=rows)

    @classmethod
    def sent(cls, kind: str, form: MultiDict[str, str]) -> QuestionForm:
        """As it was typed."""
        texts = {name: form.get(name, "").replace("\r\n", "\n") for name in _TEXTS}
        count = min(form.get("rows", 0, type=int), MAX_ROWS)
        chosen = set(form.getlist("right"))
        rows = []
        for number in range(count):
            row = {column: form.get(f"row-{number}-{column}", "").replace("\r\n", "\n") for column in COLUMNS[kind]}
            if kind in ("single", "multiple"):
                row["is_right"] = "1" if str(number) in chosen else ""
            rows.append(row)
        boxes = {name: form.get(name) == "1" for name in _BOXES}
        return cls(kind, texts, boxes, rows, form.get("version", 0, type=int))

    @classmethod
    def of(cls, question: BankQuestion, version: QuestionVersion) -> QuestionForm:
        """Of a question that is there."""
        content: Any = version.content
        form = cls.empty(question.kind)
        form.seen = question.version
        form.texts |= {
            "name": question.name,
            "text": content.text,
            "feedback": content.feedback,
            "points": f"{question.points:g}",
            "pool": str(question.pool_id or ""),
        }
        filled = _FILLERS[question.kind](content, form)
        form.rows = [*filled, dict.fromkeys(COLUMNS[question.kind], "")] if COLUMNS[question.kind] else []
        return form

    def more_rows(self) -> None:
        """Room for more options."""
        room = range(min(MORE, MAX_ROWS - len(self.rows)))
        self.rows += [dict.fromkeys(COLUMNS[self.kind], "") for _row in room]

    @property
    def points(self) -> float | None:
        """What the question is worth; None when that cannot be read."""
        try:
            points = parse_points(self.texts.get("points") or "1")
        except ValueError:
            return None
        return points if 0 < points <= 1000 else None

    @property
    def pool_id(self) -> int | None:
        return key_or_none(self.texts.get("pool"))

    def content(self) -> Content | None:
        """The question; None, with `faults`, when it cannot be one."""
        self.faults = []
        if self.points is None:
            self.faults.append(_("Points: write a number above 0."))
        if not self.texts.get("text", "").strip():
            self.faults.append(_("Write what is asked."))
        try:
            content = _MAKERS[self.kind](self)
        except ValidationError:
            self.faults.append(_("A part of it is too long, or a number is out of all bounds."))
            return None
        except Fault as fault:
            self.faults.append(str(fault))
            return None
        self.faults += content.faults()
        return None if self.faults else content

    def filled(self, key: str) -> list[dict[str, str]]:
        """Rows in which anything stands in the field that matters."""
        return [row for row in self.rows if row.get(key, "").strip()]

    @property
    def common(self) -> dict[str, Any]:
        return {"text": self.texts["text"].strip(), "feedback": self.texts["feedback"].strip()}


def _percent(text: str, usual: float | None) -> float | None:
    if not text.strip().rstrip("%").strip():
        return usual
    found = read_number(text.strip().rstrip("%"))
    if found is None or found.unit or abs(found.value) > 100:
        raise Fault(_("“%(text)s” is no percentage.", text=text[:20]))
    return float(found.value)


def _options(form: QuestionForm) -> tuple[Option, ...]:
    return tuple(
        Option(
            text=row["text"].strip(),
            right=bool(row.get("is_right")),
            share=_percent(row["share"], None),
            feedback=row["feedback"].strip(),
        )
        for row in form.filled("text")
    )


def _single(form: QuestionForm) -> Content:
    return Single(**form.common, options=_options(form), shuffle=not form.boxes.get("fixed"))


def _multiple(form: QuestionForm) -> Content:
    shuffle, exact = not form.boxes.get("fixed"), form.boxes.get("exact", False)
    return Multiple(**form.common, options=_options(form), shuffle=shuffle, exact=exact)


def _true_false(form: QuestionForm) -> Content:
    if_true, if_false = form.texts["if_true"].strip(), form.texts["if_false"].strip()
    return TrueFalse(**form.common, true=form.texts["true"] != "0", if_true=if_true, if_false=if_false)


def _short(form: QuestionForm) -> Content:
    accepted = tuple(
        Accepted(text=row["text"].strip(), share=_percent(row["share"], 100.0) or 0.0, feedback=row["feedback"].strip())
        for row in form.filled("text")
    )
    return ShortAnswer(**form.common, accepted=accepted, case=form.boxes.get("case", False))


def _decimal(text: str) -> Decimal:
    found = read_number(text)
    if found is None or found.unit:
        raise Fault(_("“%(text)s” is no number.", text=text[:40]))
    return found.value


def _numeric(form: QuestionForm) -> Content:
    accepted = tuple(
        AcceptedNumber(
            value=_decimal(row["value"]),
            tolerance=abs(_decimal(row["tolerance"] or "0")),
            share=_percent(row["share"], 100.0) or 0.0,
            feedback=row["feedback"].strip(),
        )
        for row in form.filled("value")
    )
    units = []
    for line in form.texts["units"].splitlines():
        name, _sign, factor = line.partition("=")
        if name.strip():
            units.append(Unit(name=name.strip(), factor=_decimal(factor or "1")))
    needed = form.boxes.get("unit_needed", False)
    return Numeric(**form.common, accepted=accepted, units=tuple(units), unit_needed=needed)


def _matching(form: QuestionForm) -> Content:
    pairs = tuple(
        Pair(left=row["left"].strip(), right=row["right"].strip())
        for row in form.rows
        if row["left"].strip() or row["right"].strip()
    )
    extra = tuple(line.strip() for line in form.texts["extra"].splitlines() if line.strip())
    return Matching(**form.common, pairs=pairs, extra=extra, shuffle=not form.boxes.get("fixed"))


def _ordering(form: QuestionForm) -> Content:
    items = tuple(row["text"].strip() for row in form.filled("text"))
    return Ordering(**form.common, items=items, exact=form.boxes.get("exact", False))


def _gaps(form: QuestionForm) -> Content:
    return Gaps(**form.common)


def _essay(form: QuestionForm) -> Content:
    lines = form.texts["lines"]
    height = int(lines) if lines.isascii() and lines.isdigit() and len(lines) < 4 else 10
    return Essay(**form.common, lines=min(max(height, 2), 60), notes_for_marking=form.texts["notes"].strip())


_MAKERS: dict[str, Callable[[QuestionForm], Content]] = {
    "single": _single,
    "multiple": _multiple,
    "truefalse": _true_false,
    "short": _short,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "gaps": _gaps,
    "essay": _essay,
}


def _fill_choice(content: Any, form: QuestionForm) -> list[dict[str, str]]:
    form.boxes |= {"fixed": not content.shuffle, "exact": getattr(content, "exact", False)}
    return [
        {
            "text": option.text,
            "share": "" if option.share is None else f"{option.share:g}",
            "feedback": option.feedback,
            "is_right": "1" if option.right else "",
        }
        for option in content.options
    ]


def _fill_true_false(content: TrueFalse, form: QuestionForm) -> list[dict[str, str]]:
    form.texts |= {"true": str(int(content.true)), "if_true": content.if_true, "if_false": content.if_false}
    return []


def _fill_short(content: ShortAnswer, form: QuestionForm) -> list[dict[str, str]]:
    form.boxes["case"] = content.case
    return [{"text": each.text, "share": _shown(each.share), "feedback": each.feedback} for each in content.accepted]


def _shown(share: float) -> str:
    return "" if share == 100 else f"{share:g}"


def _fill_numeric(content: Numeric, form: QuestionForm) -> list[dict[str, str]]:
    lines = [unit.name if unit.factor == 1 else f"{unit.name} = {plain(unit.factor)}" for unit in content.units]
    form.texts["units"], form.boxes["unit_needed"] = "\n".join(lines), content.unit_needed
    return [
        {
            "value": plain(each.value),
            "tolerance": plain(each.tolerance) if each.tolerance else "",
            "share": _shown(each.share),
            "feedback": each.feedback,
        }
        for each in content.accepted
    ]


def _fill_matching(content: Matching, form: QuestionForm) -> list[dict[str, str]]:
    form.texts["extra"], form.boxes["fixed"] = "\n".join(content.extra), not content.shuffle
    return [{"left": pair.left, "right": pair.right} for pair in content.pairs]


def _fill_ordering(content: Ordering, form: QuestionForm) -> list[dict[str, str]]:
    form.boxes["exact"] = content.exact
    return [{"text": item} for item in content.items]


def _fill_gaps(_content: Gaps, _form: QuestionForm) -> list[dict[str, str]]:
    return []


def _fill_essay(content: Essay, form: QuestionForm) -> list[dict[str, str]]:
    form.texts |= {"lines": str(content.lines), "notes": content.notes_for_marking}
    return []


_FILLERS: dict[str, Callable[[Any, QuestionForm], list[dict[str, str]]]] = {
    "single": _fill_choice,
    "multiple": _fill_choice,
    "truefalse": _fill_true_false,
    "short": _fill_short,
    "numeric": _fill_numeric,
    "matching": _fill_matching,
    "ordering": _fill_ordering,
    "gaps": _fill_gaps,
    "essay": _fill_essay,
}
