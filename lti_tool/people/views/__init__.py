"""The screens about people: the operator's own, and coordinators."""

from __future__ import annotations

from lti_tool.people.views import coordinators, operating

__all__ = ["coordinators", "operating"]
