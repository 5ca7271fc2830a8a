"""How answers are read and marked, whatever the question and whatever a browser sends."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.courses.quizzes.questions import (
    Accepted,
    Content,
    Gaps,
    Matching,
    Multiple,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Single,
    restored,
    stored,
)
from lti_tool.courses.quizzes.questions.base import matches
from lti_tool.courses.quizzes.questions.numeric import Numeric, read_number
from tests.courses.quizzes.questions import contents, sound

anything = st.dictionaries(
    st.sampled_from(["q1", "q1-0", "q1-1", "q1-2", "q2"]), st.lists(st.text(max_size=8), max_size=4), max_size=5
)


@settings(deadline=None, max_examples=50)
@given(contents, anything, st.integers())
def test_whatever_is_sent_is_read_and_worth_nothing_to_everything(
    content: Content, sent: dict[str, list[str]], seed: int
) -> None:
    order = content.order(Random(seed), True)
    answer = content.read("q1", sent, order)
    mark = content.mark(answer)
    assert mark.fraction is None or 0 <= mark.fraction <= 1
    content.told(answer)
    content.notes(answer)
    assert restored(stored(content)) == content


@settings(deadline=None, max_examples=40)
@given(sound)
def test_the_right_answer_is_worth_everything_and_no_answer_nothing(content: Content) -> None:
    right = content.right()
    if right and not isinstance(content, ShortAnswer):  # a star or an earlier pattern may take it
        assert content.mark(right) == (1.0, False)
    assert content.mark([]).fraction == 0 or content.right() == []


@settings(deadline=None, max_examples=40)
@given(sound, st.integers())
def test_what_a_page_sends_does_not_tell_the_author_s_order(content: Content, seed: int) -> None:
    """The place on the page is sent; together with the stored order it gives the answer back."""
    order = content.order(Random(seed), True)
    if isinstance(content, Single | Multiple):
        sent = {"q": [str(order[0].index(int(number))) for number in content.right()]}
    elif isinstance(content, Ordering):
        sent = {f"q-{place}": [content.right()[number]] for place, number in enumerate(order[0])}
    elif isinstance(content, Matching):
        right = content.right()
        sent = {f"q-{place}": [str(order[1].index(int(right[number])))] for place, number in enumerate(order[0])}
    else:
        return
    assert content.read("q", sent, order) == content.right()


def test_several_choices_share_the_points() -> None:
    options = tuple(Option(text=text, right=right) for text, right in (("a", True), ("b", True), ("c", False)))
    question = Multiple(text="?", options=options)
    given_ = {(): 0.0, ("0",): 0.5, ("0", "1"): 1.0, ("0", "2"): 0.0, ("0", "1", "2"): 0.5, ("2",): 0.0}
    assert {answer: question.mark(list(answer)).fraction for answer in given_} == given_
    strict = Multiple(text="?", options=options, exact=True)
    assert [strict.mark(list(answer)).fraction for answer in given_] == [0, 0, 1, 0, 0, 0]


@pytest.mark.parametrize(
    ("pattern", "text", "yes"),
    [
        ("Ёлка", " елка ", True),
        ("зелёная   ёлка", "Зеленая елка", True),
        ("Paris*", "Paris, France", True),
        ("*кислород*", "это Кислород!", True),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "acb", False),
        (r"2\*2", "2*2", True),
        (r"2\*2", "2x2", False),
        ("«да»", '"да"', True),
        ("ab*ba", "aba", False),
    ],
)
def test_short_answers(pattern: str, text: str, yes: bool) -> None:
    assert matches(pattern, text) is yes


@given(st.text("ab*\\", max_size=40), st.text("ab*\\", max_size=60))
def test_patterns_always_end(pattern: str, text: str) -> None:
    assert matches("*", text)
    matches(pattern, text)


def test_a_slip_of_the_keyboard_is_for_a_person_to_judge() -> None:
    question = ShortAnswer(text="?", accepted=(Accepted(text="кислород"), Accepted(text="азот", share=50)))
    marks = {text: question.mark([text]) for text in ("Кислород", "азот", "кислрод", "кисолрод", "водород", "азод")}
    assert marks == {
        "Кислород": (1.0, False),
        "азот": (0.5, False),
        "кислрод": (0.0, True),
        "кисолрод": (0.0, True),
        "водород": (0.0, False),
        "азод": (0.0, False),
    }


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("3,5", "3.5", ""),
        ("3.5 кг", "3.5", "кг"),
        ("1 000", "1000", ""),
        ("−2", "-2", ""),
        (",5", "0.5", ""),
        ("1e3", "1000", ""),
        ("6,02·10^23", "602e21", ""),
        ("2*10^-3 м", "0.002", "м"),
        ("5 %", "5", "%"),
    ],
)
def test_numbers_as_people_type_them(text: str, value: str, unit: str) -> None:
    found = read_number(text)
    assert found is not None
    assert (f"{found.value.normalize():f}", found.unit) == (f"{type(found.value)(value).normalize():f}", unit)


@given(st.text(max_size=40))
def test_no_typed_number_breaks_anything(text: str) -> None:
    read_number(text)
    read_number("1" * 30 + text)


def test_numbers_with_units_and_tolerance() -> None:
    question = restored(
        {
            "kind": "numeric",
            "text": "?",
            "accepted": [{"value": "1.5", "tolerance": "0.1"}],
            "units": [{"name": "м"}, {"name": "см", "factor": "0.01"}],
        }
    )
    assert isinstance(question, Numeric)
    marks = {text: question.mark([text]) for text in ("1,5", "1.6 м", "150 см", "150", "1,5 кг", "полтора", "1,61")}
    assert {text: tuple(mark) for text, mark in marks.items()} == {
        "1,5": (1, False),
        "1.6 м": (1, False),
        "150 см": (1, False),
        "150": (0, False),
        "1,5 кг": (0, True),
        "полтора": (0, True),
        "1,61": (0, False),
    }


def test_gaps_matching_and_ordering_bring_parts() -> None:
    gaps = Gaps(text="[[Волга|50%Кама]] впадает в [[>Каспий|Азов]], длина [[#3530±10]] км")
    assert gaps.faults() == []
    assert gaps.mark(["кама", "0", "3 535"]).fraction == pytest.approx(2.5 / 3)
    pairs = Matching(text="?", pairs=(Pair(left="1", right="a"), Pair(left="2", right="b")), extra=("c",))
    assert pairs.mark(["0", "2"]).fraction == 0.5
    order = Ordering(text="?", items=("a", "b", "c", "d"))
    assert order.mark(["1", "2", "4", "3"]).fraction == 0.5
    assert Ordering(text="?", items=("a", "b"), exact=True).mark(["2", "1"]).fraction == 0
    assert Gaps(text="none").faults()
    assert Gaps(text="[[>one]] [[#x]] [[a||b]]").faults()
