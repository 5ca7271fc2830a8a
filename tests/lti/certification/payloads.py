"""Changes to a launch, as the certification of 1EdTech and our own list of pitfalls know them."""

from __future__ import annotations

import time
from typing import Any

from lti_tool.lti import claims
from tests.lms import Claims

MEMBERSHIP = claims.MEMBERSHIP + "#"
INSTITUTION = claims.LIS + "institution/person#"
SYSTEM = claims.LIS + "system/person#"
ABSENT = object()


class Put:
    """Set claims; a constant's name stands for its claim, ABSENT takes it away."""

    def __init__(self, **values: Any) -> None:
        self.values = values

    def __call__(self, told: Claims) -> None:
        for name, value in self.values.items():
            claim = getattr(claims, name, name)
            if value is ABSENT:
                told.pop(claim, None)
            else:
                told[claim] = value


class Times:
    """Set iat and exp, in seconds from now."""

    def __init__(self, issued: float, expires: float) -> None:
        self.issued, self.expires = issued, expires

    def __call__(self, told: Claims) -> None:
        now = int(time.time())
        told |= {"iat": now + self.issued, "exp": now + self.expires}


def several_audiences(told: Claims) -> None:
    told |= {"aud": ["another tool", told["aud"]], "azp": told["aud"]}


def audience_as_list(told: Claims) -> None:
    told["aud"] = [told["aud"]]


def audiences_without_party(told: Claims) -> None:
    told["aud"] = [told["aud"], "another tool"]
    told.pop("azp", None)
