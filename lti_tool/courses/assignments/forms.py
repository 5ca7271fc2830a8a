"""What is sent about an assignment: by its teacher, and by a pupil."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, TextAreaField
from wtforms.validators import ValidationError

from lti_tool.core.forms import VersionField
from lti_tool.courses.assignments.settings import FILES, TEXT, AssignmentSettings
from lti_tool.courses.forms import GradedForm
from lti_tool.courses.models import Activity


class AssignmentForm(GradedForm):
    """A task to hand in and to grade."""

    accept_text = BooleanField(_l("A text typed here"), default=True)
    accept_files = BooleanField(_l("Files"), default=True)

    def validate_accept_text(self, field: Field) -> None:
        """At least one way to hand in."""
        if not field.data and not self.accept_files.data:
            raise ValidationError(_("Choose at least one way to hand in."))

    def settings(self) -> AssignmentSettings:
        ways = ((TEXT, self.accept_text), (FILES, self.accept_files))
        return AssignmentSettings(tuple(name for name, field in ways if field.data))

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        accepts = {"accept_text": TEXT in activity.accepts, "accept_files": FILES in activity.accepts}
        return {**super().shown(activity), **accepts}


class WorkForm(FlaskForm):
    """A pupil's answer; `tab` tells browser tabs apart."""

    text = TextAreaField(_l("Your answer"))
    version = VersionField(default=0)
    tab = HiddenField(default=lambda: secrets.token_hex(8))

    @property
    def typed(self) -> str:
        return (self.text.data or "").replace("\r\n", "\n")

    @property
    def seen(self) -> int:
        return self.version.data or 0
