"""The dashboard's tables: what the screen shows and what its exports hold are the same rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from umkm.monitoring import indicators, selectors
from umkm.monitoring.charts import number
from umkm.monitoring.links import month_url, rows_url
from umkm.monitoring.scope import Scope, month_of
from umkm.verification.clock import short_date

Row = list[Any]


@dataclass(frozen=True)
class Table:
    """A table for export: its name in the address and the file, its heading, its columns, and how its rows are made."""

    key: str
    title: str | Promise
    columns: tuple[str | Promise, ...]
    rows: Callable[[Scope], list[Row]]


def _ages(scope: Scope) -> list[Row]:
    return [[row.group.label, row.waiting, row.late, row.free] for row in selectors.cases_by_age(scope)]


def _districts(scope: Scope) -> list[Row]:
    return [[p.code, p.name, p.now, p.then, p.orders, p.sales] for p in selectors.vendors_by_district(scope)]


def _subsectors(scope: Scope) -> list[Row]:
    return [[p.name, p.now, p.then, p.orders, p.sales] for p in selectors.vendors_by_subsector(scope)]


def _months(scope: Scope) -> list[Row]:
    return [
        [f"{month.first:%Y-%m}", month.orders, month.sales, month.orders_then, month.sales_then]
        for month in selectors.sales_by_month(scope)
    ]


def _quiet(scope: Scope) -> list[Row]:
    vendors: Any = selectors.vendors_without_sale(scope).select_related("village__parent", "subsector").order_by("name")
    return [
        [
            vendor.name,
            vendor.subsector,
            vendor.village.parent,
            vendor.village,
            timezone.localtime(vendor.opened_at).date(),
            timezone.localtime(vendor.last_sale).date() if vendor.last_sale else None,
        ]
        for vendor in vendors
    ]


def _indicators(scope: Scope) -> list[Row]:
    rows = []
    for item in indicators.indicators(scope):
        share = None if item.share is None else round(item.share, 1)
        then = None if item.share_then is None else round(item.share_then, 1)
        rows.append([INDICATOR_NAMES[item.key], item.value, item.base, share, item.then, item.base_then, then])
    return rows


INDICATOR_NAMES = {
    "open": gettext_lazy("Open businesses"),
    "on_sale": gettext_lazy("With a product on sale"),
    "nib": gettext_lazy("With an NIB"),
    "permit": gettext_lazy("Food with P-IRT or BPOM"),
    "halal": gettext_lazy("Food with a halal certificate"),
}
INDICATOR_DEFINITIONS = {
    "open": gettext_lazy(
        "Approved, neither suspended nor closed. A year ago: of today's open ones, those that were open then."
    ),
    "on_sale": gettext_lazy("Open businesses with at least one product on sale ÷ all open businesses."),
    "nib": gettext_lazy("Open businesses with an NIB ÷ all open businesses."),
    "permit": gettext_lazy(
        "Open food businesses with a P-IRT or BPOM permit that an officer checked and that is valid ÷ all open food "
        "businesses."
    ),
    "halal": gettext_lazy(
        "Open food businesses with a halal certificate that an officer checked ÷ all open food businesses. Required "
        "since 17 October 2026."
    ),
}

TABLES = {
    table.key: table
    for table in (
        Table(
            "kasus-menurut-umur",
            gettext_lazy("Waiting cases by age"),
            (
                gettext_lazy("Age"),
                gettext_lazy("Waiting"),
                gettext_lazy("Past the deadline"),
                gettext_lazy("Not taken"),
            ),
            _ages,
        ),
        Table(
            "umkm-menurut-kecamatan",
            gettext_lazy("Businesses by district"),
            (
                gettext_lazy("Code"),
                gettext_lazy("District"),
                gettext_lazy("Open businesses"),
                gettext_lazy("A year ago"),
                gettext_lazy("Orders in 12 months"),
                gettext_lazy("Sales in 12 months (Rp)"),
            ),
            _districts,
        ),
        Table(
            "umkm-menurut-subsektor",
            gettext_lazy("Businesses by sub-sector"),
            (
                gettext_lazy("Sub-sector"),
                gettext_lazy("Open businesses"),
                gettext_lazy("A year ago"),
                gettext_lazy("Orders in 12 months"),
                gettext_lazy("Sales in 12 months (Rp)"),
            ),
            _subsectors,
        ),
        Table(
            "penjualan-per-bulan",
            gettext_lazy("Orders and sales by month"),
            (
                gettext_lazy("Month"),
                gettext_lazy("Orders"),
                gettext_lazy("Sales (Rp)"),
                gettext_lazy("Orders a year before"),
                gettext_lazy("Sales a year before (Rp)"),
            ),
            _months,
        ),
        Table(
            "tanpa-penjualan",
            gettext_lazy("Businesses without a sale for 90 days"),
            (
                gettext_lazy("Business"),
                gettext_lazy("Sub-sector"),
                gettext_lazy("District"),
                gettext_lazy("Village"),
                gettext_lazy("Opened"),
                gettext_lazy("Last sale"),
            ),
            _quiet,
        ),
        Table(
            "indikator",
            gettext_lazy("Indicators"),
            (
                gettext_lazy("Indicator"),
                gettext_lazy("Number"),
                gettext_lazy("Out of"),
                gettext_lazy("Per cent"),
                gettext_lazy("Number a year ago"),
                gettext_lazy("Out of, a year ago"),
                gettext_lazy("Per cent a year ago"),
            ),
            _indicators,
        ),
    )
}


# --- for the screen ----------------------------------------------------------------------------------------------
@dataclass
class Shown:
    """A row of a table on the screen: each figure with the address of its rows."""

    label: str
    url: str
    figures: list[dict[str, Any]] = field(default_factory=list)
    note: str = ""


def shown_ages(scope: Scope) -> tuple[list[Shown], dict[str, int]]:
    """Waiting cases by age, and their sums."""
    rows = []
    found = selectors.cases_by_age(scope)
    for row in found:
        url = rows_url("cases", scope, umur=row.group.key)
        rows.append(
            Shown(
                row.group.label,
                url,
                [
                    {"number": row.waiting, "url": url},
                    {
                        "number": row.late,
                        "url": rows_url("cases", scope, umur=row.group.key, keadaan="lewat"),
                        "is_late": True,
                    },
                    {"number": row.free, "url": rows_url("cases", scope, umur=row.group.key, keadaan="bebas")},
                ],
            )
        )
    return rows, {
        "waiting": sum(row.waiting for row in found),
        "late": sum(row.late for row in found),
        "free": sum(row.free for row in found),
    }


def shown_indicators(scope: Scope) -> list[dict[str, Any]]:
    """The indicators as the department reads them: the value, the number behind it, a year ago, the gap in words."""
    filters: dict[str, dict[str, Any]] = {
        "open": {"keadaan": "active"},
        "on_sale": {"keadaan": "active", "punya": "tayang"},
        "nib": {"keadaan": "active", "punya": "nib"},
        "permit": {"keadaan": "active", "pangan": "1", "punya": "izin"},
        "halal": {"keadaan": "active", "pangan": "1", "punya": "halal"},
    }
    rows = []
    for item in indicators.indicators(scope):
        # A share of nothing is no share.
        share_then = item.share_then if item.base_then else None
        row = {
            "name": INDICATOR_NAMES[item.key],
            "definition": INDICATOR_DEFINITIONS[item.key],
            "url": rows_url("vendors", scope, **filters[item.key]),
            "share": item.share,
            "share_then": share_then,
            # Of a bar 144 units long.
            "meter": round(1.44 * (item.share or 0)),
            "meter_then": round(1.44 * (share_then or 0)),
        }
        if item.share is None:
            row |= {"value": number(item.value), "base": "", "then": number(item.then)}
            row["gap"] = _gap_in_numbers(item.value - item.then)
        else:
            parts = {"part": number(item.value), "all": number(item.base or 0)}
            row |= {"value": _per_cent(item.share), "base": _("%(part)s of %(all)s") % parts}
            row["then"] = "–" if share_then is None else _per_cent(share_then)
            row["gap"] = _gap_in_points(item.share, share_then)
        rows.append(row)
    return rows


def _per_cent(value: float) -> str:
    text = f"{value:.1f}"
    return f"{text.replace('.', ',') if number(1000) == '1.000' else text}%"


def _arrow(difference: float) -> str:
    return "order-up" if difference > 0 else "order-down" if difference < 0 else "minus"


def _gap_in_numbers(difference: int) -> dict[str, str]:
    words = _("%(count)s more than a year ago") if difference >= 0 else _("%(count)s fewer than a year ago")
    return {"words": words % {"count": number(abs(difference))}, "icon": _arrow(difference)}


def _gap_in_points(share: float, share_then: float | None) -> dict[str, str]:
    if share_then is None:
        return {"words": _("no comparison"), "icon": "minus"}
    difference = round(share - share_then, 1)
    if not difference:
        return {"words": _("unchanged"), "icon": "minus"}
    words = _("%(points)s points up") if difference > 0 else _("%(points)s points down")
    return {"words": words % {"points": _per_cent(abs(difference)).removesuffix("%")}, "icon": _arrow(difference)}


def shown_months(scope: Scope) -> list[dict[str, Any]]:
    """The months with the addresses of their sales."""
    return [
        {
            "month": month,
            "label": date_format(month.first, "M Y"),
            "short": date_format(month.first, "M"),
            "url": month_url(scope, month.first),
            "url_then": month_url(scope, month_of(month.first, 12)),
        }
        for month in selectors.sales_by_month(scope)
    ]


def shown_quiet(scope: Scope, limit: int = 8) -> list[dict[str, Any]]:
    """The first of the shops without a sale: those that were open longest."""
    vendors: Any = selectors.vendors_without_sale(scope).select_related("village__parent", "subsector")
    return [
        {
            "vendor": vendor,
            "last": short_date(vendor.last_sale) if vendor.last_sale else _("none yet"),
            "opened": short_date(vendor.opened_at),
        }
        for vendor in vendors.order_by("opened_at")[:limit]
    ]
