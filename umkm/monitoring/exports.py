"""Tables as XLSX and CSV. No personal data, and nothing that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Sequence
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.encoding import force_str
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from marketplace.accounts.models import Officer
from marketplace.audit.services import record

XLSX, CSV = "xlsx", "csv"
FORMATS = (XLSX, CSV)
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A spreadsheet takes a text that begins like this for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = Sequence[Any]


def harmless(value: Any) -> Any:
    """The value as it may stand in a cell: a text that looks like a formula stays a text."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return "'" + value
    return value


def spreadsheet(
    *, officer: Officer, name: str, columns: Sequence[Any], rows: Iterable[Row], export_format: str
) -> HttpResponse:
    """A table as a file to download. Who took it, and how many rows, is written down.

    Arguments:
        name: of the file, without ending; the agency's region and the day are added.
        columns: the headings.
        export_format: `xlsx` or `csv`.
    """
    data = [[harmless(_plain(value)) for value in row] for row in rows]
    headings = [force_str(column) for column in columns]
    record(
        action="monitoring.exported",
        target=officer.agency,
        actor=officer.user,
        data={"table": name, "rows": len(data), "format": export_format},
    )
    make, content_type = (_xlsx, XLSX_TYPE) if export_format == XLSX else (_csv, CSV_TYPE)
    file_name = f"{name}-{officer.agency.slug}-{timezone.localdate():%Y-%m-%d}.{export_format}"
    response = HttpResponse(make(headings, data), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _plain(value: Any) -> Any:
    """Dates and numbers stay what they are; everything else is text."""
    if value is None:
        return ""
    if hasattr(value, "tzinfo") and value.tzinfo is not None:
        return timezone.localtime(value).replace(tzinfo=None)
    return value if isinstance(value, int | float) or hasattr(value, "isoformat") else force_str(value)


def _xlsx(headings: list[str], data: list[list[Any]]) -> bytes:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    bold = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, heading)
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for row in data:
        sheet.append(row)
    output = BytesIO()
    workbook.save(output)
    return output.getvalue()


def _csv(headings: list[str], data: list[list[Any]]) -> bytes:
    output = StringIO()
    writer = csv.writer(output)
    writer.writerow(headings)
    writer.writerows([[_csv_value(value) for value in row] for row in data])
    # The mark tells spreadsheet programs that it is UTF-8.
    return ("\ufeff" + output.getvalue()).encode()


def _csv_value(value: Any) -> Any:
    """Moments to the minute; a spreadsheet reads seconds and time zones badly."""
    return value.isoformat(sep=" ", timespec="minutes") if hasattr(value, "hour") else value
