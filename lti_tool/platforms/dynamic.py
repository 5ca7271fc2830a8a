"""Dynamic registration from our side: keep the invitation, talk to the LMS outside any transaction, store the result."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from lti_tool.core.db import unit_of_work
from lti_tool.core.http import GuardedSession
from lti_tool.lti.registration import RegistrationRefused, discover, register
from lti_tool.platforms.models import ACTIVE
from lti_tool.platforms.operations.invitations import (
    InvitationOver,
    give_back_invitation,
    open_invitation,
    owner_of,
    reserve_invitation,
    use_invitation,
)
from lti_tool.platforms.operations.registrations import store_registration
from lti_tool.platforms.tool import ToolAddresses, description

log = structlog.get_logger(__name__)


class HostsUnconfirmed(Exception):
    """Addresses of the LMS lie on other hosts than its configuration, and nobody has confirmed them yet."""

    def __init__(self, hosts: frozenset[str]) -> None:
        super().__init__("hosts_unconfirmed")
        self.hosts = hosts


@dataclass(frozen=True)
class Asked:
    """What the LMS handed over, and what its administrator confirmed."""

    code: str = field(repr=False)
    configuration_url: str
    token: str | None = field(repr=False)
    """Sent to the LMS once; neither kept nor logged."""
    confirmed_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Registered:
    """The outcome, for the last page."""

    registration_id: int
    is_active: bool
    product: str
    issuer: str


@dataclass(frozen=True)
class _Order:
    """The invitation as values. The organization acts; who sits before the screen is not known."""

    invitation_id: int
    organization_id: int
    auto_approve: bool
    person_id: int | None = None


def register_platform(asked: Asked, *, http: GuardedSession, addresses: ToolAddresses) -> Registered:
    """Register the tool at an LMS. A failure gives the invitation back.

    Raises InvitationOver, Conflict, HostsUnconfirmed and lti.registration.RegistrationRefused.
    """
    with unit_of_work():
        invitation = open_invitation(asked.code)
        reserve_invitation(invitation.id)
        order = _Order(invitation.id, invitation.organization_id, invitation.auto_approve)
    try:
        return _register(asked, order, http, addresses)
    except BaseException as error:
        with unit_of_work():
            give_back_invitation(order.invitation_id)
        if isinstance(error, RegistrationRefused):
            log.info("registration refused", invitation=order.invitation_id, code=error.code)
        raise


def _register(asked: Asked, order: _Order, http: GuardedSession, addresses: ToolAddresses) -> Registered:
    configuration = discover(http, asked.configuration_url)
    if configuration.foreign_hosts - asked.confirmed_hosts:
        raise HostsUnconfirmed(configuration.foreign_hosts)
    result = register(http, configuration, asked.token, description(addresses))
    with unit_of_work():
        added = store_registration(
            actor=order,
            organization_id=owner_of(order.invitation_id),  # it may have been merged meanwhile
            configuration=configuration,
            result=result,
            auto_approve=order.auto_approve,
        )
        if not use_invitation(order.invitation_id, added.id):
            raise InvitationOver
        return Registered(added.id, added.state == ACTIVE, added.product, added.issuer)
