"""The page that tells a teacher what the LMS course has of a shared course, and what to do about the rest."""

from __future__ import annotations

from typing import Any

from lti_tool.core.db import get_or_none
from lti_tool.core.policy import require
from lti_tool.courses.models import Participation
from lti_tool.courses.placing.queries import in_lms
from lti_tool.courses.views.base import actor, blueprint, page


@blueprint.get("/participations/<int:participation_id>/in-lms")
def in_lms_course(participation_id: int) -> Any:
    found = get_or_none(Participation, participation_id)
    require(actor(), "participation.change", found)
    assert found is not None
    return page("placing/in_lms", participation=found, course=found.course, found=in_lms(found))
