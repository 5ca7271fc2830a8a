"""The answer to a deep linking request: content items signed and posted through the browser (Deep Linking 2.0)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lti_tool.lti import claims as c
from lti_tool.lti import moodle
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.messages import DeepLinkingSettings
from lti_tool.lti.platform import Platform, origin, origins_of

ANSWER_SECONDS = 240
BACKDATED_SECONDS = 5
"""A platform whose clock is a little behind must not take the answer for one from the future."""
RESOURCE_LINK, PLAIN_LINK = "ltiResourceLink", "link"


class DeepLinkingRefused(Exception):
    """No answer can be made. `code`: return_url_foreign, too_many_items, types_unsupported, link_without_url."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class LineItemSpec:
    """A gradebook column that is to be made."""

    label: str
    score_maximum: float
    resource_id: str
    tag: str = ""


@dataclass(frozen=True)
class LinkItem:
    """One thing the teacher picked."""

    title: str
    text: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)
    """Comes back with every launch of the link."""
    line_item: LineItemSpec | None = None
    url: str | None = None
    """The registered target or None (same meaning); needed where only plain links are accepted."""


@dataclass(frozen=True)
class DeepLinkingAnswer:
    """A form to post: field `JWT` to `url`."""

    url: str = field(repr=False)
    jwt: str = field(repr=False)
    origin: str
    """For the page's form-action policy."""


def answer(
    settings: DeepLinkingSettings,
    items: Sequence[LinkItem],
    *,
    platform: Platform,
    deployment_id: str,
    keyring: KeyRing,
    message: str | None = None,
    error: str | None = None,
    origins: Collection[str] = (),
    now: datetime | None = None,
) -> DeepLinkingAnswer:
    """Sign the teacher's choice; no items means cancelled. `message` and `error` are shown by the LMS.

    `origins`: further origins of this platform besides its registered addresses. Raises DeepLinkingRefused.
    """
    back = check_return_url(settings, platform, origins)
    if len(items) > 1 and not settings.accept_multiple:
        raise DeepLinkingRefused("too_many_items")
    now = now or datetime.now(UTC)
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": platform.client_id,
        "aud": platform.issuer,
        "iat": issued - BACKDATED_SECONDS,
        "exp": issued + ANSWER_SECONDS,
        "nonce": secrets.token_urlsafe(24),
        c.DEPLOYMENT_ID: deployment_id,
        c.MESSAGE_TYPE: c.DEEP_LINKING_RESPONSE,
        c.VERSION: c.VERSION_1P3,
        c.CONTENT_ITEMS: [_item(item, settings) for item in items],
    }
    optional = {c.DEEP_LINKING_DATA: settings.data, c.DEEP_LINKING_MESSAGE: message, c.DEEP_LINKING_ERROR: error}
    claims |= {name: value for name, value in optional.items() if value is not None}
    return DeepLinkingAnswer(url=settings.return_url, jwt=keyring.sign(claims, now), origin=back)


def check_return_url(settings: DeepLinkingSettings, platform: Platform, origins: Collection[str] = ()) -> str:
    """The origin the answer goes to: one of the platform's own, so plain http only where the platform itself is.

    Raises DeepLinkingRefused.
    """
    back = origin(settings.return_url)
    if back is None or back not in origins_of(platform, origins):
        raise DeepLinkingRefused("return_url_foreign")
    return back


def _item(item: LinkItem, settings: DeepLinkingSettings) -> dict[str, Any]:
    """A content item. Only what has a value is sent: platforms trip over nulls and empty objects."""
    if RESOURCE_LINK in settings.accept_types:
        kind = RESOURCE_LINK
    elif PLAIN_LINK in settings.accept_types:
        kind = PLAIN_LINK
        if item.url is None:
            raise DeepLinkingRefused("link_without_url")
    else:
        raise DeepLinkingRefused("types_unsupported")
    found: dict[str, Any] = {
        "type": kind,
        "title": moodle.link_title(item.title),
        "text": item.text or None,
        "url": item.url,
    }
    if kind == RESOURCE_LINK:
        found["custom"] = moodle.link_custom(item.custom)
        if item.line_item is not None and settings.accept_line_item:
            found["lineItem"] = _line_item(item.line_item)
    return {name: value for name, value in found.items() if value is not None}


def _line_item(spec: LineItemSpec) -> dict[str, Any]:
    found = {
        "label": moodle.link_title(spec.label),
        "scoreMaximum": moodle.column_maximum(spec.score_maximum),
        "resourceId": spec.resource_id,
        "tag": spec.tag,
    }
    return {name: value for name, value in found.items() if value != ""}
