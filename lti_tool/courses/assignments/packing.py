"""An assignment's settings and rubric as plain JSON, for another hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lti_tool.core.errors import Invalid
from lti_tool.courses.assignments import rubrics
from lti_tool.courses.assignments.rubrics import MOST_CRITERIA, MOST_LEVELS, MOST_POINTS
from lti_tool.courses.assignments.settings import AssignmentSettings, assignment_of, give_rubric, keep, kept, plain
from lti_tool.courses.models import Activity
from lti_tool.files.operations.keeping import MAX_FILE


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PackedLevel(_Part):
    """How well a criterion may be met."""

    points: float = Field(ge=0, le=MOST_POINTS)
    text: str = Field(default="", max_length=500)


class PackedCriterion(_Part):
    """What is looked at."""

    title: str = Field(min_length=1, max_length=200)
    levels: tuple[PackedLevel, ...] = Field(max_length=MOST_LEVELS)


class PackedAssignment(_Part):
    """All of it. Only `accepts` is needed: the rest is as in a new assignment."""

    accepts: tuple[Literal["text", "files"], ...] = Field(min_length=1, max_length=2)
    kinds: tuple[Literal["documents", "images", "audio", "video", "archives"], ...] = Field(default=(), max_length=5)
    most_files: int = Field(default=10, ge=1, le=20)
    most_bytes: int = Field(default=20 * 1024**2, ge=1024**2, le=MAX_FILE)
    late_rule: Literal["mark", "deduct", "refuse"] = "mark"
    late_percent: float = Field(default=10.0, gt=0, le=100)
    late_most: float = Field(default=50.0, gt=0, le=100)
    improves: bool = False
    anonymous: bool = False
    held: bool = False
    rubric: tuple[PackedCriterion, ...] = Field(default=(), max_length=MOST_CRITERIA)


def pack(activity: Activity) -> dict[str, Any]:
    """The settings, and the rubric in force."""
    rubric = assignment_of(activity).rubric
    return plain(kept(activity)) | {"rubric": rubric.criteria if rubric else []}


def unpack(activity: Activity, packed: Mapping[str, Any]) -> None:
    """Raises ValueError, with a sentence, for what cannot be."""
    sent = PackedAssignment.model_validate(packed)
    settings = AssignmentSettings(**sent.model_dump(exclude={"rubric"}))
    keep(activity, replace(settings, held=settings.held or settings.anonymous))
    if sent.rubric:
        criteria = rubrics.read([each.model_dump() for each in sent.rubric])
        try:
            rubrics.check(criteria)
        except Invalid as fault:
            raise ValueError(" ".join(map(str, fault.errors.values()))) from None
        give_rubric(activity, rubrics.written(criteria), None)
