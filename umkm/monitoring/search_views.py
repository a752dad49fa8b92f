"""What people search for: what is asked most, what finds nothing, and what of the results is opened."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views import View

from marketplace.core.admin_access import AdminPage, PolicyMixin
from search.insight import selectors
from search.insight.selectors import Period, Sums, sums_of
from search.insight.services import KEPT_DAYS, OCCASIONS
from search.insight.words import LONGEST
from search.policies import may_keep_words
from umkm.monitoring import charts, exports, search_tables
from umkm.monitoring.search_tables import BUCKETS, LISTS, POSITION_LIST, QueryList, Row, address

PER_PAGE = 50
# As many as a panel of the overview shows.
IN_PANEL = 10
IN_OVERVIEW = (selectors.TOP, selectors.WITHOUT, selectors.UNFOLLOWED)


class SearchesMixin(PolicyMixin):
    """For everybody who keeps the search words. Searches belong to no region: who searches is not known."""

    policy = staticmethod(may_keep_words)
    request: HttpRequest

    @cached_property
    def period(self) -> Period:
        wanted = self.request.GET.get("hari", "")
        days = next((days for days in search_tables.DAYS if str(days) == wanted), search_tables.DEFAULT_DAYS)
        return Period(days, timezone.localdate())

    @cached_property
    def bucket(self) -> search_tables.Bucket | None:
        """The positions that are asked for, if any."""
        return BUCKETS.get(self.request.GET.get("posisi", ""))

    @cached_property
    def letters(self) -> str:
        """What the queries of a list must contain."""
        return " ".join(self.request.GET.get("kata", "").lower().split())[:LONGEST]

    @cached_property
    def text(self) -> str:
        """The one query that is asked for; empty for all of them."""
        return self.request.GET.get("q", "")[:LONGEST]

    def rows_of_list(self, kind: str) -> Any:
        """The rows of a list, as its address asks for them."""
        bucket = self.bucket
        return selectors.queries_in(
            period=self.period,
            kind=kind,
            containing=self.letters,
            positions=(bucket.first, bucket.last) if bucket else None,
        )

    def with_ways_on(self, rows: "list[Row]", columns: tuple[search_tables.ListColumn, ...]) -> list[dict[str, Any]]:
        """Rows of a list of queries as the page shows them: each leads to its query and to what mends it."""
        days = self.period.days
        return [
            {
                "text": row["text"],
                "url": address("query", q=row["text"], hari=days),
                "cells": [{"label": column.heading, "value": column.shown(row)} for column in columns],
                "mend": ways_to_mend(row["text"], self.request.user),
            }
            for row in rows
        ]


# What mends a query: what the page calls it, the permission, the form, and the name of the words in its address.
MENDING = (
    ("synonym", "search.add_synonymgroup", "wagtailsnippets_search_synonymgroup:add", "word"),
    ("pin", "search.add_pinnedresult", "wagtailsnippets_search_pinnedresult:add", "query"),
)


def ways_to_mend(text: str, user: Any) -> dict[str, str]:
    """The forms for a synonym and for pinned products, with the words filled in, as far as this person may use them."""
    return {
        way: f"{reverse(form)}?{urlencode({parameter: text})}"
        for way, permission, form, parameter in MENDING
        if user.has_perm(permission)
    }


class SearchPage(SearchesMixin, AdminPage):
    """A screen with the choice of the period above it."""

    header_icon = "glasses"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("searches:overview"), "label": _("What people search for")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "period": self.period,
            "periods": search_tables.DAYS,
            "occasions": OCCASIONS,
            "kept_months": KEPT_DAYS // 30,
        }

    def trend(self, now: list[Sums], before: list[Sums]) -> Any:
        """Searches by day as a line, and the period before."""
        labels = [date_format(day, "j M") for day in self.period.dates]
        description = _("%(now)s searches in this period, %(before)s in the one before.") % {
            "now": charts.number(sums_of(now).searches),
            "before": charts.number(sums_of(before).searches),
        }
        return charts.for_desk_and_phone(
            lambda width: charts.compare_lines(
                labels,
                [day.searches for day in now],
                [day.searches for day in before],
                names=(pgettext("chart", "now"), pgettext("chart", "before")),
                title=_("Searches by day"),
                description=description,
                width=width,
                least=10,
            ),
            560,
            350,
        )

    def days_table(self, now: list[Sums]) -> dict[str, Any]:
        return {"headings": search_tables.day_headings(), "rows": search_tables.day_rows(self.period, now)}

    def positions(self, total: Sums, *, text: str = "") -> dict[str, Any]:
        """Clicks by position as bars and as a table. Over all queries each leads to the queries behind it."""
        clicks = selectors.clicks_by_position(period=self.period, text=text)
        rows = search_tables.position_rows(clicks, total.searches - total.without)
        if not any(row.clicks or row.before for row in rows):
            return {"position_rows": [], "position_chart": ""}
        urls = ["" if text else address("list", posisi=row.bucket.key, hari=self.period.days) for row in rows]
        bars = [
            charts.Bar(str(row.bucket.label), row.clicks, row.before, url) for row, url in zip(rows, urls, strict=True)
        ]
        words = "; ".join(f"{bar.label}: {bar.now}" for bar in bars)
        return {
            "position_rows": [{"row": row, "url": url} for row, url in zip(rows, urls, strict=True)],
            "position_chart": charts.for_desk_and_phone(
                lambda width: charts.compare_bars(
                    bars, title=_("Clicks by position"), description=words, width=width, label_width=132, row=24
                ),
                560,
                350,
            ),
        }


class OverviewView(SearchPage):
    """How the search does, and the queries that need a look."""

    template_name = "monitoring/search/overview.html"
    page_title = gettext_lazy("What people search for")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now, before = selectors.sums_by_day(period=self.period)
        total = sums_of(now)
        return super().get_context_data(**kwargs) | {
            "total": total,
            "figures": figures(total, sums_of(before), self.period.days),
            "trend": self.trend(now, before),
            "days": self.days_table(now),
            "lists": [self._panel(kind) for kind in IN_OVERVIEW],
            **self.positions(total),
        }

    def _panel(self, kind: str) -> dict[str, Any]:
        wanted = LISTS[kind]
        # One more than is shown tells whether there are more.
        rows = list(selectors.queries_in(period=self.period, kind=kind)[: IN_PANEL + 1])
        return {
            "kind": kind,
            "list": wanted,
            "rows": self.with_ways_on(rows[:IN_PANEL], wanted.columns),
            "more_url": address("list", jenis=kind, hari=self.period.days) if len(rows) > IN_PANEL else "",
        }


def figures(total: Sums, before: Sums, days: int, *, text: str = "") -> list[dict[str, Any]]:
    """The numbers at the top, each with what it was before; over all queries each leads to them."""
    wanted = (
        (selectors.TOP, _("Searches"), "searches"),
        (selectors.WITHOUT, _("Without results"), "without"),
        (selectors.SIMILAR, _("Only similar things found"), "loosened"),
        (selectors.FOLLOWED, _("Led to a product"), "followed"),
    )
    return [
        {
            "label": label,
            "value": charts.number(getattr(total, name)),
            "share": None if name == "searches" else total.share(getattr(total, name)),
            "before": charts.number(getattr(before, name)),
            "share_before": None if name == "searches" else before.share(getattr(before, name)),
            "url": "" if text else address("list", jenis=kind, hari=days),
        }
        for kind, label, name in wanted
    ]


def _more(**wanted: str) -> str:
    """What else the address of an export says, after its period."""
    return "".join(f"&{urlencode({key: value})}" for key, value in wanted.items() if value)


class ListView(SearchPage):
    """All queries of one kind, or all from whose results one position was opened."""

    template_name = "monitoring/search/list.html"

    @cached_property
    def kind(self) -> str:
        kind = self.request.GET.get("jenis", "")
        return kind if kind in LISTS else selectors.TOP

    @property
    def wanted(self) -> QueryList:
        return POSITION_LIST if self.bucket else LISTS[self.kind]

    def get_page_title(self) -> Any:
        if self.bucket:
            return _("Opened at position: %(position)s") % {"position": self.bucket.label}
        return self.wanted.title

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(self.rows_of_list(self.kind), PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**kwargs) | {
            "list": self.wanted,
            "kind": self.kind,
            "bucket": self.bucket,
            "letters": self.letters,
            "page_obj": page,
            "export_more": _more(kata=self.letters, posisi=self.bucket.key if self.bucket else ""),
            "rows": self.with_ways_on(list(page.object_list), self.wanted.columns),
            "ways": [
                {
                    "label": each.title,
                    "url": address("list", jenis=kind, hari=self.period.days),
                    "is_current": kind == self.kind and not self.bucket,
                }
                for kind, each in LISTS.items()
            ],
        }


class QueryView(SearchPage):
    """One query: how often and when it was asked, which positions were opened, and what mends it."""

    template_name = "monitoring/search/query.html"

    def get_page_title(self) -> Any:
        return _("“%(words)s”") % {"words": self.text}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = selectors.shown_words(self.text)
        if known is None:
            raise Http404(_("Nobody asked this often enough to be shown."))
        now, before = selectors.sums_by_day(period=self.period, text=known.text)
        total = sums_of(now)
        return super().get_context_data(**kwargs) | {
            "known": known,
            "total": total,
            "figures": figures(total, sums_of(before), self.period.days, text=known.text),
            "trend": self.trend(now, before),
            "days": self.days_table(now),
            "mend": ways_to_mend(known.text, self.request.user),
            "export_more": _more(q=known.text),
            "try_url": f"{reverse('search_admin:try')}?{urlencode({'q': known.text})}",
            "seen_url": f"{reverse('search:results')}?{urlencode({'q': known.text})}",
            **self.positions(total, text=known.text),
        }


class TableView(SearchesMixin, View):
    """A table of these screens as XLSX or CSV: a list of queries, the days, or the positions."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, key: str) -> HttpResponse:
        export_format = request.GET.get("export", exports.XLSX)
        make = {"hari": self._days, "posisi": self._positions}.get(key)
        if export_format not in exports.FORMATS or (make is None and key not in LISTS):
            raise Http404
        if make and self.text and selectors.shown_words(self.text) is None:
            raise Http404
        columns, rows = make() if make else self._list(key)
        return exports.download(
            actor=request.user,
            about=request.user,  # type: ignore[arg-type]
            name=f"pencarian-{key}",
            columns=columns,
            rows=rows,
            export_format=export_format,
        )

    def _list(self, kind: str) -> tuple[list[Any], list[Any]]:
        columns = [search_tables.SEARCHES, search_tables.WITHOUT, search_tables.SIMILAR, search_tables.FOLLOWED]
        columns += [search_tables.RESULTS, *([search_tables.CLICKS] if self.bucket else [])]
        rows = self.rows_of_list(kind)
        headings = [_("Words"), *(column.heading for column in columns)]
        return headings, [[row["text"], *(column.value(row) for column in columns)] for row in rows]

    def _days(self) -> tuple[list[Any], list[Any]]:
        now, _before = selectors.sums_by_day(period=self.period, text=self.text)
        return search_tables.day_headings(), search_tables.day_rows(self.period, now)

    def _positions(self) -> tuple[list[Any], list[Any]]:
        now, _before = selectors.sums_by_day(period=self.period, text=self.text)
        total = sums_of(now)
        clicks = selectors.clicks_by_position(period=self.period, text=self.text)
        rows = search_tables.position_rows(clicks, total.searches - total.without)
        return search_tables.position_headings(), [
            [row.bucket.label, row.clicks, row.share, row.per_search, row.before] for row in rows
        ]
