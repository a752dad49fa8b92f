"""The dashboard, and its tables as spreadsheets."""

import math
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from marketplace.reference.models import Region, Subsector
from umkm.monitoring import charts, exports, indicators, selectors, tables
from umkm.monitoring.links import rows_url
from umkm.monitoring.scope import Scope, scope_from
from umkm.verification.views.base import OfficerMixin

STEP_LABELS = {
    "sent": gettext_lazy("Application sent"),
    "decided": gettext_lazy("Decided"),
    "approved": gettext_lazy("Approved"),
    "listed": gettext_lazy("First product on sale"),
    "sold": gettext_lazy("First sale"),
}
STEP_FILTERS = {"decided": "diputus", "approved": "disetujui", "listed": "tayang", "sold": "terjual"}


class DashboardView(OfficerMixin, WagtailAdminTemplateMixin, TemplateView):
    """How the region's businesses fare. Every number leads to its rows."""

    template_name = "monitoring/dashboard.html"
    page_title = gettext_lazy("Monitoring")
    header_icon = "site"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    @cached_property
    def scope(self) -> Scope:
        return scope_from(self.officer, self.request.GET)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scope = self.scope
        ages, age_totals = tables.shown_ages(scope)
        months = tables.shown_months(scope)
        districts = selectors.vendors_by_district(scope)
        subsectors = selectors.vendors_by_subsector(scope)
        return {
            **super().get_context_data(**kwargs),
            "scope": scope,
            "region": scope.agency.region,
            "all_districts": Region.objects.filter(parent_id=scope.agency.region_id).order_by("name"),
            "all_subsectors": Subsector.objects.all(),
            "query": self._query(),
            "updated": timezone.localtime(),
            "ages": ages,
            "age_totals": age_totals,
            "indicators": tables.shown_indicators(scope),
            "decision_days": self._decision_days(),
            "districts": [
                {
                    "place": place,
                    "url": rows_url("vendors", scope, keadaan="active", kecamatan=place.code),
                    "sales_url": rows_url("sales", scope, kecamatan=place.code, sejak=selectors.last_year()[0]),
                }
                for place in districts
            ],
            "district_totals": _totals(districts),
            "district_map": self._map(districts),
            "has_boundaries": self.has_boundaries,
            "subsectors": [
                {
                    "place": place,
                    "url": rows_url("vendors", scope, keadaan="active", subsektor=place.code),
                    "sales_url": rows_url("sales", scope, subsektor=place.code, sejak=selectors.last_year()[0]),
                }
                for place in subsectors
            ],
            "subsector_chart": self._subsector_chart(subsectors),
            "months": months,
            "sales_chart": self._sales_chart(months),
            "year_url": rows_url("sales", scope, sejak=selectors.last_year()[0]),
            "year_orders": sum(row["month"].orders for row in months),
            "year_sales": sum(row["month"].sales for row in months),
            "quiet": tables.shown_quiet(scope),
            "quiet_count": selectors.vendors_without_sale(scope).count(),
            "quiet_url": rows_url("vendors", scope, tanpa_penjualan=selectors.QUIET_DAYS),
            "funnel": self._funnel(),
            **self._papers(),
        }

    def _query(self) -> str:
        """The filters of the address, for the exports."""
        query = self.request.GET.copy()
        for name in list(query):
            if name not in ("kecamatan", "subsektor"):
                del query[name]
        return query.urlencode()

    def _decision_days(self) -> dict[str, Any]:
        since, until = selectors.last_year()
        days = indicators.median_days_to_decide(self.scope, since, until)
        url = rows_url("cases", self.scope, langkah="diputus", dikirim_sejak=since)
        return {"days": days, "whole": math.ceil(days or 0), "url": url}

    @cached_property
    def boundaries(self) -> list[Any]:
        """What an operator imported: polygons of the districts, as rings of points."""
        shapes = Region.objects.filter(parent_id=self.scope.agency.region_id, boundary__isnull=False)
        polygons: list[Any] = []
        geometries: list[Any] = list(shapes.values_list("boundary", flat=True))
        for geometry in geometries:
            polygons += geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        return polygons

    @property
    def has_boundaries(self) -> bool:
        return bool(self.boundaries)

    def _map(self, districts: list[selectors.Place]) -> Any:
        places = [
            charts.Place(
                label=place.name,
                latitude=place.latitude,
                longitude=place.longitude,
                now=place.now,
                then=place.then,
                url=rows_url("vendors", self.scope, keadaan="active", kecamatan=place.code),
            )
            for place in districts
            if place.now and place.latitude is not None and place.longitude is not None
        ]
        if not places:
            return ""
        words = "; ".join(f"{place.label} {place.now}" for place in places)
        return charts.place_map(
            places,
            self.boundaries,
            title=_("Map of open businesses by district"),
            description=_(
                "Circle area is the number of businesses: %(numbers)s. Dashed: a year ago. The table has the same."
            )
            % {"numbers": words},
        )

    def _subsector_chart(self, subsectors: list[selectors.Place]) -> Any:
        if not subsectors:
            return ""
        bars = [
            charts.Bar(
                place.name,
                place.now,
                place.then,
                rows_url("vendors", self.scope, keadaan="active", subsektor=place.code),
            )
            for place in subsectors
        ]
        words = "; ".join(f"{bar.label} {bar.now}" for bar in bars)
        return charts.for_desk_and_phone(
            lambda width: charts.compare_bars(
                bars,
                title=_("Open businesses by sub-sector"),
                description=words,
                width=width,
                label_width=min(190, 24 + round(7.6 * max(len(bar.label) for bar in bars))),
            ),
            560,
            350,
        )

    def _sales_chart(self, months: list[dict[str, Any]]) -> Any:
        now = [row["month"].sales for row in months]
        then = [row["month"].sales_then for row in months]
        last = months[-1]["month"].first.year
        description = _("From %(first)s to %(last)s; a year before from %(first_then)s to %(last_then)s.") % {
            "first": charts.rupiah_short(now[0]),
            "last": charts.rupiah_short(now[-1]),
            "first_then": charts.rupiah_short(then[0]),
            "last_then": charts.rupiah_short(then[-1]),
        }
        return charts.for_desk_and_phone(
            lambda width: charts.compare_lines(
                [row["short"] for row in months],
                now,
                then,
                names=(str(last), str(last - 1)),
                title=_("Sales by month, 12 months"),
                description=description,
                show=charts.rupiah_short,
                width=width,
            ),
            560,
            350,
        )

    def _funnel(self) -> list[dict[str, Any]]:
        since = selectors.last_year()[0]
        steps = indicators.funnel(self.scope)
        top = steps[0].number or 1
        rows, before = [], 0
        for step in steps:
            days = None if step.median_days is None else round(step.median_days)
            rows.append(
                {
                    "label": STEP_LABELS[step.key],
                    "number": step.number,
                    "share": round(100 * step.number / top),
                    "of_before": f"{round(100 * step.number / before)}%" if before else "",
                    "median": "" if days is None else ngettext("%(days)s day", "%(days)s days", days) % {"days": days},
                    "url": rows_url("cases", self.scope, dikirim_sejak=since, langkah=STEP_FILTERS.get(step.key, "")),
                }
            )
            before = step.number
        return rows

    def _papers(self) -> dict[str, Any]:
        firsts, kinds, expired = selectors.expiring_by_month(self.scope)
        today = timezone.localdate()
        most = max([number for kind in kinds for number in kind.months] + [1])
        rows = []
        for kind in kinds:
            cells = []
            for first, number in zip(firsts, kind.months, strict=True):
                until = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
                url = rows_url("papers", self.scope, jenis=kind.slug, habis_sejak=max(first, today), habis_sampai=until)
                width = round(56 * number / most)
                cells.append({"number": number, "url": url, "width": width, "x": 56 - width})
            rows.append(
                {
                    "kind": kind,
                    "cells": cells,
                    "url": rows_url("papers", self.scope, jenis=kind.slug, habis_sejak=today),
                }
            )
        return {
            "paper_months": [date_format(first, "M") for first in firsts],
            "papers": rows,
            "papers_expired": expired,
            "papers_expired_url": rows_url("papers", self.scope, habis_sampai=today - timedelta(days=1)),
        }


def _totals(places: list[selectors.Place]) -> dict[str, int]:
    return {
        "now": sum(place.now for place in places),
        "change": sum(place.change for place in places),
        "orders": sum(place.orders for place in places),
        "sales": sum(place.sales for place in places),
    }


class TableView(OfficerMixin, View):
    """One of the dashboard's tables as XLSX or CSV."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        table = tables.TABLES.get(key)
        export_format = request.GET.get("export", exports.XLSX)
        if table is None or export_format not in exports.FORMATS:
            raise Http404
        return exports.spreadsheet(
            officer=self.officer,
            name=table.key,
            columns=table.columns,
            rows=table.rows(scope_from(self.officer, request.GET)),
            export_format=export_format,
        )
