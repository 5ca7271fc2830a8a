"""What an operator writes to be announced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from lti_tool.announcements.models import EVERYBODY, INFO, LONGEST, Announcement
from lti_tool.announcements.operations import Said
from lti_tool.announcements.wording import AUDIENCES, KINDS
from lti_tool.core.forms import Versioned, stripped
from lti_tool.core.i18n import current_time_zone

_NEEDED = InputRequired(_l("This is needed."))
USUAL = timedelta(days=7)


class AnnouncementForm(Versioned):
    """An announcement."""

    kind = RadioField(
        _l("Kind"),
        choices=[SelectChoice(*each) for each in KINDS.items()],
        default=INFO,
        validators=[_NEEDED],
        description=_l("Readers can put away everything but what is urgent."),
    )
    audience = RadioField(
        _l("For whom"),
        choices=[SelectChoice(*each) for each in AUDIENCES.items()],
        default=EVERYBODY,
        validators=[_NEEDED],
    )
    text_ru = TextAreaField(_l("Text in Russian"), validators=[_NEEDED, Length(max=LONGEST)])
    text_en = TextAreaField(_l("Text in English"), validators=[_NEEDED, Length(max=LONGEST)])
    starts_at = DateTimeLocalField(_l("Shown from"), validators=[_NEEDED])
    ends_at = DateTimeLocalField(_l("Shown until"), validators=[_NEEDED])

    def begin(self, now: datetime) -> None:
        """A week from now on, for an empty form."""
        local = now.astimezone(_zone()).replace(tzinfo=None, second=0, microsecond=0)
        self.starts_at.data, self.ends_at.data = local, local + USUAL

    def show(self, announcement: Announcement) -> None:
        """The moments of an announcement in the reader's zone."""
        self.starts_at.data = announcement.starts_at.astimezone(_zone()).replace(tzinfo=None)
        self.ends_at.data = announcement.ends_at.astimezone(_zone()).replace(tzinfo=None)

    def value(self) -> Said:
        return Said(
            kind=self.kind.data,
            audience=self.audience.data,
            text_ru=stripped(self.text_ru.data),
            text_en=stripped(self.text_en.data),
            starts_at=_utc(self.starts_at.data),
            ends_at=_utc(self.ends_at.data),
        )


def _zone() -> ZoneInfo:
    return ZoneInfo(current_time_zone())


def _utc(typed: datetime | None) -> datetime:
    assert typed is not None
    return typed.replace(tzinfo=_zone()).astimezone(UTC)
