"""What a teacher decides about an assignment beyond what all activities have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lti_tool.courses.models import Activity

TEXT, FILES = "text", "files"


@dataclass(frozen=True)
class AssignmentSettings:
    """How pupils hand in."""

    accepts: tuple[str, ...] = (TEXT, FILES)


def kept(activity: Activity) -> AssignmentSettings:
    """The settings of this assignment."""
    return AssignmentSettings(tuple(activity.accepts))


def keep(activity: Activity, settings: AssignmentSettings) -> None:
    """Store them."""
    activity.accepts = list(settings.accepts)


def pack(activity: Activity) -> dict[str, Any]:
    """The settings for another hub."""
    return {"accepts": list(activity.accepts)}


def unpack(activity: Activity, packed: Mapping[str, Any]) -> None:
    """Raises ValueError when they say no way to hand in."""
    accepts = packed.get("accepts")
    if not isinstance(accepts, list) or not accepts or not set(accepts) <= {TEXT, FILES}:
        raise ValueError("`accepts` has to name `text`, `files` or both")
    keep(activity, AssignmentSettings(tuple(accepts)))
