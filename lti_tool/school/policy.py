"""Who sees an organization's own pages."""

from __future__ import annotations

from lti_tool.people.policy import coordinates_it

RULES = {"school.see": (coordinates_it,)}  # an Organization
