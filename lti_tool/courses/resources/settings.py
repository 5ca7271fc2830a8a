"""What a teacher decides about a resource beyond what all activities have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lti_tool.core.db import db
from lti_tool.courses.models import Activity
from lti_tool.courses.resources.models import ActivityLink

MAX_ADDRESS = 2000


@dataclass(frozen=True)
class ResourceSettings:
    """Where it is."""

    url: str = ""
    """Empty: the attached files are all."""


def is_address(typed: str) -> bool:
    """May it stand in a link?"""
    try:
        parts = urlsplit(typed)
    except ValueError:
        return False
    plain = not any(sign.isspace() or not sign.isprintable() for sign in typed)
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc) and len(typed) <= MAX_ADDRESS


def kept(activity: Activity) -> ResourceSettings:
    """The settings of this resource."""
    found = db.session.get(ActivityLink, activity.id)
    return ResourceSettings(found.url if found else "")


def keep(activity: Activity, settings: ResourceSettings) -> None:
    """Store them."""
    found = db.session.get(ActivityLink, activity.id)
    if not settings.url:
        if found is not None:
            db.session.delete(found)
    elif found is None:
        db.session.add(ActivityLink(activity_id=activity.id, url=settings.url))
    else:
        found.url = settings.url


def pack(activity: Activity) -> dict[str, Any]:
    """The settings for another hub."""
    return {"url": kept(activity).url}


def unpack(activity: Activity, packed: Mapping[str, Any]) -> None:
    """Raises ValueError for what is no address."""
    url = packed.get("url", "")
    if not isinstance(url, str) or (url and not is_address(url)):
        raise ValueError("`url` has to be an http or https address")
    keep(activity, ResourceSettings(url))
