"""Sales of the region's businesses, and their permits that run out."""

from datetime import date, timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy, pgettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from marketplace.core.money import format_rupiah
from marketplace.orders.models import SubOrder
from umkm.monitoring.rows import AreaFilterSet, Field, RowsView
from umkm.monitoring.scope import start_of
from umkm.registration.models import LegalDocument
from umkm.verification.clock import short_date


class SaleRowsFilterSet(AreaFilterSet):
    vendor_prefix = "vendor__"
    sejak = django_filters.DateFilter(
        label=gettext_lazy("Since"), method="by_since", widget=forms.DateInput(attrs={"type": "date"})
    )
    sampai = django_filters.DateFilter(
        label=gettext_lazy("Until"), method="by_until", widget=forms.DateInput(attrs={"type": "date"})
    )

    def by_since(self, rows: "QuerySet[Any]", name: str, value: date) -> "QuerySet[Any]":
        return rows.filter(confirmed_at__gte=start_of(value))

    def by_until(self, rows: "QuerySet[Any]", name: str, value: date) -> "QuerySet[Any]":
        return rows.filter(confirmed_at__lt=start_of(value + timedelta(days=1)))

    class Meta:
        model = SubOrder
        fields = ["sejak", "sampai", "kecamatan", "subsektor"]


class SaleRowsView(RowsView):
    """What the region's businesses sold through the site. Nothing of the buyers."""

    page_title = gettext_lazy("Sales")
    index_url_name = "monitoring:sales"
    index_results_url_name = "monitoring:sales_results"
    filterset_class = SaleRowsFilterSet
    default_ordering = "-confirmed_at"
    search_fields = ["order__number", "vendor__name"]
    search_placeholder = gettext_lazy("Search business or order…")
    export_name = "penjualan"
    columns = [
        Column("number", label=gettext_lazy("Order"), accessor="order.number"),
        Column(
            "confirmed_at",
            label=gettext_lazy("Sold on"),
            accessor=lambda row: short_date(row.confirmed_at),
            sort_key="confirmed_at",
        ),
        Column("vendor", label=gettext_lazy("Business")),
        Column("district", label=gettext_lazy("District"), accessor="vendor.village.parent"),
        Column("status", label=gettext_lazy("State"), accessor="get_status_display"),
        Column("delivery", label=pgettext_lazy("figure", "Delivery"), accessor="get_delivery_display"),
        Column(
            "remaining",
            label=gettext_lazy("Sales"),
            accessor=lambda row: format_rupiah(row.remaining),
            classname="o-number",
            sort_key="remaining",
        ),
    ]
    export_fields = (
        Field(gettext_lazy("Order"), lambda row: row.order.number),
        Field(gettext_lazy("Placed"), lambda row: row.order.placed_at),
        Field(gettext_lazy("Sold on"), lambda row: row.confirmed_at),
        Field(gettext_lazy("Business"), lambda row: row.vendor.name),
        Field(gettext_lazy("Sub-sector"), lambda row: row.vendor.subsector),
        Field(gettext_lazy("District"), lambda row: row.vendor.village.parent),
        Field(gettext_lazy("State"), lambda row: row.get_status_display()),
        Field(pgettext_lazy("figure", "Delivery"), lambda row: row.get_delivery_display()),
        Field(gettext_lazy("Goods (Rp)"), lambda row: row.items_total),
        Field(gettext_lazy("Shipping (Rp)"), lambda row: row.shipping_total),
        Field(gettext_lazy("Went back (Rp)"), lambda row: row.went_back),
        Field(gettext_lazy("Sales (Rp)"), lambda row: row.remaining),
    )

    def get_base_queryset(self) -> "QuerySet[SubOrder]":
        return self.scope.sales().select_related("order", "vendor__village__parent", "vendor__subsector")


class PaperRowsFilterSet(AreaFilterSet):
    vendor_prefix = "vendor__"
    jenis = django_filters.CharFilter(field_name="kind__slug", label=gettext_lazy("Kind"))
    habis_sejak = django_filters.DateFilter(
        label=gettext_lazy("Runs out since"),
        field_name="expires_on",
        lookup_expr="gte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    habis_sampai = django_filters.DateFilter(
        label=gettext_lazy("Runs out until"),
        field_name="expires_on",
        lookup_expr="lte",
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    class Meta:
        model = LegalDocument
        fields = ["jenis", "habis_sejak", "habis_sampai", "kecamatan", "subsektor"]


class PaperRowsView(RowsView):
    """Permits of the region's open businesses that run out; identity papers are not among them."""

    page_title = gettext_lazy("Permits that run out")
    index_url_name = "monitoring:papers"
    index_results_url_name = "monitoring:papers_results"
    filterset_class = PaperRowsFilterSet
    default_ordering = "expires_on"
    search_fields = ["vendor__name"]
    search_placeholder = gettext_lazy("Search business…")
    export_name = "izin"
    columns = [
        TitleColumn(
            "vendor", label=gettext_lazy("Business"), url_name="verification:vendor", id_accessor="vendor.slug"
        ),
        Column("kind", label=gettext_lazy("Document")),
        Column("district", label=gettext_lazy("District"), accessor="vendor.village.parent"),
        Column(
            "expires_on",
            label=gettext_lazy("Expires"),
            accessor=lambda row: short_date(row.expires_on),
            sort_key="expires_on",
        ),
    ]
    export_fields = (
        Field(gettext_lazy("Business"), lambda row: row.vendor.name),
        Field(gettext_lazy("Document"), lambda row: row.kind),
        Field(gettext_lazy("District"), lambda row: row.vendor.village.parent),
        Field(gettext_lazy("Expires"), lambda row: row.expires_on),
    )

    def get_base_queryset(self) -> "QuerySet[LegalDocument]":
        return (
            self.scope.papers()
            .filter(expires_on__isnull=False, kind__is_identity=False)
            .select_related("kind", "vendor__village__parent")
        )
