"""The screens of seats, split by who stands before them."""

from __future__ import annotations

from lti_tool.courses.seats.views import catalogue, host, places, requests

__all__ = ["catalogue", "host", "places", "requests"]
