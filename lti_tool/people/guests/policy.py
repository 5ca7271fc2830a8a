"""Who may do what with people invited by name."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import Guest, Passkey
from lti_tool.people.policy import coordinates_it, is_operator
from lti_tool.platforms.policy import coordinates_owner


@says(_l("The invited person themselves"))
def is_that_guest(actor: Actor, guest: Guest) -> bool:
    return actor.guest_id is not None and actor.guest_id == guest.id


@says(_l("The invited person whose device it is"))
def owns_passkey(actor: Actor, passkey: Passkey) -> bool:
    return actor.guest_id is not None and actor.guest_id == passkey.guest_id


RULES: dict[str, tuple[Predicate, ...]] = {
    "guest.list": (is_operator, coordinates_it),  # an Organization
    "guest.invite": (is_operator, coordinates_it),  # an Organization
    "guest.link": (is_operator, coordinates_owner),  # a Guest: a new link, or taking one back
    "guest.end": (is_operator, coordinates_owner, is_that_guest),  # a Guest
    "guest.ways": (is_that_guest,),  # a Guest: own passkeys and address
    "passkey.remove": (owns_passkey,),  # a Passkey
}
ACTS = {
    "guest.list": _l("See who was invited by name"),
    "guest.invite": _l("Invite a person by name"),
    "guest.link": _l("Make a new link for an invited person, or take one back"),
    "guest.end": _l("End the access of an invited person"),
    "guest.ways": _l("See and change one's own ways of signing in"),
    "passkey.remove": _l("Remove a passkey"),
}
