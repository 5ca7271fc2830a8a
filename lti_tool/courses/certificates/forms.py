"""What the host sends about certificates; each fault is a sentence beside its field."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from lti_tool.core.forms import Versioned, stripped
from lti_tool.courses.availability import is_shown
from lti_tool.courses.certificates.models import ALL, CHOSEN, NONE, CertificateRule
from lti_tool.courses.certificates.operations import Wanted
from lti_tool.courses.models import Activity
from lti_tool.courses.seats.forms import MAX_HOURS, Number, between

MAX_PROGRAMME = 2000


def _called(activity: Activity) -> str:
    if is_shown(activity):
        return activity.title
    return str(_("%(title)s (pupils do not see it)", title=activity.title))


class RulesForm(Versioned):
    """What a course asks for a certificate, and what the certificate says."""

    issuing = BooleanField(_l("Certificates are issued in this course"))
    which = RadioField(_l("Activities"), default=NONE)
    activities = SelectMultipleField(
        _l("These have to be done"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validate_choice=False,
    )
    least_points = Number(_l("Least percent of the points"), validators=[Optional(), between(1, 100)])
    least_sessions = Number(_l("Least percent of the live sessions"), validators=[Optional(), between(1, 100)])
    title = StringField(
        _l("Title of the certificate"),
        validators=[Length(max=200, message=_l("Make it shorter: at most 200 characters."))],
        filters=[stripped],
    )
    hours = Number(_l("Hours"), validators=[Optional(), between(1, MAX_HOURS)])
    programme = TextAreaField(
        _l("Part of the programme"),
        validators=[Length(max=MAX_PROGRAMME, message=_l("This text is too long."))],
        filters=[stripped],
    )
    signed_by = StringField(
        _l("Who signs"),
        validators=[Length(max=300, message=_l("Make it shorter: at most 300 characters."))],
        filters=[stripped],
    )

    def choose_from(self, activities: Sequence[Activity]) -> None:
        """Offer the activities of the course."""
        self.activities.choices = [SelectChoice(one.id, _called(one)) for one in activities]
        self.which.choices = [
            SelectChoice(NONE, _("Do not matter")),
            SelectChoice(ALL, _("All in which there is something to do have to be done")),
            SelectChoice(CHOSEN, _("Those chosen below have to be done")),
        ]

    def value(self) -> Wanted:
        return Wanted(
            issuing=self.issuing.data,
            title=self.title.data,
            which=self.which.data,
            least_points=self.least_points.data,
            least_sessions=self.least_sessions.data,
            hours=self.hours.data,
            programme=self.programme.data,
            signed_by=self.signed_by.data,
        )

    @classmethod
    def of(cls, rule: CertificateRule | None, chosen: Sequence[int]) -> RulesForm:
        """The form as it is opened, or as it was sent."""
        if rule is None:
            return cls(data={"issuing": True, "which": ALL})
        return cls(obj=rule, data={"activities": chosen})
