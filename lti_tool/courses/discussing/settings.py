"""What a teacher decides about a discussion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.courses.discussing.models import EVERYBODY, ActivityDiscussion
from lti_tool.courses.models import Activity

MOST_POSTS = 50
"""More are not asked of a pupil."""


@dataclass(frozen=True)
class DiscussionSettings:
    """Who begins, what waits, who reads when, how much is asked."""

    starters: str = EVERYBODY
    moderated: bool = False
    write_first: bool = False
    least_posts: int = 1


class PackedDiscussion(BaseModel):
    """The same in an archive; what is left out is as in a new discussion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    starters: Literal["everybody", "teachers"] = "everybody"
    moderated: bool = False
    write_first: bool = False
    least_posts: int = Field(default=1, ge=1, le=MOST_POSTS)


def kept(activity: Activity) -> DiscussionSettings:
    """The settings of this discussion."""
    found = _found(activity)
    if found is None:
        return DiscussionSettings()
    return DiscussionSettings(found.starters, found.moderated, found.write_first, found.least_posts)


def keep(activity: Activity, settings: DiscussionSettings) -> None:
    """Store them."""
    found = _found(activity)
    if found is None:
        db.session.add(ActivityDiscussion(activity_id=activity.id, **asdict(settings)))
        return
    for name, value in asdict(settings).items():
        setattr(found, name, value)


def _found(activity: Activity) -> ActivityDiscussion | None:
    return db.session.scalar(select(ActivityDiscussion).where(ActivityDiscussion.activity_id == activity.id))


def pack(activity: Activity) -> dict[str, Any]:
    """The settings for another hub."""
    return asdict(kept(activity))


def unpack(activity: Activity, packed: Mapping[str, Any]) -> None:
    """Raises ValueError, with a sentence, for what cannot be."""
    keep(activity, DiscussionSettings(**PackedDiscussion.model_validate(packed).model_dump()))
