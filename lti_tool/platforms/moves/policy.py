"""Who may do what when an LMS moves to another address.

Whoever holds the address of a registration can let anybody in under its people's names. So the school itself may only
propose; an operator says yes, once before by making the link, or at the end.
"""

from __future__ import annotations

from lti_tool.platforms.policy import administers_it, coordinates_owner, is_operator

RULES = {
    "registration.propose_move": (is_operator, administers_it, coordinates_owner),  # a Registration
    "registration.confirm_move": (is_operator,),  # a Registration
    "registration.undo_move": (is_operator,),  # a Registration
}
