"""Who may do what with registrations of LMSs."""

from __future__ import annotations

from typing import Protocol

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import says
from lti_tool.platforms.models import Registration


class Administering(Protocol):
    """What the rules of this feature ask of whoever acts."""

    @property
    def is_operator(self) -> bool: ...
    @property
    def administers(self) -> int | None: ...


@says(_l("An operator of the hub"))
def is_operator(actor: Administering, _thing: object) -> bool:
    return actor.is_operator


@says(_l("A site administrator of that LMS, who came in from it"))
def administers_it(actor: Administering, registration: Registration) -> bool:
    return actor.administers is not None and actor.administers == registration.id


RULES = {
    "registration.list": (is_operator,),
    "registration.see": (is_operator, administers_it),
    "registration.check": (is_operator, administers_it),
    "registration.add": (is_operator,),
    "registration.change": (is_operator,),
    "registration.approve": (is_operator,),
    "registration.suspend": (is_operator,),
    "deployment.accept": (is_operator,),
    "invitation.create": (is_operator,),
    "invitation.revoke": (is_operator,),
}
