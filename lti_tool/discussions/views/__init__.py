"""The screens of discussions: reading, writing, moderating, and the operator's list of words."""

from __future__ import annotations

from lti_tool.discussions.views import filtering, moderating, reading, writing
from lti_tool.discussions.views.base import blueprint

__all__ = ["blueprint", "filtering", "moderating", "reading", "writing"]
