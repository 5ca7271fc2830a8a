"""What forms of several features share."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import IntegerField
from wtforms.widgets import HiddenInput


def stripped(value: str | None) -> str:
    """A field's text with plain line ends and nothing around it."""
    return (value or "").replace("\r\n", "\n").strip()


class VersionField(IntegerField):
    """The version the form was made from."""

    widget = HiddenInput()


class Versioned(FlaskForm):
    """A form that changes something others may change too."""

    version = VersionField(default=0)

    @property
    def seen(self) -> int:
        return self.version.data or 0

    def now_from(self, version: int) -> None:
        """Go on from this version: what the person saves next is meant to replace it."""
        self.version.data, self.version.raw_data = version, None
