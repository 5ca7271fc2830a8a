"""The screens of guests: inviting them, coming in, their own ways in."""

from __future__ import annotations

from lti_tool.people.guests.views import entering, inviting, own
from lti_tool.people.guests.views.base import blueprint, open_to_partners

__all__ = ["blueprint", "entering", "inviting", "open_to_partners", "own"]
