"""The screens of assignments, split by who stands before them."""

from __future__ import annotations

from lti_tool.courses.assignments.views import extending, marking, talking, working

__all__ = ["extending", "marking", "talking", "working"]
