"""The screens of assignments, split by who stands before them."""

from __future__ import annotations

from lti_tool.courses.assignments.views import extending, marking, working

__all__ = ["extending", "marking", "working"]
