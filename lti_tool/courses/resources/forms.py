"""What is sent about a resource."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, URLField
from wtforms.validators import ValidationError

from lti_tool.core.forms import stripped
from lti_tool.courses.forms import ReadingForm, long_text
from lti_tool.courses.models import Activity
from lti_tool.courses.resources.settings import ResourceSettings, is_address, kept


class ResourceForm(ReadingForm):
    """Files, or an address, with a title and what it is."""

    body = long_text(_l("Description"))
    url = URLField(_l("Address elsewhere"), filters=[stripped])

    def validate_url(self, field: Field) -> None:
        """Nothing, or an address of the web."""
        if field.data and not is_address(field.data):
            raise ValidationError(_("Write a whole address, such as https://example.org/page."))

    def settings(self) -> ResourceSettings:
        return ResourceSettings(self.url.data)

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        return {**super().shown(activity), "url": kept(activity).url}
