"""Words, stems, queries and slips of the finger."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.core.db import unit_of_work
from lti_tool.core.search import _for_fts5, _for_tsquery, distance, learn, mended, parse, stems, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("квадратные уравнения", "Квадратного УРАВНЕНИЯ"),
        ("ёлка зелёная", "елки зеленой"),
        ("teaching fractions", "teaches fraction"),
    ],
)
def test_forms_of_a_word_have_one_stem(one: str, other: str) -> None:
    assert stems(one) == stems(other)


def test_what_is_typed_becomes_terms() -> None:
    wanted = parse('"закон Ома" опыт -тест физ')
    assert [(term.words, term.excluded, term.prefix) for term in wanted.terms] == [
        (("закон", "ома"), False, False),
        (("опыт",), False, False),
        (("тест",), True, False),
        (("физ",), False, True),
    ]
    assert not parse("-тест")
    assert not parse(" * ( ) : & | ! ' \" ")


@given(st.text(max_size=80))
def test_no_sign_of_a_query_language_gets_through(typed: str) -> None:
    wanted = parse(typed)
    if wanted:
        for made, own in ((_for_fts5(wanted), '()"*+'), (_for_tsquery(wanted), "()'|&!:<->*")):
            rest = made
            for sign in own:
                rest = rest.replace(sign, " ")
            known = {word for term in wanted.terms for each in term.words for word in (each, stems(each))}
            assert set(rest.split()) - {"AND", "OR", "NOT"} <= known


@given(st.text(alphabet="абвг", max_size=8), st.text(alphabet="абвг", max_size=8))
def test_distance_is_one_both_ways_and_nothing_only_for_equal_words(one: str, other: str) -> None:
    assert distance(one, other, 9) == distance(other, one, 9)
    assert (distance(one, other, 9) == 0) == (one == other)
    assert distance(one, other, 1) <= 2


def test_slips_are_mended_by_the_dictionary(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        learn(["Квадратные уравнения и фотосинтез", "Photosynthesis, fractions"])
        learn(["Квадратные уравнения"])
        for typed, meant in (
            ("квадратыне", "квадратные"),
            ("уровнения", "уравнения"),
            ("фотосинтес", "фотосинтез"),
            ("fractoins", "fractions"),
            ("ajnjcbyntp", "фотосинтез"),
        ):
            better = mended(parse(typed))
            assert better is not None, typed
            assert better.words == [meant]
        assert mended(parse("квадратные")) is None
        assert mended(parse("кенгуру")) is None
        assert words("Ёж-2") == ["еж", "2"]
