"""Who may do what when an LMS moves to another address.

Whoever holds the address of a registration can let anybody in under its people's names. So the school itself may only
propose; an operator says yes, once before by making the link, or at the end.
"""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.platforms.policy import administers_it, coordinates_owner, is_operator

RULES = {
    "registration.propose_move": (is_operator, administers_it, coordinates_owner),  # a Registration
    "registration.confirm_move": (is_operator,),  # a Registration
    "registration.undo_move": (is_operator,),  # a Registration
}
ACTS = {
    "registration.propose_move": _l("Tell that an LMS gets a new address"),
    "registration.confirm_move": _l("Confirm the new address of an LMS"),
    "registration.undo_move": _l("Take the new address of an LMS back"),
}
