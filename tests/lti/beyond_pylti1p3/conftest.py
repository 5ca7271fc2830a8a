"""One moment for both sides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine

from tests.lti.beyond_pylti1p3.peer import Peer
from tests.lti.fakes import NOW, Lms


@pytest.fixture(autouse=True)
def the_same_moment() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def peer(lms: Lms) -> Peer:
    return Peer(lms)
