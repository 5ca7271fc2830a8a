"""Who may do what on the operator's console."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.people.policy import is_operator

RULES = {
    "organization.archive": (is_operator,),
    "organization.restore": (is_operator,),
    "organization.merge": (is_operator,),  # both Organizations are asked for
    "invitation.list": (is_operator,),
    "state.see": (is_operator,),
}
ACTS = {
    "state.see": _l("See the state of the installation"),
    "organization.archive": _l("Archive an organization"),
    "organization.restore": _l("Bring an archived organization back"),
    "organization.merge": _l("Make two entries of one organization one"),
    "invitation.list": _l("See all invitations"),
}
