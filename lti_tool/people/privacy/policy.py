"""Who may read, write and count what about privacy."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.people.actor import Actor
from lti_tool.people.policy import Whole, coordinates_it, is_operator


@says(_l("Anyone who came in from the organization's LMS, or was invited by it"))
def came_from_it(actor: Actor, organization: Whole) -> bool:
    return actor.organization_id == organization.id


# each is asked for an Organization
RULES = {
    "privacy.read": (came_from_it,),
    "privacy.answer": (came_from_it,),
    "privacy.count": (is_operator, coordinates_it),
    "privacy.write": (coordinates_it,),
    "privacy.choose": (coordinates_it,),
    "privacy.see_people": (coordinates_it,),
    "privacy.confirm_guardians": (coordinates_it,),
}
ACTS = {
    "privacy.read": _l("Read the privacy notice of an organization"),
    "privacy.answer": _l("Answer whether one consents"),
    "privacy.count": _l("See how many have consented"),
    "privacy.write": _l("Write the privacy notice and the consent"),
    "privacy.choose": _l("Decide what people are asked for"),
    "privacy.see_people": _l("See who has consented"),
    "privacy.confirm_guardians": _l("Confirm that guardians agree"),
}
