"""What people send, read into values of the operations; each fault is a sentence beside its field."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Self
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lti_tool.core.db import utcnow
from lti_tool.core.errors import Invalid
from lti_tool.core.forms import Versioned, stripped
from lti_tool.core.i18n import LOCALE_NAMES, current_locale, current_time_zone
from lti_tool.courses.models import Activity, CourseUnit, ScaleTreaty, SharedCourse
from lti_tool.courses.operations.arranging import UnitText
from lti_tool.courses.operations.grading import MAX_COMMENT
from lti_tool.courses.operations.teaching import ActivityText, CourseText
from lti_tool.courses.queries.outline import Outline
from lti_tool.grades.scales import EXACT, FIVE, KINDS, PASS_FAIL, PERCENT, POINTS, ROUNDINGS, Scale

MAX_BODY = 50_000
"""Characters of a page or a task."""
MAX_POINTS = 1000
"""More would only be a mistyped number."""


def parse_points(typed: str) -> float:
    """`7`, `7.5` or `7,5` as a number with at most two decimals. Raises ValueError."""
    try:
        number = Decimal(typed.strip().replace(",", ".").replace("\u00a0", ""))
    except InvalidOperation:
        raise ValueError(typed) from None
    if not number.is_finite() or abs(number) > 10**6 or number != round(number, 2):
        raise ValueError(typed)
    return float(number)


def show_points(points: float | None) -> str:
    """The number as people write it in their language, without needless zeros."""
    text = "" if points is None else f"{points:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if current_locale() == "ru" else text


class PointsField(StringField):
    """A number of points, with a comma or a full stop; its data is a float, or None when it cannot be read."""

    def _value(self) -> str:
        return self.raw_data[0] if self.raw_data else show_points(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if not valuelist or not valuelist[0].strip():
            return
        try:
            self.data = parse_points(valuelist[0])
        except ValueError:
            raise ValueError(_("Write a number such as 7 or 7.5.")) from None


class MomentField(DateTimeLocalField):
    """A day and time in the reader's own zone; `moment` is it in UTC, or None."""

    def __init__(self, label: Any = None, *, needed: Any = None, **kwargs: Any) -> None:
        """`needed`: what to say when it is left empty; None: it may be."""
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        rule = Optional() if needed is None else InputRequired(needed)
        super().__init__(label, validators=[rule], format=formats, **kwargs)

    @property
    def moment(self) -> datetime | None:
        typed = self.data
        return typed.replace(tzinfo=ZoneInfo(current_time_zone())).astimezone(UTC) if typed else None


def local(moment: datetime | None) -> datetime | None:
    """A moment as a MomentField shows it."""
    return moment.astimezone(ZoneInfo(current_time_zone())).replace(tzinfo=None) if moment else None


def _title() -> StringField:
    required = InputRequired(_l("Give it a title."))
    short = Length(max=200, message=_l("Make it shorter: at most 200 characters."))
    return StringField(_l("Title"), validators=[required, short], filters=[stripped])


def long_text(label: Any, limit: int = MAX_BODY) -> TextAreaField:
    fits = Length(max=limit, message=_l("This text is too long."))
    return TextAreaField(label, validators=[fits], filters=[stripped])


class CourseForm(Versioned):
    """A course's own texts."""

    title = _title()
    description = long_text(_l("Description"))
    language = SelectField(
        _l("Language of the course"), choices=[SelectChoice(code, name) for code, name in LOCALE_NAMES.items()]
    )

    def value(self) -> CourseText:
        return CourseText(self.title.data, self.description.data, self.language.data)

    @classmethod
    def of(cls, course: SharedCourse | None) -> CourseForm:
        """The form as it is opened, or as it was sent."""
        return cls(obj=course) if course else cls(data={"language": current_locale()})


class UnitForm(Versioned):
    """A unit of a course."""

    title = _title()
    summary = long_text(_l("Summary"))
    published = BooleanField(_l("Pupils can see it"), default=True)
    available_from = MomentField(_l("Opens"))

    def value(self) -> UnitText:
        return UnitText(self.title.data, self.summary.data, self.published.data, self.available_from.moment)

    @classmethod
    def of(cls, unit: CourseUnit | None) -> UnitForm:
        """The form as it is opened, or as it was sent."""
        if unit is None:
            return cls()
        names = ("version", "title", "summary", "published")
        shown = {name: getattr(unit, name) for name in names}
        return cls(data={**shown, "available_from": local(unit.available_from)})


