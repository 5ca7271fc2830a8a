"""Who may see how a school's grades get on."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.platforms.policy import administers_it, is_operator

RULES = {
    "deliveries.see": (is_operator, administers_it),
    "deliveries.retry": (is_operator, administers_it),
}
ACTS = {
    "deliveries.see": _l("See the grades of a whole school on their way"),
    "deliveries.retry": _l("Send the grades of a whole school once more"),
}
