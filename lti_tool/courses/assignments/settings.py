"""What a teacher decides about an assignment beyond what all activities have."""

from __future__ import annotations

from dataclasses import dataclass

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
