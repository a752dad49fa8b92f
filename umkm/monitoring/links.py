"""Addresses of the rows behind a number."""

from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse

from umkm.monitoring.scope import Scope, month_of


def rows_url(name: str, scope: Scope | None = None, **filters: object) -> str:
    """The list `monitoring:<name>` with these filters, and with the district and sub-sector of the scope."""
    wanted = {key: value.isoformat() if isinstance(value, date) else value for key, value in filters.items()}
    if scope and scope.district:
        wanted.setdefault("kecamatan", scope.district.pk)
    if scope and scope.subsector:
        wanted.setdefault("subsektor", scope.subsector.slug)
    query = urlencode({key: value for key, value in wanted.items() if value not in (None, "")}, doseq=True)
    url = reverse(f"monitoring:{name}")
    return f"{url}?{query}" if query else url


def month_url(scope: Scope, first: date) -> str:
    """The sales of one month."""
    return rows_url("sales", scope, sejak=first, sampai=month_of(first, -1) - timedelta(days=1))


def week_url(scope: Scope, monday: date) -> str:
    """The sales of one week."""
    return rows_url("sales", scope, sejak=monday, sampai=monday + timedelta(days=6))
