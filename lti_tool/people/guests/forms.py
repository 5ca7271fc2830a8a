"""What is typed about guests, and by them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from lti_tool.people.guests.models import COORDINATOR, PARTNER
from lti_tool.people.guests.operations.inviting import DAYS, LONGEST_NAME, MAX_DAYS

_NEEDED = InputRequired(_l("This is needed."))


class InviteForm(FlaskForm):
    """Somebody to invite by name."""

    name = StringField(
        _l("First and last name"),
        description=_l("The person appears in the tool under this name."),
        validators=[_NEEDED, Length(max=LONGEST_NAME)],
    )
    role = RadioField(
        _l("Invited as"),
        choices=[
            SelectChoice(PARTNER, _l("External partner: sees only what they take part in")),
            SelectChoice(COORDINATOR, _l("Coordinator: answers for the organization in the network")),
        ],
        default=PARTNER,
        validators=[_NEEDED],
    )
    days = IntegerField(_l("Days the link holds"), default=DAYS, validators=[_NEEDED, NumberRange(min=1, max=MAX_DAYS)])


class AddressForm(FlaskForm):
    """An e-mail address to send a code to."""

    email = StringField(_l("E-mail address"), validators=[_NEEDED, Length(max=255)])


class CodeForm(FlaskForm):
    """The six digits of the mail."""

    code = StringField(_l("Code from the e-mail"), validators=[_NEEDED, Length(max=20)])
