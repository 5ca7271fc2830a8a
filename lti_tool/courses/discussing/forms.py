"""What a teacher sends about a discussion."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, IntegerField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, ValidationError

from lti_tool.courses.discussing.models import EVERYBODY, STARTERS, TEACHERS
from lti_tool.courses.discussing.settings import MOST_POSTS, DiscussionSettings, kept
from lti_tool.courses.forms import MAX_POINTS, ActivityForm, MomentField, PointsField, local, long_text
from lti_tool.courses.models import Activity
from lti_tool.courses.operations.teaching import ActivityText

_STARTERS = {EVERYBODY: _l("Everybody"), TEACHERS: _l("Teachers only; pupils answer")}


class DiscussionForm(ActivityForm):
    """Something to talk about, graded or not."""

    body = long_text(_l("Question or task"))
    starters = RadioField(
        _l("Who begins threads"), choices=[SelectChoice(each, _STARTERS[each]) for each in STARTERS], default=EVERYBODY
    )
    moderated = BooleanField(_l("A pupil's first message waits until a teacher has read it"))
    write_first = BooleanField(_l("Write first: a pupil reads the others' messages after having written one"))
    least_posts = IntegerField(
        _l("Messages a pupil has to write"),
        default=1,
        validators=[NumberRange(1, MOST_POSTS, message=_l("Write a number from 1 to 50."))],
    )
    points = PointsField(_l("Points"))
    due_at = MomentField(_l("Due"))

    def validate_points(self, field: Field) -> None:
        """Nothing, or more than nothing; gradebooks divide by it."""
        if field.data is not None and not 0 < field.data <= MAX_POINTS:
            raise ValidationError(_("Write a number above 0, at most %(limit)d.", limit=MAX_POINTS))

    def validate_available_until(self, field: MomentField) -> None:
        """Later than it opens, and not before the due date."""
        super().validate_available_until(field)
        until, due_at = field.moment, self.due_at.moment
        if until is not None and due_at is not None and until < due_at:
            raise ValidationError(_("It cannot close before the due date."))

    def value(self) -> ActivityText:
        return replace(super().value(), points=self.points.data, due_at=self.due_at.moment)

    def settings(self) -> DiscussionSettings:
        return DiscussionSettings(
            self.starters.data, self.moderated.data, self.write_first.data, self.least_posts.data or 1
        )

    @classmethod
    def shown(cls, activity: Activity) -> dict[str, Any]:
        own = {"points": activity.points, "due_at": local(activity.due_at)}
        return {**super().shown(activity), **own, **asdict(kept(activity))}
