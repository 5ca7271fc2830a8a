"""Where an LMS is now, as it is typed."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired


class AddressForm(FlaskForm):
    """The new address; `code` when it is told by a link."""

    address = StringField(
        _l("New address of the LMS"),
        description=_l("The address of its first page, such as https://moodle.school.example"),
        validators=[InputRequired(_l("This is needed."))],
        filters=[lambda typed: (typed or "").strip()],
    )
    code = HiddenField()
    sure = HiddenField()
