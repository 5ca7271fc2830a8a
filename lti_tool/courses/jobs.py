"""The calendar of classes that take part under an agreement."""

from __future__ import annotations

from datetime import timedelta

from lti_tool.core import jobs
from lti_tool.courses.operations.partners import close_after_agreements


@jobs.every(timedelta(hours=1))
def close_classes() -> None:
    """Close the classes of agreements that are over, where that was decided."""
    close_after_agreements()
