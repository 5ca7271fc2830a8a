"""What the tool tells platforms about itself: addresses, names, and the invitation's address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from lti_tool.lti.messages import CUSTOM_PARAMETERS
from lti_tool.lti.registration import ToolDescription

NAMES = {"": "Schools Together", "ru": "Школы вместе"}
DESCRIPTIONS = {
    "": "Shared courses of several schools, entered from each school's own LMS.",
    "ru": "Совместные курсы нескольких школ, в которые входят из LMS своей школы.",
}
PICK_LABELS = {"": "Choose a shared course", "ru": "Выбрать совместный курс"}


@dataclass(frozen=True)
class ToolAddresses:
    """Every address of the tool that an LMS needs."""

    base_url: str

    @property
    def login(self) -> str:
        return f"{self.base_url}/lti/login"

    @property
    def launch(self) -> str:
        """The one redirect address, target link and deep linking address."""
        return f"{self.base_url}/lti/launch"

    @property
    def jwks(self) -> str:
        return f"{self.base_url}/lti/jwks"

    @property
    def register(self) -> str:
        return f"{self.base_url}/lti/register"

    @property
    def icon(self) -> str:
        return f"{self.base_url}/static/favicon.svg"

    @property
    def custom_parameters(self) -> str:
        """One `name=value` a line."""
        return "\n".join(f"{name}={value}" for name, value in CUSTOM_PARAMETERS.items())

    def invitation(self, code: str) -> str:
        """What an LMS administrator pastes."""
        return f"{self.register}?{urlencode({'invite': code})}"


def description(addresses: ToolAddresses) -> ToolDescription:
    """The tool as dynamic registration presents it."""
    return ToolDescription(
        names=NAMES,
        descriptions=DESCRIPTIONS,
        base_url=addresses.base_url,
        login_url=addresses.login,
        launch_url=addresses.launch,
        jwks_url=addresses.jwks,
        logo_url=addresses.icon,
        pick_labels=PICK_LABELS,
    )
