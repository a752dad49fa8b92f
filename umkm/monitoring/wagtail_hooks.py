"""Where monitoring meets the admin: addresses, menu, and the officer's home."""

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from search.policies import may_keep_words
from umkm.monitoring import search_views, views
from umkm.monitoring.case_rows import CaseRowsView
from umkm.monitoring.panels import panels_for
from umkm.monitoring.sale_rows import PaperRowsView, SaleRowsView
from umkm.monitoring.vendor_panel import SalesPanel
from umkm.monitoring.vendor_rows import VendorRowsView
from umkm.verification.looking import officer_looking
from umkm.verification.views.vendors import PANELS_HOOK
from umkm.verification.wagtail_hooks import OfficerMenuItem


@hooks.register("register_admin_urls")
def register_urls() -> list[URLPattern | URLResolver]:
    patterns = [
        path("", views.DashboardView.as_view(), name="dashboard"),
        path("tabel/<slug:key>/", views.TableView.as_view(), name="table"),
    ]
    for name, address, view in (
        ("cases", "kasus", CaseRowsView),
        ("vendors", "umkm", VendorRowsView),
        ("sales", "penjualan", SaleRowsView),
        ("papers", "izin", PaperRowsView),
    ):
        patterns += [
            path(f"{address}/", view.as_view(), name=name),
            path(f"{address}/hasil/", view.as_view(results_only=True), name=f"{name}_results"),
        ]
    searches = [
        path("", search_views.OverviewView.as_view(), name="overview"),
        path("daftar/", search_views.ListView.as_view(), name="list"),
        path("kata/", search_views.QueryView.as_view(), name="query"),
        path("tabel/<slug:key>/", search_views.TableView.as_view(), name="table"),
    ]
    return [
        path("pemantauan/", include((patterns, "monitoring"))),
        path("pencarian/", include((searches, "searches"))),
    ]


@hooks.register("register_admin_menu_item")
def monitoring_item() -> MenuItem:
    return OfficerMenuItem(
        _("Monitoring"), reverse("monitoring:dashboard"), name="monitoring", icon_name="site", order=30
    )


class SearchesMenuItem(OfficerMenuItem):
    """For officers, and for everybody else who keeps the search words."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_keep_words(user=request.user)[0]


@hooks.register("register_admin_menu_item")
def searches_item() -> MenuItem:
    return SearchesMenuItem(_("Searches"), reverse("searches:overview"), name="searches", icon_name="glasses", order=31)


@hooks.register("construct_homepage_panels", order=100)
def officers_home(request: HttpRequest, panels: list[Any]) -> None:
    """Officers see their own panels and nothing of the pages."""
    officer = officer_looking(request)
    if officer is not None:
        panels[:] = panels_for(officer)


hooks.register(PANELS_HOOK, SalesPanel)
