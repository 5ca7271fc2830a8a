"""Who may do what with registrations of LMSs."""

from __future__ import annotations

from typing import Protocol

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.platforms.models import Deployment, Registration


class Administering(Protocol):
    """What the rules of this feature ask of whoever acts."""

    @property
    def is_operator(self) -> bool: ...
    @property
    def administers(self) -> int | None: ...
    @property
    def coordinates(self) -> bool: ...
    @property
    def organization_id(self) -> int | None: ...
    @property
    def supports(self) -> int | None: ...


class Owned(Protocol):
    """Whatever belongs to one organization."""

    @property
    def organization_id(self) -> int: ...


@says(_l("An operator of the hub"))
def is_operator(actor: Administering, _thing: object) -> bool:
    return actor.is_operator


@says(_l("A site administrator of that LMS, who came in from it"))
def administers_it(actor: Administering, registration: Registration) -> bool:
    return actor.administers is not None and actor.administers == registration.id


@says(_l("A site administrator of that LMS, who came in from it"))
def administers_its_lms(actor: Administering, deployment: Deployment) -> bool:
    """Every launch comes through a deployment that was accepted before, so this is somebody the organization has let in
    already: whoever waits at the new deployment cannot be the one who lets it in. It gives away no more than that
    administrator's own school, and saves it the wait for an operator."""
    return actor.administers is not None and actor.administers == deployment.registration_id


@says(_l("A coordinator of the organization it belongs to"))
def coordinates_owner(actor: Administering, thing: Owned) -> bool:
    return actor.coordinates and actor.organization_id == thing.organization_id


@says(_l("Support, while an access the organization can see goes on: reading only"))
def supports_owner(actor: Administering, thing: Owned) -> bool:
    return actor.supports is not None and actor.supports == thing.organization_id


RULES = {
    "registration.list": (is_operator,),
    "registration.see": (is_operator, administers_it, coordinates_owner, supports_owner),
    "registration.check": (is_operator, administers_it),
    "registration.add": (is_operator,),
    "registration.change": (is_operator,),
    "registration.approve": (is_operator,),
    "registration.suspend": (is_operator,),
    "registration.continue": (is_operator,),
    "deployment.accept": (is_operator, administers_its_lms),
    "invitation.create": (is_operator,),
    "invitation.revoke": (is_operator,),
}
ACTS = {
    "registration.list": _l("See the list of registered LMSs"),
    "registration.see": _l("See the registration of an LMS"),
    "registration.check": _l("Have the services of an LMS checked"),
    "registration.add": _l("Register an LMS by hand"),
    "registration.change": _l("Change the addresses of a registration"),
    "registration.approve": _l("Let people of an LMS in"),
    "registration.suspend": _l("Let nobody of an LMS in"),
    "registration.continue": _l("Say that an LMS registered again is the one it was"),
    "deployment.accept": _l("Let people of a new deployment in"),
    "invitation.create": _l("Invite an organization to register its LMS"),
    "invitation.revoke": _l("Take an invitation back"),
}
