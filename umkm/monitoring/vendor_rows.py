"""Businesses of the region, one by one."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from marketplace.catalogue.models import Product
from marketplace.orders.models import SubOrder
from umkm.monitoring.indicators import FOOD, FOOD_PERMITS, HALAL, has_paper
from umkm.monitoring.rows import AREA_AND_SUBSECTOR, BUSINESS_FIELDS, YES, AreaFilterSet, Field, RowsView
from umkm.monitoring.scope import start_of
from umkm.monitoring.selectors import is_quiet
from umkm.vendors.models import SizeClass, Vendor
from umkm.verification.clock import short_date


class VendorRowsFilterSet(AreaFilterSet):
    keadaan = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        field_name="status",
        empty_label=gettext_lazy("All"),
        choices=Vendor.Status.choices,
    )
    skala = django_filters.ChoiceFilter(
        label=gettext_lazy("Size"),
        field_name="size_class",
        empty_label=gettext_lazy("All"),
        choices=SizeClass.choices,
    )
    punya = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("What it has"),
        method="by_what_it_has",
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("tayang", gettext_lazy("a product on sale")),
            ("nib", "NIB"),
            ("izin", gettext_lazy("a food permit (P-IRT or BPOM)")),
            ("halal", gettext_lazy("a halal certificate")),
        ],
    )
    pangan = django_filters.ChoiceFilter(
        label=gettext_lazy("Food business"), empty_label=gettext_lazy("All"), method="by_food", choices=YES
    )
    tanpa_penjualan = django_filters.ChoiceFilter(
        label=gettext_lazy("No sale for"),
        empty_label=gettext_lazy("All"),
        method="by_quiet",
        choices=[
            ("30", gettext_lazy("30 days")),
            ("60", gettext_lazy("60 days")),
            ("90", gettext_lazy("90 days")),
            ("180", gettext_lazy("180 days")),
        ],
    )
    buka_sejak = django_filters.DateFilter(
        label=gettext_lazy("Opened since"), method="by_opened_since", widget=forms.DateInput(attrs={"type": "date"})
    )
    buka_sampai = django_filters.DateFilter(
        label=gettext_lazy("Opened until"), method="by_opened", widget=forms.DateInput(attrs={"type": "date"})
    )

    def by_what_it_has(self, rows: "QuerySet[Any]", name: str, value: list[str]) -> "QuerySet[Any]":
        today = timezone.localdate()
        tests = {
            "tayang": Exists(Product.objects.filter(vendor=OuterRef("pk"), live=True, archived_at=None)),
            "nib": ~Q(nib=""),
            "izin": has_paper(FOOD_PERMITS, today),
            "halal": has_paper(HALAL, today),
        }
        for wanted in value:
            rows = rows.filter(tests[wanted])
        return rows

    def by_food(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return rows.filter(subsector__slug=FOOD)

    def by_quiet(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        return rows.filter(is_quiet(int(value)))

    def by_opened_since(self, rows: "QuerySet[Any]", name: str, value: date) -> "QuerySet[Any]":
        return rows.filter(opened_at__gte=start_of(value))

    def by_opened(self, rows: "QuerySet[Any]", name: str, value: date) -> "QuerySet[Any]":
        return rows.filter(opened_at__lt=start_of(value + timedelta(days=1)))

    class Meta:
        model = Vendor
        fields = [
            "keadaan",
            "kecamatan",
            "subsektor",
            "skala",
            "punya",
            "pangan",
            "tanpa_penjualan",
            "buka_sejak",
            "buka_sampai",
        ]


class VendorRowsView(RowsView):
    """Businesses of the region, with their last sale."""

    page_title = gettext_lazy("Businesses")
    index_url_name = "monitoring:vendors"
    index_results_url_name = "monitoring:vendors_results"
    filterset_class = VendorRowsFilterSet
    default_ordering = "name"
    search_fields = ["name", "village__name"]
    search_placeholder = gettext_lazy("Search business or village…")
    export_name = "umkm"
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Business"),
            url_name="verification:vendor",
            id_accessor="slug",
            sort_key="name",
        ),
        *AREA_AND_SUBSECTOR,
        Column("size_class", label=gettext_lazy("Size"), accessor="get_size_class_display"),
        Column("status", label=gettext_lazy("State"), accessor="get_status_display"),
        Column(
            "opened_at",
            label=gettext_lazy("Opened"),
            accessor=lambda row: short_date(row.opened_at),
            sort_key="opened_at",
        ),
        Column(
            "last_sale",
            label=gettext_lazy("Last sale"),
            accessor=lambda row: short_date(row.last_sale) if row.last_sale else _("none yet"),
            sort_key="last_sale",
        ),
    ]
    export_fields = (
        *BUSINESS_FIELDS,
        Field(gettext_lazy("State"), lambda row: row.get_status_display()),
        Field(gettext_lazy("Has an NIB"), lambda row: _("yes") if row.nib else _("no")),
        Field(gettext_lazy("Opened"), lambda row: timezone.localtime(row.opened_at).date()),
        Field(
            gettext_lazy("Last sale"), lambda row: timezone.localtime(row.last_sale).date() if row.last_sale else None
        ),
    )

    def get_base_queryset(self) -> "QuerySet[Vendor]":
        last = SubOrder.objects.sold().filter(vendor=OuterRef("pk")).order_by("-order__placed_at")
        return (
            self.scope.vendors()
            .annotate(last_sale=Subquery(last.values("order__placed_at")[:1]))
            .select_related("village__parent", "subsector")
        )
