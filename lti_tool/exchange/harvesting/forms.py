"""What is typed about a catalogue to harvest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from lti_tool.core.forms import Versioned, stripped
from lti_tool.exchange.harvesting.models import OAI_DC_PREFIX
from lti_tool.exchange.harvesting.wording import FORMATS
from lti_tool.exchange.importing.items import Refused, web_address
from lti_tool.exchange.licences import LICENCES

INTERVALS = {6: _l("four times a day"), 24: _l("every day"), 168: _l("every week")}
"""Hours between two harvests."""


def _choices(named: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(value, name) for value, name in named.items()]


class SourceForm(Versioned):
    """A catalogue."""

    name = StringField(
        _l("Name"), validators=[InputRequired(_l("Give it a name.")), Length(max=200)], filters=[stripped]
    )
    url = StringField(_l("Address for harvesters (OAI-PMH)"), validators=[], filters=[stripped])
    prefix = RadioField(_l("Format"), choices=_choices(FORMATS), default=OAI_DC_PREFIX)
    set_name = StringField(_l("Only this set"), validators=[Optional(), Length(max=200)], filters=[stripped])
    licence = SelectField(_l("Licence of records that name none"))
    every_hours = SelectField(_l("How often"), coerce=int, choices=_choices(INTERVALS), default=24)
    trusted = BooleanField(_l("Publish at once, without a look of ours"))

    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        none = SelectChoice("", _l("None: such records are not taken"))
        self.licence.choices = [none, *(SelectChoice(code, each.name) for code, each in LICENCES.items())]

    def validate_url(self, field: Field) -> None:
        """A whole address."""
        try:
            web_address(field.data or "")
        except Refused:
            raise ValidationError(_("Write a whole address, such as https://example.org/oai.")) from None

    def validate_licence(self, field: Field) -> None:
        """What is found by others needs a licence that is meant for others."""
        if field.data in ("own", "school"):
            raise ValidationError(_("Choose a Creative Commons licence: everybody in the network finds these records."))

    def facts(self) -> dict[str, Any]:
        names = ("name", "url", "prefix", "set_name", "licence", "every_hours")
        return {name: self[name].data or "" for name in names} | {"trusted": bool(self.trusted.data)}
