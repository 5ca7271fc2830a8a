"""What is typed for many cells at once."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from lti_tool.core.forms import stripped
from lti_tool.courses.forms import PointsField, long_text
from lti_tool.courses.gradebook.operations import MAX_REASON
from lti_tool.courses.operations.grading import MAX_COMMENT

GRADE, COMMENT, EXCUSE, RETURN = "grade", "comment", "excuse", "return"
ACTIONS = {
    GRADE: _l("Give all of them the same grade (who has one keeps it)"),
    COMMENT: _l("Add a comment (only for those who have a grade)"),
    EXCUSE: _l("Excuse them: no grade, and nothing counts it (who has a grade keeps it)"),
    RETURN: _l("End the excuse"),
}
EVERYBODY, TICKED = "all", "ticked"


class TogetherForm(FlaskForm):
    """One answer for many."""

    scope = RadioField(_l("For whom"), choices=[SelectChoice(EVERYBODY), SelectChoice(TICKED)], default=EVERYBODY)
    act = RadioField(_l("What"), choices=[SelectChoice(*act) for act in ACTIONS.items()], default=GRADE)
    points = PointsField(_l("Points"))
    comment = long_text(_l("Comment for the pupils"), MAX_COMMENT)
    reason = StringField(_l("Reason of the excuse"), filters=[stripped], validators=[Length(max=MAX_REASON)])

    def offer(self, count: int, *, names: bool) -> None:
        """Say how many the filter shows; without names there is nobody to excuse: all have handed in."""
        if not names:
            self.act.choices = [SelectChoice(one, ACTIONS[one]) for one in (GRADE, COMMENT)]
        everybody = _("All that the filter shows: %(num)d", num=count)
        self.scope.choices = [SelectChoice(EVERYBODY, everybody), SelectChoice(TICKED, _("Only those ticked below"))]
