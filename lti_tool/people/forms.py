"""What people choose about the names that are kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from lti_tool.people.keeping import Kept
from lti_tool.people.wording import AMOUNTS_IN_WORDS


class KeepingForm(FlaskForm):
    """How much of what the LMS tells is kept."""

    names = RadioField(
        _l("Names of people"),
        choices=[SelectChoice(*each) for each in AMOUNTS_IN_WORDS.items()],
        validators=[InputRequired(_l("This is needed."))],
    )
    emails = BooleanField(_l("Keep e-mail addresses"))

    def value(self) -> Kept:
        return Kept(self.names.data, bool(self.emails.data))
