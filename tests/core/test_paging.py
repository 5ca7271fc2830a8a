from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import literal, select, union_all

from lti_tool.core.paging import Page, paged


def numbers(count: int):  # type: ignore[no-untyped-def]
    table = union_all(*[select(literal(number).label("number")) for number in range(1, count + 1)]).subquery()
    return select(table.c.number).order_by(table.c.number)


@pytest.mark.parametrize(
    ("query", "shown", "number"),
    [
        ("", [1, 2, 3], 1),
        ("page=2", [4, 5, 6], 2),
        (b"q=a&page=3", [7], 3),
        ("page=99", [7], 3),
        ("page=0", [1, 2, 3], 1),
        ("page=-2", [1, 2, 3], 1),
        ("page=two", [1, 2, 3], 1),
        ("page=" + "9" * 400, [1, 2, 3], 1),
    ],
)
def test_a_page_of_a_list(app: Flask, query: str, shown: list[int], number: int) -> None:
    with app.app_context():
        page = paged(numbers(7), query, size=3)
    assert (list(page.items), page.number, page.pages, page.total) == (shown, number, 3, 7)


def test_an_empty_list_is_one_page(app: Flask) -> None:
    with app.app_context():
        page = paged(numbers(1).where(literal(False)), "page=4")
    assert (list(page.items), page.number, page.pages, page.total) == ([], 1, 1, 0)


def test_searches_stay_when_pages_are_turned() -> None:
    page: Page[int] = Page([], 1, 9, 90, "q=%D1%88%D0%BA%D0%BE%D0%BB%D0%B0&page=1&kind=a&kind=b")
    assert page.url(2) == "?q=%D1%88%D0%BA%D0%BE%D0%BB%D0%B0&kind=a&kind=b&page=2"


@given(st.text(max_size=60), st.integers(1, 1000))
def test_any_query_gives_an_address_of_that_page(query: str, number: int) -> None:
    page: Page[int] = Page([], 1, 9, 90, query)
    pairs = parse_qsl(page.url(number).removeprefix("?"))
    assert [value for name, value in pairs if name == "page"] == [str(number)]
