"""The table of docs/developer/conformance.md is whole and names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TABLE = (TESTS.parent / "docs" / "developer" / "conformance.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d[^|]*) \|[^|]*\| ([^|]*) \|$", TABLE, re.MULTILINE)


def numbers(cell: str) -> set[int]:
    """`24–26 !` is 24, 25 and 26; `47, 48 !` is 47 and 48."""
    found: set[int] = set()
    for part in cell.replace("!", "").split(","):
        first, _, last = part.strip().partition("–")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_every_number_has_its_line() -> None:
    listed = [number for cell, _tests in ROWS for number in numbers(cell)]
    assert sorted(listed) == list(range(1, 131))


def test_every_test_exists() -> None:
    named = [name for _numbers, tests in ROWS for name in re.findall(r"`([^`]+)`", tests)]
    assert len(named) > 130
    missing = []
    for name in named:
        path, _, function = name.partition("::")
        source = TESTS / path
        if not source.exists() or f"def {function}(" not in source.read_text(encoding="utf-8"):
            missing.append(name)
    assert missing == []
