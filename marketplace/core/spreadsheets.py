"""Tables as CSV and XLSX with nothing in them that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

XLSX, CSV = "xlsx", "csv"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A spreadsheet takes a text that begins like this for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """The value as it may stand in a cell: a text that looks like a formula stays a text."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, has_mark: bool = True) -> bytes:
    """A CSV file. `has_mark`: begin with the mark that tells spreadsheet programs that it is UTF-8; banks want none."""
    output = StringIO()
    writer = csv.writer(output)
    writer.writerow(columns)
    writer.writerows([[harmless(value) for value in row] for row in rows])
    return (("\ufeff" if has_mark else "") + output.getvalue()).encode()


def xlsx_bytes(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """An XLSX file with one sheet and bold headings."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    headings = []
    for column in columns:
        cell = WriteOnlyCell(sheet, column)
        cell.font = Font(bold=True)
        headings.append(cell)
    sheet.append(headings)
    for row in rows:
        sheet.append([harmless(value) for value in row])
    output = BytesIO()
    workbook.save(output)
    return output.getvalue()


def table_bytes(kind: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The table as a file of this kind, `csv` or `xlsx`."""
    return xlsx_bytes(columns, rows) if kind == XLSX else csv_bytes(columns, rows)
