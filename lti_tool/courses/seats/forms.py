"""What people send about seats; each fault is a sentence beside its field."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, IntegerField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from lti_tool.core.forms import Versioned, stripped
from lti_tool.courses.seats.models import Offering
from lti_tool.courses.seats.operations.offering import Described, SeatRules
from lti_tool.courses.seats.operations.requests import MAX_MESSAGE, MAX_SEATS
from lti_tool.courses.seats.wording import subject_names

LAST_GRADE = 12
MAX_HOURS = 2000
MAX_ASKED = 10_000


class Number(IntegerField):
    """A whole number; what is no number says so in plain words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a whole number.")) from None


def between(least: int, most: int) -> NumberRange:
    message = _l("Write a number from %(least)d to %(most)d.", least=least, most=most)
    return NumberRange(least, most, message=message)


def _date(label: Any) -> DateField:
    return DateField(label, validators=[Optional()])


class OfferingForm(Versioned):
    """What the catalogue says of a course."""

    listed = BooleanField(_l("Show it in the catalogue of every school it is open to"))
    subject = SelectField(_l("Subject"))
    grade_from = Number(_l("From grade"), validators=[Optional(), between(1, LAST_GRADE)])
    grade_to = Number(_l("Up to grade"), validators=[Optional(), between(1, LAST_GRADE)])
    hours = Number(_l("Hours in all"), validators=[Optional(), between(1, MAX_HOURS)])
    starts_on = _date(_l("First day"))
    ends_on = _date(_l("Last day"))
    asked = TextAreaField(
        _l("What partners are asked for"),
        validators=[Length(max=MAX_ASKED, message=_l("This text is too long."))],
        filters=[stripped],
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.subject.choices = [SelectChoice(key, name) for key, name in subject_names().items()]

    def validate_grade_to(self, field: Field) -> None:
        """Not before the first."""
        if field.data is not None and self.grade_from.data is not None and field.data < self.grade_from.data:
            raise ValidationError(_("This is before the first grade."))

    def validate_ends_on(self, field: Field) -> None:
        """Not before the first."""
        if field.data is not None and self.starts_on.data is not None and field.data < self.starts_on.data:
            raise ValidationError(_("This is before the first day."))

    def value(self) -> Described:
        return Described(
            listed=self.listed.data,
            subject=self.subject.data,
            grade_from=self.grade_from.data,
            grade_to=self.grade_to.data,
            hours=self.hours.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            asked=self.asked.data,
        )

    @classmethod
    def of(cls, offering: Offering | None) -> OfferingForm:
        """The form as it is opened, or as it was sent."""
        return cls(obj=offering) if offering else cls(data={"listed": True, "subject": "other"})


class SeatRulesForm(Versioned):
    """How many pupils come from where; the schools' own seats are fields of the page."""

    limited = BooleanField(_l("The number of pupils is limited"))
    reserve = Number(_l("Common seats, for whoever comes first"), default=0, validators=[between(0, MAX_SEATS)])
    accept_automatically = BooleanField(_l("Accept requests by themselves while seats are free"))
    add_until = _date(_l("Last day to come in"))
    drop_until = _date(_l("Drop date"))

    def value(self) -> SeatRules:
        return SeatRules(
            limited=self.limited.data,
            reserve=self.reserve.data or 0,
            accept_automatically=self.accept_automatically.data,
            add_until=self.add_until.data,
            drop_until=self.drop_until.data,
        )

    @classmethod
    def of(cls, offering: Offering | None) -> SeatRulesForm:
        """The form as it is opened, or as it was sent."""
        return cls(obj=offering) if offering else cls()


class AskForm(FlaskForm):
    """A request for seats for one class."""

    context = SelectField(_l("For which class"), coerce=int)
    seats = Number(
        _l("How many seats"),
        validators=[InputRequired(_l("Write how many pupils you want to bring.")), between(1, MAX_SEATS)],
    )
    message = TextAreaField(
        _l("Message"),
        validators=[Length(max=MAX_MESSAGE, message=_l("This text is too long."))],
        filters=[stripped],
    )
    full_names = BooleanField(_l("The host's teachers may see my pupils' full names"))
