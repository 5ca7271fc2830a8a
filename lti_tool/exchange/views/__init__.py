"""The screens of the resource exchange; importing this module makes the blueprint whole."""

from __future__ import annotations

from lti_tool.exchange.views import collecting, describing, exporting, opening, reading, searching, using, writing
from lti_tool.exchange.views.base import blueprint

__all__ = ["blueprint", "collecting", "describing", "exporting", "opening", "reading", "searching", "using", "writing"]
