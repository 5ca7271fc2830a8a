"""The screens of agreements: reading, writing a draft, deciding about what is proposed."""

from __future__ import annotations

from lti_tool.agreements.views import deciding, reading, writing
from lti_tool.agreements.views.base import blueprint

__all__ = ["blueprint", "deciding", "reading", "writing"]
