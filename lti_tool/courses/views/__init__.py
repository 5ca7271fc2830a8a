"""The screens of courses, split by who stands before them."""

from __future__ import annotations

from lti_tool.courses.views import (
    arranging,
    ending,
    grading,
    joining,
    keeping,
    learning,
    reconciling,
    scales,
    teaching,
)
from lti_tool.courses.views.base import blueprint

__all__ = [
    "arranging",
    "blueprint",
    "ending",
    "grading",
    "joining",
    "keeping",
    "learning",
    "reconciling",
    "scales",
    "teaching",
]
