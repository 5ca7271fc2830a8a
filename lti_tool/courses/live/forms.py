"""What a teacher sends about a live session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, NumberRange, ValidationError

from lti_tool.core.forms import stripped
from lti_tool.core.settings import current_settings
from lti_tool.courses.forms import ActivityForm, MomentField, local, long_text
from lti_tool.courses.live.models import BIGBLUEBUTTON, JITSI, LINK
from lti_tool.courses.live.rooms import services
from lti_tool.courses.live.settings import MAX_MINUTES, LiveSettings, kept
from lti_tool.courses.models import Activity
from lti_tool.courses.operations.teaching import ActivityText


def _address(label: Any) -> StringField:
    return StringField(label, filters=[stripped], validators=[Length(max=1000, message=_l("This text is too long."))])


def _check_address(field: Field) -> None:
    if field.data and not field.data.lower().startswith("https://"):
        raise ValidationError(_("Paste the whole address; it begins with https://"))


class LiveForm(ActivityForm):
    """A meeting of everybody at one time."""

    body = long_text(_l("About this session"))
    begins = MomentField(_l("Begins"), needed=_l("Say when it begins."))
    minutes = IntegerField(
        _l("Minutes"),
        default=45,
        validators=[NumberRange(1, MAX_MINUTES, message=_l("Write a number of minutes from 1 to 600."))],
    )
    room = RadioField(_l("Where"), default=LINK, choices=[])
    address = _address(_l("Address of the room"))
    recording = _address(_l("Address of the recording"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {LINK: _("At an address of my own"), BIGBLUEBUTTON: "BigBlueButton", JITSI: "Jitsi"}
        offered = services(current_settings())
        self.room.choices = [SelectChoice(name, names[name]) for name in offered]

    def validate_address(self, field: Field) -> None:
        """Needed where the room is elsewhere."""
        if self.room.data == LINK and not field.data:
            raise ValidationError(_("Paste the address of the room."))
        _check_address(field)

    def validate_recording(self, field: Field) -> None:
        """A web address, if any."""
        _check_address(field)

    def value(self) -> ActivityText:
        return replace(super().value(), due_at=self.begins.moment)

    def settings(self) -> LiveSettings:
        return LiveSettings(self.minutes.data, self.room.data, self.address.data, self.recording.data)

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        own = kept(activity)
        more = {name: getattr(own, name) for name in ("minutes", "room", "address", "recording")}
        return {**super().shown(activity), "begins": local(activity.due_at), **more}
