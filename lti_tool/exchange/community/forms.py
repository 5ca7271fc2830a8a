"""What teachers tell each other, as forms."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from lti_tool.core.db import key_or_none
from lti_tool.core.forms import stripped
from lti_tool.exchange.vocabularies import SUBJECTS

NEEDED = _l("This is needed.")


def _text(label: Any, *, needed: bool = True, limit: int = 5000, **more: Any) -> TextAreaField:
    first = InputRequired(NEEDED) if needed else Optional()
    return TextAreaField(
        label, validators=[first, Length(max=limit, message=_l("This text is too long."))], filters=[stripped], **more
    )


class ReportForm(FlaskForm):
    """Used in class: how it went."""

    setting = StringField(
        _l("In what class, of what age"),
        validators=[InputRequired(NEEDED), Length(max=300)],
        filters=[stripped],
        description=_l("For example: grade 8, 26 pupils, two lessons. No names of pupils."),
    )
    worked = _text(_l("What worked, and what did not"))
    changed = _text(_l("What I changed"), needed=False)
    rating = RadioField(
        _l("So I rate it"),
        choices=[
            SelectChoice("5", _l("5 – I use it again as it is")),
            SelectChoice("4", _l("4 – good, with small changes")),
            SelectChoice("3", _l("3 – of use, with work of my own")),
            SelectChoice("2", _l("2 – of little use")),
            SelectChoice("1", _l("1 – of no use")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )


class QuestionForm(FlaskForm):
    """A question to the authors, or an answer."""

    text = _text(_l("Your question"), limit=3000)


class AnswerForm(FlaskForm):
    text = _text(_l("Your answer"), limit=3000)


class NeedForm(FlaskForm):
    """A request for what is missing."""

    title = StringField(_l("What is needed"), validators=[InputRequired(NEEDED), Length(max=200)], filters=[stripped])
    subject = SelectField(
        _l("Subject"),
        choices=[SelectChoice("", _l("any")), *(SelectChoice(code, name) for code, name in SUBJECTS.items())],
    )
    text = _text(_l("For whom, when, what it should be like"), needed=False)


class OfferForm(FlaskForm):
    """Pointing to a resource."""

    resource = StringField(
        _l("Address or number of a resource"), validators=[InputRequired(NEEDED), Length(max=300)], filters=[stripped]
    )

    def number(self) -> int:
        """The number at the end of what was typed; 0 when there is none."""
        typed = self.resource.data.rstrip("/").rpartition("/")[2].lstrip("№# ")
        return key_or_none(typed) or 0
