"""The arithmetic of licences, against what Creative Commons' own chart of adapters' licences says."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.exchange.licences import LICENCES, Outcome, Source, of_remix

CODES = st.sampled_from(sorted(LICENCES))


def outcome(*codes: str) -> Outcome:
    return of_remix([Source(code, code) for code in codes])


@pytest.mark.parametrize(
    ("sources", "allowed"),
    [
        (("cc0",), set(LICENCES)),
        (("cc-by",), set(LICENCES) - {"cc0"}),
        (("cc-by-sa",), {"cc-by-sa"}),
        (("cc-by-nc",), {"cc-by-nc", "cc-by-nc-sa", "cc-by-nc-nd", "school"}),
        (("cc-by-nc-sa",), {"cc-by-nc-sa"}),
        (("cc-by", "cc-by-sa"), {"cc-by-sa"}),
        (("cc-by", "cc-by-nc", "cc-by-nc-sa"), {"cc-by-nc-sa"}),
    ],
)
def test_what_a_remix_may_be_licensed_under(sources: tuple[str, ...], allowed: set[str]) -> None:
    assert set(outcome(*sources).allowed) == allowed


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        (("cc-by-nd",), "not changed"),
        (("cc-by-nc-nd", "cc0"), "not changed"),
        (("own",), "ask its authors"),
        (("school",), "only for use in the school"),
        (("cc-by-sa", "cc-by-nc"), "cannot be mixed"),
        (("cc-by", "cc-by-sa", "cc-by-nc-sa"), "“cc-by-sa” (CC BY-SA 4.0) and “cc-by-nc-sa”"),
    ],
)
def test_impossible_mixes_are_refused_with_a_reason(app: Flask, sources: tuple[str, ...], says: str) -> None:
    with app.test_request_context():
        found = outcome(*sources)
    assert not found.allowed
    assert says in found.reason


def test_the_own_work_binds_nobody_but_others() -> None:
    assert set(of_remix([Source("ours", "cc-by-nd", ours=True)]).allowed) == set(LICENCES)


@given(st.lists(CODES, max_size=3), CODES)
def test_one_source_more_never_allows_more(codes: list[str], another: str) -> None:
    app = Flask(__name__)
    from flask_babel import Babel  # the reasons are words in the reader's language

    Babel(app)
    with app.test_request_context():
        before, after = outcome(*codes), outcome(*codes, another)
        assert set(after.allowed) <= set(before.allowed)
        assert outcome(*reversed(codes)).allowed == before.allowed
        assert bool(before.allowed) != bool(before.reason)