def _number_or_none(value: Any) -> int | None:
    return int(value) if value not in (None, "", "None") else None


class ActivityForm(Versioned):
    """What a teacher writes about an activity of any kind; graded kinds add `points` and `due_at`, see GradedForm."""

    title = _title()
    body = long_text(_l("Text"))
    published = BooleanField(_l("Pupils can see it"), default=True)
    unit = SelectField(_l("Unit"), coerce=_number_or_none)
    """Only of a new one: afterwards it is moved."""
    available_from = MomentField(_l("Opens"))
    available_until = MomentField(_l("Closes"))
    after = SelectField(_l("After"), coerce=_number_or_none)

    def choose_from(self, outline: Outline, activity: Activity | None, unit_id: int | None = None) -> None:
        """Offer the units and activities of the course; `unit_id`: the unit a new one was asked for."""
        others = [each for each in outline.activities if activity is None or each.id != activity.id]
        self.unit.choices = [
            SelectChoice(value="", label=_("before the first unit")),
            *(SelectChoice(value=str(unit.id), label=unit.title) for unit in outline.units),
        ]
        self.after.choices = [
            SelectChoice(value="", label=_("nothing: it depends on the dates alone")),
            *(SelectChoice(value=str(each.id), label=each.title) for each in others),
        ]
        if activity is not None:
            del self.unit
        elif not self.is_submitted():
            self.unit.data = unit_id if unit_id in [unit.id for unit in outline.units] else None

    def validate_available_until(self, field: Field) -> None:
        """Later than it opens."""
        if field.data and self.available_from.data and field.data <= self.available_from.data:
            raise ValidationError(_("It has to close after it opens."))

    def value(self) -> ActivityText:
        """What all kinds have."""
        return ActivityText(
            self.title.data,
            self.body.data,
            self.published.data,
            available_from=self.available_from.moment,
            available_until=self.available_until.moment,
            after_id=self.after.data,
        )

    def settings(self) -> Any:
        """What this kind keeps beyond it; see kinds.Kind.keep."""
        return None

    @classmethod
    def of(cls, activity: Activity | None) -> Self:
        """The form as it is opened, or as it was sent."""
        return cls() if activity is None else cls(data=cls.shown(activity))

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        """The values of the fields of an activity that is there."""
        names = ("version", "title", "body", "published")
        shown = {name: getattr(activity, name) for name in names}
        dates = {name: local(getattr(activity, name)) for name in ("available_from", "available_until")}
        return {**shown, **dates, "after": activity.after_id}


class ReadingForm(ActivityForm):
    """Something to read, which pupils may be asked to say they have done."""

    asks_done = BooleanField(_l("Pupils say that they have read it"))

    def value(self) -> ActivityText:
        return replace(super().value(), asks_done=self.asks_done.data)

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        return {**super().shown(activity), "asks_done": activity.asks_done}


class NextYearForm(FlaskForm):
    """A course's content once more, for other pupils; the first day it names moves to `starts`, and all others with it."""

    title = _title()
    starts = DateField(_l("First day in the new course"), validators=[Optional()])


class GradedForm(ActivityForm):
    """An activity with points and a date."""

    body = long_text(_l("Task"))
    points = PointsField(_l("Points for a perfect work"), default=10.0)
    due_at = MomentField(_l("Due"))

    def validate_points(self, field: Field) -> None:
        """More than nothing; gradebooks divide by it."""
        if field.data is None or not 0 < field.data <= MAX_POINTS:
            raise ValidationError(_("Write a number above 0, at most %(limit)d.", limit=MAX_POINTS))

    def value(self) -> ActivityText:
        return replace(super().value(), points=self.points.data, due_at=self.due_at.moment)

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        return {**super().shown(activity), "points": activity.points, "due_at": local(activity.due_at)}


class JoinForm(FlaskForm):
    """A join code."""

    code = StringField(_l("Join code"), validators=[InputRequired(_l("Type the code you were given.")), Length(max=40)])
    full_names = BooleanField(_l("The host's teachers may see my pupils' full names"))


