"""The LTI 1.3 Advantage specifications, tool side: messages in, messages out, services, keys.

Knows no Flask, no database and no model: callers pass values, Protocols and callables, and get frozen values back.
"""

from __future__ import annotations

from lti_tool.lti.platform import Candidate, Platform
from lti_tool.lti.refusals import LaunchRefused, Refusal

__all__ = ["Candidate", "LaunchRefused", "Platform", "Refusal"]
