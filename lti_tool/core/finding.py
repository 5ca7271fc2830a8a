"""Finding rows by a part of what people call them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, or_


def says(search: str, *columns: Any) -> ColumnElement[bool]:
    """Rows with `search` in one of the columns, in any case and with ё as е."""
    wanted = search.strip().lower().replace("ё", "е")
    return or_(*(func.replace(func.lower(each), "ё", "е").contains(wanted, autoescape=True) for each in columns))
