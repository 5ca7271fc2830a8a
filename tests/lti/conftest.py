"""Our keys, made once for all these tests, and the services of a platform that trusts them."""

from __future__ import annotations

from pathlib import Path

import pytest

from lti_tool.lti.keys import KeyRing
from tests.lti.fakes import Lms, Tool
from tests.lti.service import Service


@pytest.fixture(scope="session")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing(Path(tmp_path_factory.mktemp("keys")))


@pytest.fixture
def service(ring: KeyRing) -> Service:
    return Service(ring)


@pytest.fixture
def lms() -> Lms:
    return Lms()


@pytest.fixture
def tool(lms: Lms) -> Tool:
    return Tool(lms)
