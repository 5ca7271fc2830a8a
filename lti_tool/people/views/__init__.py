"""The screens about people: the operator's own, coordinators, and what is kept of names."""

from __future__ import annotations

from lti_tool.people.views import coordinators, keeping, operating

__all__ = ["coordinators", "keeping", "operating"]
