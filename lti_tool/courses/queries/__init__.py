"""Reads of the courses feature; what other features need is named here."""

from __future__ import annotations

from lti_tool.courses.queries.courses import ContextHome, context_home
from lti_tool.courses.queries.paths import GradedContent, graded_content, path_for, review_path

__all__ = ["ContextHome", "GradedContent", "context_home", "graded_content", "path_for", "review_path"]
