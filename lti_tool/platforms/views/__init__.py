"""Screens about registrations: joining, values for joining by hand, the operator's pages, the doctor."""

from __future__ import annotations

from lti_tool.platforms.views import config, invitations, operating, registering, registration
from lti_tool.platforms.views.base import blueprint

__all__ = ["blueprint", "config", "invitations", "operating", "registering", "registration"]
