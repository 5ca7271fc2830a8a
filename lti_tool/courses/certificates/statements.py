"""What a certificate states, kept with it from the day it was issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from lti_tool.courses.certificates.queries import Ruleset
from lti_tool.courses.models import SharedCourse


@dataclass(frozen=True)
class Statement:
    """Texts in the words of the host, and the rules in figures, so that they can be read in either language."""

    title: str
    course: str
    host: str
    language: str
    """Of the course: the certificate is printed in it unless another is asked for."""
    hours: int | None
    programme: str
    signed_by: str
    activities: int
    """How many had to be done; 0: the rules asked for none."""
    points: int | None
    """Least percent."""
    sessions: int | None
    """Least percent."""

    @classmethod
    def of(cls, course: SharedCourse, rules: Ruleset) -> Self:
        """What a certificate issued now would state."""
        rule = rules.rule
        return cls(
            title=rule.title or course.title,
            course=course.title,
            host=course.organization.name,
            language=course.language,
            hours=rule.hours,
            programme=rule.programme,
            signed_by=rule.signed_by,
            activities=len(rules.activity_ids) if rules.asks_activities else 0,
            points=rule.least_points,
            sessions=rule.least_sessions,
        )

    @classmethod
    def kept(cls, stated: Mapping[str, Any]) -> Self:
        """As it was kept."""
        return cls(**stated)

    def to_keep(self) -> dict[str, Any]:
        return asdict(self)
