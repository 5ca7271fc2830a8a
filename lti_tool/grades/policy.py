"""Who may see how a school's grades get on."""

from __future__ import annotations

from lti_tool.platforms.policy import administers_it, is_operator

RULES = {
    "deliveries.see": (is_operator, administers_it),
    "deliveries.retry": (is_operator, administers_it),
}
