"""The screens about people: the operator's own, coordinators, what an organization tells about itself and keeps of names."""

from __future__ import annotations

from lti_tool.people.views import coordinators, facts, keeping, operating

__all__ = ["coordinators", "facts", "keeping", "operating"]
