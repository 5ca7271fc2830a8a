"""Who may do what on the operator's console."""

from __future__ import annotations

from lti_tool.people.policy import is_operator

RULES = {
    "organization.archive": (is_operator,),
    "organization.restore": (is_operator,),
    "organization.merge": (is_operator,),  # both Organizations are asked for
    "invitation.list": (is_operator,),
}
