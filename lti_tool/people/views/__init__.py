"""The screens about people: the operator's own, coordinators, and what an organization tells about itself."""

from __future__ import annotations

from lti_tool.people.views import coordinators, facts, operating

__all__ = ["coordinators", "facts", "operating"]
