"""The officer's home: what is most urgent, what waits, what they hold, what runs out, how the weeks went."""

from datetime import date
from typing import Any

from django.db.models import Count, Min
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.admin.ui.components import Component

from marketplace.accounts.models import Officer
from marketplace.catalogue.review import waiting_products
from umkm.monitoring import charts, selectors, tables
from umkm.monitoring.links import rows_url, week_url
from umkm.monitoring.scope import Scope, month_of, week_of
from umkm.verification import clock
from umkm.verification import selectors as cases
from umkm.verification.clock import DueGroup, short_date
from umkm.verification.filters import DUE_CHOICES

COLUMNS = ("lewat", "hari-ini", "besok", "pekan")


class OfficerPanel(Component):
    """A panel of the home page, in its main or side column."""

    column = "main"
    order = 0

    def __init__(self, officer: Officer) -> None:
        self.officer = officer
        self.scope = Scope(officer)


class WaitingPanel(OfficerPanel):
    """The most urgent free case with one button, and everything that waits, by kind and deadline."""

    name = "officers_waiting"
    template_name = "monitoring/home/waiting.html"
    order = 10

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request = parent_context["request"]
        queue = reverse("verification:queue")
        rows = [
            self._cases(_("New registrations"), "1", {"round": 1}),
            self._cases(_("Fixed by the applicant"), "2", {"round__gt": 1}),
            self._products(request.user),
        ]
        counts = cases.queue_counts(self.officer)
        next_case = cases.free_cases(self.officer).select_related("subsector").first()
        return {
            "columns": [DUE_CHOICES[key][1] for key in COLUMNS],
            "rows": rows,
            "totals": [sum(row["cells"][index]["number"] for row in rows) for index in range(len(COLUMNS))],
            "total": sum(row["total"] for row in rows),
            "queue": queue,
            "with_applicant": counts["applicant"],
            "next_case": next_case,
            "next_due": clock.due_words(next_case.due_at) if next_case else None,
            # A component renders with a context of its own, in which {% csrf_token %} would be empty.
            "csrf_value": get_token(request),
        }

    def _cases(self, label: str, round_key: str, condition: dict[str, Any]) -> dict[str, Any]:
        """A row of the matrix: one query."""
        queue = reverse("verification:queue")
        counts = (
            cases.cases_of(self.officer)
            .waiting()
            .filter(**condition)
            .order_by()
            .aggregate(
                total=Count("pk"),
                oldest=Min("submitted_at"),
                **{f"due_{group.value}": Count("pk", filter=cases.due_filter(group)) for group in DueGroup},
            )
        )
        return {
            "label": label,
            "url": f"{queue}?ronde={round_key}",
            "total": counts["total"],
            "oldest": _days_since(counts["oldest"]),
            "cells": [
                {
                    "number": counts[f"due_{DUE_CHOICES[key][0].value}"],
                    "url": f"{queue}?ronde={round_key}&tenggat={key}",
                    "is_late": key == "lewat",
                }
                for key in COLUMNS
            ],
        }

    def _products(self, user: Any) -> dict[str, Any]:
        waiting = waiting_products(user)
        url = reverse("moderation:queue")
        groups = [clock.due_group(item.due) for item in waiting]
        return {
            "label": _("Products (moderation)"),
            "url": url,
            "total": len(waiting),
            "oldest": _days_since(waiting[0].since if waiting else None),
            "cells": [
                {"number": groups.count(DUE_CHOICES[key][0]), "url": url, "is_late": key == "lewat"} for key in COLUMNS
            ],
        }


def _days_since(moment: Any) -> int:
    if moment is None:
        return 0
    return clock.working_days_between(timezone.localtime(moment).date(), timezone.localdate())


class HeldPanel(OfficerPanel):
    """The cases that the officer holds, with how far each is."""

    column = "side"
    name = "officers_held"
    template_name = "monitoring/home/held.html"
    order = 20

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        held = cases.with_progress(cases.held_cases(self.officer))[:8]
        return {
            "cases": [
                {"case": case, "due": clock.due_words(case.due_at), "progress": cases.progress_of(case)}
                for case in held
            ],
            "queue": reverse("verification:queue"),
        }


