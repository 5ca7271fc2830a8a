"""What operators and LMS administrators type about registrations."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

from lti_tool.platforms.models import Registration
from lti_tool.platforms.operations.invitations import DAYS, MAX_DAYS
from lti_tool.platforms.operations.registrations import PlatformFacts

_NEEDED = InputRequired(_l("This is needed."))


def _stripped(value: str | None) -> str:
    return (value or "").strip()


def _address(label: Any, *, needed: bool = True) -> StringField:
    return StringField(label, validators=[_NEEDED] if needed else [], filters=[_stripped])


class InvitationForm(FlaskForm):
    """A new invitation."""

    days = IntegerField(_l("Days it holds"), default=DAYS, validators=[_NEEDED, NumberRange(min=1, max=MAX_DAYS)])
    auto_approve = BooleanField(
        _l("Let people in at once"),
        description=_l("Otherwise an operator approves the registration first."),
    )


class PlatformForm(FlaskForm):
    """A registration by hand, or its new addresses after a move."""

    name = StringField(
        _l("Name"),
        description=_l("What people call this LMS; the organization's name when empty."),
        validators=[Length(max=200)],
        filters=[_stripped],
    )
    issuer = _address(_l("Platform ID (issuer)"))
    client_id = _address(_l("Client ID"))
    auth_url = _address(_l("Authentication request URL"))
    token_url = _address(_l("Access token URL"))
    jwks_url = _address(_l("Public keyset URL"))
    token_audience = _address(_l("Audience of service tokens, if it is not the access token URL"), needed=False)
    deployment_ids = TextAreaField(
        _l("Deployment IDs"), description=_l("One a line."), validators=[_NEEDED, Length(max=20_000)]
    )

    def value(self) -> PlatformFacts:
        lines = (line.strip() for line in (self.deployment_ids.data or "").splitlines())
        return PlatformFacts(
            issuer=self.issuer.data,
            client_id=self.client_id.data,
            auth_url=self.auth_url.data,
            token_url=self.token_url.data,
            jwks_url=self.jwks_url.data,
            token_audience=self.token_audience.data or None,
            deployment_ids=tuple(dict.fromkeys(line for line in lines if line)),
            name=self.name.data,
        )

    @classmethod
    def of(cls, registration: Registration) -> PlatformForm:
        """The form as it is opened for a change, or as it was sent."""
        accepted = [each.deployment_id for each in registration.deployments if each.state == "active"]
        names = ("name", "issuer", "client_id", "auth_url", "token_url", "jwks_url", "token_audience")
        shown = {name: getattr(registration, name) for name in names}
        return cls(data={**shown, "deployment_ids": "\n".join(accepted)})
