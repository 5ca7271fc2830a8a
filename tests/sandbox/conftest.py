from __future__ import annotations

import pytest

from tests.lms import SCHOOL_A, SCHOOL_B, School
from tests.sandbox.tiny_tool import URL, TinyTool


@pytest.fixture
def tool() -> TinyTool:
    return TinyTool()


@pytest.fixture
def school(tool: TinyTool) -> School:
    """The Russian school with the tiny tool registered dynamically."""
    started = School.start("ru", SCHOOL_A, tool=tool.app)
    started.register(tool.app.test_client(), f"{URL}/lti/register?invite=code")
    return started


@pytest.fixture
def other_school(tool: TinyTool) -> School:
    """The English school, not registered with any tool."""
    return School.start("en", SCHOOL_B, tool=tool.app)
