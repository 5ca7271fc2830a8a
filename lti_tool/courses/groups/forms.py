"""What people send about groups."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateTimeLocalField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from lti_tool.core.forms import stripped
from lti_tool.core.i18n import current_time_zone
from lti_tool.courses.groups.models import AT_RANDOM
from lti_tool.courses.groups.operations import Wanted
from lti_tool.courses.groups.wording import way_names
from lti_tool.courses.seats.forms import Number


class GroupingForm(FlaskForm):
    """A new set of groups."""

    title = StringField(
        _l("Title"),
        validators=[
            InputRequired(_l("Give it a title.")),
            Length(max=200, message=_l("Make it shorter: at most 200 characters.")),
        ],
        filters=[stripped],
    )
    way = RadioField(_l("How the groups come about"), default=AT_RANDOM)
    number = Number(_l("How many groups"), default=4, validators=[Optional()])
    most = Number(
        _l("Pupils in one group at most"),
        validators=[Optional(), NumberRange(1, 1000, message=_l("Write a number above 0."))],
    )
    choose_until = DateTimeLocalField(
        _l("Pupils choose until"), format=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], validators=[Optional()]
    )
    newcomers = BooleanField(_l("Put who comes later into the smallest group"))

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.way.choices = [SelectChoice(way, name) for way, name in way_names().items()]

    def value(self) -> Wanted:
        until = self.choose_until.data
        zone = ZoneInfo(current_time_zone())
        return Wanted(
            title=self.title.data,
            way=self.way.data,
            number=self.number.data or 0,
            most=self.most.data,
            choose_until=until.replace(tzinfo=zone).astimezone(UTC) if until else None,
            newcomers=self.newcomers.data,
        )
