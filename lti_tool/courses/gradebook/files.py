"""The gradebook as a file to take along: a table for spreadsheets, in which no cell acts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

Value = str | float | None


def csv_of(rows: Iterable[Sequence[Value]], *, delimiter: str, point: str) -> bytes:
    """As CSV in UTF-8 that spreadsheets open by a double click; `point`: what stands before the fraction of a number."""
    written = io.StringIO()
    written.write("\ufeff")  # spreadsheets take it as the sign of UTF-8
    table = csv.writer(written, delimiter=delimiter)
    for row in rows:
        table.writerow([inert(value) if isinstance(value, str) else _number(value, point) for value in row])
    return written.getvalue().encode()


def _number(value: float | None, point: str) -> str:
    return "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".").replace(".", point)


def inert(text: str) -> str:
    """No cell begins a formula, nor with the wide signs that some spreadsheets take for one."""
    acts = text.lstrip().startswith(tuple("=+-@＝＋－＠")) or text[:1] in ("\t", "\r")
    return f"'{text}" if acts else text


def xlsx_of(rows: Iterable[Sequence[Value]], *, name: str) -> bytes:
    """As a workbook of one sheet whose first line stays in sight; text is written as text whatever it begins with."""
    written = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(written, options) as book:
        sheet = book.add_worksheet(name[:31])
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheet.freeze_panes(1, 3)
        sheet.set_column(0, 2, 24)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row, bold if number == 0 else None)
    return written.getvalue()
