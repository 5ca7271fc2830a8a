"""What an operator says to be let in, and what a school decides about it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from lti_tool.people.support.models import DURATIONS, LONGEST_REASON
from lti_tool.people.support.wording import DURATIONS_IN_WORDS

_NEEDED = InputRequired(_l("This is needed."))


class AskForm(FlaskForm):
    """Why an operator wants to look, and for how long."""

    reason = TextAreaField(
        _l("Why do you need to look?"),
        description=_l("The school reads this beside your name."),
        validators=[_NEEDED, Length(max=LONGEST_REASON)],
    )
    minutes = RadioField(
        _l("For how long"),
        choices=[SelectChoice(each, DURATIONS_IN_WORDS[each]) for each in DURATIONS],
        coerce=int,
        default=DURATIONS[0],
        validators=[_NEEDED],
    )


class ChoiceForm(FlaskForm):
    """When support may look in."""

    when = RadioField(
        _l("When may support look into our pages?"),
        choices=[
            SelectChoice("once", _l("At once. We see who looks, why and until when, and can end it.")),
            SelectChoice("yes", _l("Only after one of our coordinators has said yes.")),
        ],
        validators=[_NEEDED],
    )