class GradeForm(Versioned):
    """A grade with its comment."""

    points = PointsField(_l("Points"))
    comment = long_text(_l("Comment for the pupil"), MAX_COMMENT)

    def validate_points(self, field: Field) -> None:
        """An empty grade is no grade."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Write the points first."))


USUAL_MARKS = {"from_2": 25.0, "from_3": 50.0, "from_4": 70.0, "from_5": 86.0}
USUAL_PASS = 50.0


class ScaleForm(FlaskForm):
    """A scale to agree on; fields that do not belong to the chosen kind are not looked at."""

    kind = RadioField(_l("Scale"), choices=[SelectChoice(kind) for kind in KINDS], default=FIVE)
    from_5 = PointsField(_l("5 from, percent"), default=USUAL_MARKS["from_5"])
    from_4 = PointsField(_l("4 from, percent"), default=USUAL_MARKS["from_4"])
    from_3 = PointsField(_l("3 from, percent"), default=USUAL_MARKS["from_3"])
    from_2 = PointsField(_l("2 from, percent"), default=USUAL_MARKS["from_2"])
    lowest = SelectField(_l("Lowest mark"), choices=[SelectChoice(str(mark)) for mark in (2, 1)], default="2")
    passed_from = PointsField(_l("Passed from, percent"), default=USUAL_PASS)
    rounding = SelectField(_l("Rounded"), choices=[SelectChoice(rounding) for rounding in ROUNDINGS], default=EXACT)
    until = DateField(_l("Fixed until"), default=lambda: end_of_term(utcnow().date()))

    def name_choices(self, kinds: dict[str, str], roundings: dict[str, str]) -> None:
        """Say the choices in the reader's language."""
        self.kind.choices = [SelectChoice(kind, name) for kind, name in kinds.items()]
        self.rounding.choices = [SelectChoice(rounding, name) for rounding, name in roundings.items()]

    def value(self) -> Scale | None:
        """The scale; None when it makes no sense, with the faults beside the fields."""
        typed = [field.data for field in self._thresholds()]
        if None in typed:
            return None
        thresholds = tuple(Decimal(str(percent)) for percent in typed)
        plain = self.kind.data in (POINTS, PERCENT)
        try:
            return Scale(self.kind.data, thresholds, int(self.lowest.data), self.rounding.data if plain else EXACT)
        except Invalid as fault:
            for name, sentence in fault.errors.items():
                field = self._thresholds()[-1] if name == "thresholds" else self[name]
                field.errors = [*field.errors, sentence]
            return None

    def _thresholds(self) -> list[PointsField]:
        """From the worst mark up."""
        if self.kind.data == PASS_FAIL:
            return [self.passed_from]
        if self.kind.data != FIVE:
            return []
        marks = [self.from_3, self.from_4, self.from_5]
        return [self.from_2, *marks] if self.lowest.data == "1" else marks

    def validate(self, extra_validators: Any = None) -> bool:
        """Only what belongs to the chosen kind."""
        super().validate(extra_validators)
        wanted = self._thresholds()
        for field in (self.from_5, self.from_4, self.from_3, self.from_2, self.passed_from):
            if field not in wanted:
                field.errors = []
            elif field.data is None and not field.errors:
                field.errors = [_("Write a number of percent.")]
        return not self.errors

    @classmethod
    def of(cls, treaty: ScaleTreaty | None) -> ScaleForm:
        """The form as it is opened, filled from the treaty that is there."""
        if treaty is None:
            return cls(formdata=None)
        values: dict[str, Any] = {"kind": treaty.kind, "lowest": str(treaty.lowest), "rounding": treaty.rounding}
        percents = [float(threshold) for threshold in treaty.thresholds]
        if treaty.kind == FIVE:
            values |= {f"from_{mark}": percent for mark, percent in enumerate(percents, treaty.lowest + 1)}
        elif treaty.kind == PASS_FAIL:
            values["passed_from"] = percents[0]
        return cls(formdata=None, data=values)


def end_of_term(day: date) -> date:
    """The last day of the half-year that comes: the year's end, or the end of June."""
    return date(day.year, 6, 30) if day.month < 6 else date(day.year, 12, 31)
