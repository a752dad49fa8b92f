"""Tables as XLSX and CSV. No personal data, and nothing that a spreadsheet would run."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone
from django.utils.encoding import force_str

from marketplace.accounts.models import Officer
from marketplace.audit.services import record
from marketplace.core.spreadsheets import CONTENT_TYPES, CSV, XLSX, table_bytes

FORMATS = (XLSX, CSV)

Row = Sequence[Any]


def spreadsheet(
    *, officer: Officer, name: str, columns: Sequence[Any], rows: Iterable[Row], export_format: str
) -> HttpResponse:
    """A table of an officer's region as a file to download; its name says which region."""
    agency = officer.agency
    return download(
        actor=officer.user,
        about=agency,
        name=name,
        place=agency.slug,
        columns=columns,
        rows=rows,
        export_format=export_format,
    )


def download(
    *,
    actor: Any,
    about: Model,
    name: str,
    columns: Sequence[Any],
    rows: Iterable[Row],
    export_format: str,
    place: str = "",
) -> HttpResponse:
    """A table as a file to download. Who took it, and how many rows, is written down.

    Arguments:
        about: what the event is about.
        name: of the file, without ending; the place and the day are added.
        columns: the headings.
        export_format: `xlsx` or `csv`.
    """
    data = [[_plain(value) for value in row] for row in rows]
    headings = [force_str(column) for column in columns]
    record(
        action="monitoring.exported",
        target=about,
        actor=actor,
        data={"table": name, "rows": len(data), "format": export_format},
    )
    if export_format == CSV:
        data = [[_csv_value(value) for value in row] for row in data]
    file_name = "-".join(filter(None, (name, place, f"{timezone.localdate():%Y-%m-%d}")))
    response = HttpResponse(table_bytes(export_format, headings, data), content_type=CONTENT_TYPES[export_format])
    response["Content-Disposition"] = f'attachment; filename="{file_name}.{export_format}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _plain(value: Any) -> Any:
    """Dates and numbers stay what they are; everything else is text."""
    if value is None:
        return ""
    if hasattr(value, "tzinfo") and value.tzinfo is not None:
        return timezone.localtime(value).replace(tzinfo=None)
    return value if isinstance(value, int | float) or hasattr(value, "isoformat") else force_str(value)


def _csv_value(value: Any) -> Any:
    """Moments to the minute; a spreadsheet reads seconds and time zones badly."""
    return value.isoformat(sep=" ", timespec="minutes") if hasattr(value, "hour") else value
