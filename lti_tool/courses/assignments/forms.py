"""What is sent about an assignment: by its teacher, and by a pupil."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from lti_tool.core.errors import Invalid
from lti_tool.core.forms import Versioned, VersionField, stripped
from lti_tool.courses.assignments.models import DEDUCTED, FILES, LATE_RULES, MARKED, REFUSED, TEXT
from lti_tool.courses.assignments.operations.marking import MAX_REASON
from lti_tool.courses.assignments.rubrics import Criterion, Level
from lti_tool.courses.assignments.settings import AssignmentSettings, kept
from lti_tool.courses.forms import GradedForm, MomentField, PointsField, long_text, parse_points
from lti_tool.courses.models import Activity
from lti_tool.courses.operations.grading import MAX_COMMENT
from lti_tool.files.kinds import ARCHIVES, AUDIO, DOCUMENTS, IMAGES, VIDEO

KINDS = (DOCUMENTS, IMAGES, AUDIO, VIDEO, ARCHIVES)
SIZES = (5, 20, 100, 500)
"""Megabytes of one file."""
MB = 1024**2
_LATE = {
    MARKED: _l("Take it and mark it as late"),
    DEDUCTED: _l("Take points off for every day begun"),
    REFUSED: _l("Do not take it"),
}


class AssignmentForm(GradedForm):
    """A task to hand in and to grade."""

    accept_text = BooleanField(_l("A text typed here"), default=True)
    accept_files = BooleanField(_l("Files"), default=True)
    documents = BooleanField(_l("Documents: PDF, Word, Excel, presentations, text"))
    images = BooleanField(_l("Pictures"))
    audio = BooleanField(_l("Sound"))
    video = BooleanField(_l("Video"))
    archives = BooleanField(_l("Archives such as ZIP"))
    most_files = IntegerField(
        _l("Files at most"),
        default=10,
        validators=[NumberRange(1, 20, message=_l("Write a number from 1 to 20."))],
    )
    megabytes = SelectField(
        _l("Each up to"),
        choices=[SelectChoice(str(size), _l("%(number)s MB", number=size)) for size in SIZES],
        default="20",
    )
    late_rule = RadioField(
        _l("Late work"), choices=[SelectChoice(rule, _LATE[rule]) for rule in LATE_RULES], default=MARKED
    )
    late_percent = PointsField(_l("Percent off for every day begun"), default=10.0)
    late_most = PointsField(_l("Percent off at most"), default=50.0)
    improves = BooleanField(_l("A work can be returned to be improved, also after a grade, until it closes"))
    held = BooleanField(_l("Keep grades back and release them all at once"))
    anonymous = BooleanField(_l("Grade without names: “Work 17” instead of the pupil until the grades are released"))

    def validate_accept_text(self, field: Field) -> None:
        """At least one way to hand in."""
        if not field.data and not self.accept_files.data:
            raise ValidationError(_("Choose at least one way to hand in."))

    def validate_available_until(self, field: MomentField) -> None:
        """Later than it opens, and not before the due date."""
        super().validate_available_until(field)
        until, due_at = field.moment, self.due_at.moment
        if until is not None and due_at is not None and until < due_at:
            raise ValidationError(_("It cannot close before the due date."))

    def validate_late_percent(self, field: Field) -> None:
        """Only looked at where points are taken off."""
        if self.late_rule.data == DEDUCTED and (field.data is None or not 0 < field.data <= 100):
            raise ValidationError(_("Write a number above 0, at most %(limit)d.", limit=100))

    validate_late_most = validate_late_percent

    def settings(self) -> AssignmentSettings:
        ways = ((TEXT, self.accept_text), (FILES, self.accept_files))
        usual = AssignmentSettings()
        return AssignmentSettings(
            accepts=tuple(name for name, field in ways if field.data),
            kinds=tuple(kind for kind in KINDS if self[kind].data),
            most_files=self.most_files.data or usual.most_files,
            most_bytes=int(self.megabytes.data) * MB,
            late_rule=self.late_rule.data,
            late_percent=usual.late_percent if self.late_percent.data is None else self.late_percent.data,
            late_most=usual.late_most if self.late_most.data is None else self.late_most.data,
            improves=self.improves.data,
            anonymous=self.anonymous.data,
            held=self.held.data or self.anonymous.data,
        )

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        own = kept(activity)
        same = ("most_files", "late_rule", "late_percent", "late_most", "improves", "anonymous", "held")
        return {
            **super().shown(activity),
            **{name: getattr(own, name) for name in same},
            **{kind: kind in own.kinds for kind in KINDS},
            "accept_text": TEXT in own.accepts,
            "accept_files": FILES in own.accepts,
            "megabytes": str(own.most_bytes // MB),
        }


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


class MarkForm(Versioned):
    """A mark: points or levels of a rubric, and a comment."""

    points = PointsField(_l("Points"))
    reason = long_text(_l("Why other points than the rubric's"), MAX_REASON)
    comment = long_text(_l("Comment for the pupil"), MAX_COMMENT)
    rubric = HiddenField()


class ExtensionForm(FlaskForm):
    """Other dates, for whom and why."""

    due_at = MomentField(_l("New due date"), needed=_l("Choose the day and time until when."))
    until = MomentField(_l("Closes for them"))
    reason = TextAreaField(
        _l("Reason"),
        validators=[
            InputRequired(_l("Say why, so that everybody can follow it later.")),
            Length(max=500, message=_l("This text is too long.")),
        ],
        filters=[stripped],
    )


def read_rubric(sent: Mapping[str, str]) -> tuple[list[Criterion], list[str]]:
    """Criteria of the rubric's form, with what is wrong; empty rows are left out.

    Fields: `title-0`, and for its levels `points-0-0`, `text-0-0`, and so on.
    """
    criteria, faults = [], []
    for row in range(100):
        title = stripped(sent.get(f"title-{row}"))[:200]
        levels = []
        for column in range(20):
            typed = (sent.get(f"points-{row}-{column}") or "").strip()
            text = stripped(sent.get(f"text-{row}-{column}"))[:500]
            if not typed and not text:
                continue
            try:
                levels.append(Level(parse_points(typed), text))
            except ValueError:
                faults.append(_("“%(typed)s” is no number of points. Write a number such as 2 or 2.5.", typed=typed))
        if title and levels:
            criteria.append(Criterion(title, tuple(levels)))
        elif levels:
            faults.append(_("A criterion has levels and no name."))
        elif title:
            criteria.append(Criterion(title, ()))
    return criteria, list(dict.fromkeys(faults))


def read_levels(sent: Mapping[str, str], count: int) -> list[int]:
    """The level chosen for each criterion. Raises Invalid when one is missing."""
    found = [sent.get(f"level-{row}", "") for row in range(count)]
    if not all(each.isdecimal() and len(each) < 4 for each in found):
        raise Invalid({"levels": _("Choose a level for every criterion.")})
    return [int(each) for each in found]
