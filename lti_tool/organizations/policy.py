"""Who may do what with organizations."""

from __future__ import annotations

from typing import Protocol

from flask_babel import lazy_gettext as _l

from lti_tool.core.errors import SignInNeeded
from lti_tool.core.policy import says
from lti_tool.organizations.models import Organization


class Operating(Protocol):
    """What the rules of this feature ask of whoever acts."""

    @property
    def is_operator(self) -> bool: ...


class OperatorSignInNeeded(SignInNeeded):
    """A page of the people who run the tool, and nobody is signed in."""

    message = _l("This page is for the people who run this tool, and you are not signed in.")
    todo = (_l("Open your sign-in link. The command “operator invite” prints a new one."),)


@says(_l("An operator of the hub"))
def is_operator(actor: Operating, _organization: Organization | None) -> bool:
    return actor.is_operator


RULES = {
    "organization.list": (is_operator,),
    "organization.see": (is_operator,),
    "organization.add": (is_operator,),
    "organization.change": (is_operator,),
}
ACTS = {
    "organization.list": _l("See the list of organizations"),
    "organization.see": _l("See an organization with its LMSs and invitations"),
    "organization.add": _l("Add an organization"),
    "organization.change": _l("Change name, type and department of an organization"),
}
