"""Who reads how a whole school's gradebooks agree with ours. Who decides about a grade is the courses' rule."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.platforms.policy import administers_it, is_operator

RULES = {
    "reconciliation.report": (is_operator, administers_it),  # a Registration
}
ACTS = {
    "reconciliation.report": _l("See whether a whole school's gradebooks agree"),
}
