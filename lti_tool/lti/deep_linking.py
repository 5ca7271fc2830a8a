"""The answer to a deep linking request: content items signed and posted through the browser (Deep Linking 2.0)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from lti_tool.lti.keys import KeyRing
from lti_tool.lti.messages import DeepLinkingSettings
from lti_tool.lti.platform import Platform


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
    raise NotImplementedError
