"""Dynamic registration as an LMS administrator sees it: what will happen, one button, what remains to be done.

The page lives in a frame or window of the LMS and needs neither cookies nor scripts: the invitation's code in the form
is what counts, and there is no sign-in that another site could misuse.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request
from flask_babel import gettext as _

from lti_tool.core.db import end_reading
from lti_tool.core.errors import DomainError, error_page
from lti_tool.core.limits import limit
from lti_tool.core.web import allow_framing_by, csrf
from lti_tool.lti.fields import is_url
from lti_tool.lti.platform import origin
from lti_tool.lti.registration import RegistrationRefused
from lti_tool.platforms.access import http
from lti_tool.platforms.dynamic import Asked, HostsUnconfirmed, register_platform
from lti_tool.platforms.operations.invitations import open_invitation
from lti_tool.platforms.views.base import addresses, blueprint
from lti_tool.platforms.wording import explain_refusal

LIMIT = "60 per minute"
"""From one address; each try may make us call an LMS."""


@blueprint.get("/lti/register")
@limit(LIMIT)
def start() -> Any:
    """Name the school and what will be asked for; without the LMS's parameters, where to paste the address."""
    code = request.args.get("invite", "")
    invitation = open_invitation(code)
    configuration = request.args.get("openid_configuration", "")
    if not configuration:
        return render_template(
            "platforms/register_paste.html", invitation=invitation, address=addresses().invitation(code)
        )
    _check_configuration(configuration)
    token = request.args.get("registration_token", "")
    return _page(code, configuration, token, organization=invitation.organization.name, hosts=())


@blueprint.post("/lti/register")
@limit(LIMIT)
def register() -> Any:
    """Register the tool at the LMS, then say what remains to be done there."""
    form = request.form
    configuration = form.get("openid_configuration", "")
    _check_configuration(configuration)
    asked = Asked(
        code=form.get("invite", ""),
        configuration_url=configuration,
        token=form.get("registration_token") or None,
        confirmed_hosts=frozenset(form.getlist("host")),
    )
    organization = open_invitation(asked.code).organization.name
    end_reading()
    allow_framing_by(configuration)
    try:
        done = register_platform(asked, http=http(), addresses=addresses())
    except HostsUnconfirmed as unconfirmed:
        hosts = tuple(sorted(unconfirmed.hosts))
        return _page(asked.code, configuration, asked.token or "", organization=organization, hosts=hosts)
    except RegistrationRefused as refused:
        what, todo = explain_refusal(refused)
        return error_page(
            502 if refused.code == "unreachable" else 400, _("The registration did not work"), what, tuple(todo)
        )
    return render_template(
        "platforms/registered.html", done=done, organization=organization, closes=origin(configuration)
    )


def _page(code: str, configuration: str, token: str, *, organization: str, hosts: tuple[str, ...]) -> str:
    allow_framing_by(configuration)
    return render_template(
        "platforms/register.html",
        code=code,
        configuration=configuration,
        token=token,
        organization=organization,
        host=urlsplit(configuration).hostname,
        hosts=hosts,
    )


def _check_configuration(url: str) -> None:
    if not is_url(url):
        raise DomainError(
            _("The address of the LMS's configuration is missing or not an address."),
            _("Begin again in your LMS: the same registration address works until a registration succeeds."),
        )


csrf.exempt(register)
