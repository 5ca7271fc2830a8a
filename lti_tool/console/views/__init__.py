"""Screens of the operator's console: organizations, doubles, invitations, registrations."""

from __future__ import annotations

from lti_tool.console.views import invitations, merging, organizations, registrations, state
from lti_tool.console.views.base import blueprint

__all__ = ["blueprint", "invitations", "merging", "organizations", "registrations", "state"]
