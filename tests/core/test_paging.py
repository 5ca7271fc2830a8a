from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Select, literal, select, union_all

from lti_tool.core.paging import Page, paged


def numbers(count: int) -> Select[tuple[int]]:
    table = union_all(*[select(literal(number).label("number")) for number in range(1, count + 1)]).subquery()
    return select(table.c.number).order_by(table.c.number)


def address(number: int) -> str:
    return f"/list?page={number}"


@pytest.mark.parametrize(
    ("asked", "shown", "number"),
    [
        (1, [1, 2, 3], 1),
        (2, [4, 5, 6], 2),
        (3, [7], 3),
        (99, [7], 3),
        (0, [1, 2, 3], 1),
        (-2, [1, 2, 3], 1),
        (10**300, [7], 3),
    ],
)
def test_a_page_of_a_list(app: Flask, asked: int, shown: list[int], number: int) -> None:
    with app.app_context():
        page = paged(numbers(7), asked, address, size=3)
    assert (list(page.items), page.number, page.pages, page.total) == (shown, number, 3, 7)
    assert page.url(2) == "/list?page=2"


def test_an_empty_list_is_one_page(app: Flask) -> None:
    with app.app_context():
        page = paged(numbers(1).where(literal(False)), 4, address)
    assert (list(page.items), page.number, page.pages, page.total) == ([], 1, 1, 0)


@given(total=st.integers(0, 10_000), size=st.integers(1, 100))
def test_the_pages_hold_everything(total: int, size: int) -> None:
    page: Page[int] = Page([], 1, total, address, size)
    assert (page.pages - 1) * size < max(1, total) <= page.pages * size