class WatchingPanel(OfficerPanel):
    """The region in a few numbers, each with its rows: cases by age, businesses, sales, shops that sell nothing."""

    column = "main"
    name = "officers_watching"
    template_name = "monitoring/home/watching.html"
    order = 30

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        ages, totals = tables.shown_ages(self.scope)
        months = selectors.sales_by_month(self.scope, months=1)
        districts = selectors.vendors_by_district(self.scope)
        subsectors = selectors.vendors_by_subsector(self.scope)
        month = months[-1]
        return {
            "region": self.scope.agency.region,
            "dashboard": reverse("monitoring:dashboard"),
            "ages": ages,
            "age_totals": totals,
            "cases_url": rows_url("cases", keadaan="menunggu"),
            "open_count": sum(place.now for place in districts),
            "open_change": sum(place.change for place in districts),
            "open_url": rows_url("vendors", keadaan="active"),
            "districts": [(place, rows_url("vendors", keadaan="active", kecamatan=place.code)) for place in districts],
            "subsectors": [
                (place, rows_url("vendors", keadaan="active", subsektor=place.code)) for place in subsectors[:6]
            ],
            "month": month,
            "month_url": rows_url("sales", sejak=month.first),
            "month_then_url": rows_url(
                "sales", sejak=month_of(month.first, 12), sampai=_last_day(month_of(month.first, 12))
            ),
            "quiet_count": selectors.vendors_without_sale(self.scope).count(),
            "quiet_url": rows_url("vendors", tanpa_penjualan=selectors.QUIET_DAYS),
        }


def _last_day(first: date) -> date:
    following = month_of(first, -1)
    return following.fromordinal(following.toordinal() - 1)


class ExpiringPanel(OfficerPanel):
    """Papers of the region's shops that run out soon."""

    name = "officers_expiring"
    template_name = "monitoring/home/expiring.html"
    order = 40

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        papers = selectors.expiring_papers(self.scope)
        today = timezone.localdate()
        return {
            "rows": [
                {"paper": paper, "days": (paper.expires_on - today).days, "on": short_date(paper.expires_on)}
                for paper in papers[:5]
                if paper.expires_on
            ],
            "total": papers.count(),
            "url": rows_url("papers", habis_sejak=today, habis_sampai=date.fromordinal(today.toordinal() + 60)),
        }


class TrendPanel(OfficerPanel):
    """Twelve weeks of approvals and sales, beside the same weeks a year before."""

    column = "side"
    name = "officers_trend"
    template_name = "monitoring/home/trend.html"
    order = 50

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        weeks = selectors.weeks(self.scope)
        labels = [short_date(week.monday) for week in weeks]
        labels[-1] = _("now")
        approved = sum(week.approved for week in weeks)
        sales = sum(week.sales for week in weeks)
        since = week_of(timezone.localdate(), 11)
        return {
            "approved": approved,
            "approved_url": rows_url("vendors", buka_sejak=since),
            "approved_change": _change(approved, sum(week.approved_then for week in weeks)),
            "approved_chart": self._bars(
                [(week.approved, week.approved_then, "") for week in weeks],
                labels,
                _("Approved a week, 12 weeks"),
                charts.number,
            ),
            "sales": charts.rupiah_short(sales),
            "sales_url": rows_url("sales", sejak=since),
            "sales_change": _change(sales, sum(week.sales_then for week in weeks)),
            "sales_chart": self._bars(
                [(week.sales, week.sales_then, week_url(self.scope, week.monday)) for week in weeks],
                labels,
                _("Sales a week, 12 weeks"),
                charts.rupiah_short,
            ),
            "table": [(label, week) for label, week in zip(labels, weeks, strict=True)],
            "year_before": timezone.localdate().year - 1,
        }

    def _bars(self, values: list[tuple[int, int, str]], labels: list[str], title: str, show: charts.Format) -> Any:
        bars = [charts.Bar(label, now, then, url) for label, (now, then, url) in zip(labels, values, strict=True)]
        words = ", ".join(f"{bar.label} {show(bar.now)}" for bar in bars)
        return charts.period_bars(bars, title=title, description=words, show=show)


def _change(now: int, then: int) -> str:
    """The change against a year before; nothing where there is nothing to compare with."""
    if not then:
        return ""
    change = round(100 * (now - then) / then)
    sign = "+" if change > 0 else "−" if change < 0 else "±"
    return _("%(change)s%% from a year ago") % {"change": f"{sign}{abs(change)}"}


PANELS = (WaitingPanel, HeldPanel, WatchingPanel, ExpiringPanel, TrendPanel)


def panels_for(officer: Officer) -> list[OfficerPanel]:
    """The home page's panels of an officer."""
    return [panel(officer) for panel in PANELS]
