"""Applications of the region, one by one."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from marketplace.catalogue.models import Product
from marketplace.orders.models import SubOrder
from umkm.monitoring.rows import AREA_AND_SUBSECTOR, BUSINESS_FIELDS, AreaFilterSet, Field, RowsView
from umkm.monitoring.scope import start_of
from umkm.monitoring.selectors import AGE_GROUPS, age_filter
from umkm.registration.models import VendorApplication
from umkm.verification.clock import short_date


class CaseRowsFilterSet(AreaFilterSet):
    keadaan = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("All"),
        method="by_state",
        choices=[
            ("menunggu", gettext_lazy("waiting for a decision")),
            ("lewat", gettext_lazy("past the deadline")),
            ("bebas", gettext_lazy("not taken")),
            ("pemohon", gettext_lazy("with the applicant")),
            ("disetujui", gettext_lazy("approved")),
            ("ditolak", gettext_lazy("rejected")),
            ("ditarik", gettext_lazy("withdrawn")),
        ],
    )
    umur = django_filters.ChoiceFilter(
        label=gettext_lazy("Age in working days"),
        empty_label=gettext_lazy("All"),
        method="by_age",
        choices=[(group.key, group.key if group.most is not None else f"> {group.least - 1}") for group in AGE_GROUPS],
    )
    dikirim_sejak = django_filters.DateFilter(
        label=gettext_lazy("First sent since"), method="by_first_sent", widget=forms.DateInput(attrs={"type": "date"})
    )
    langkah = django_filters.ChoiceFilter(
        label=gettext_lazy("Came as far as"),
        empty_label=gettext_lazy("All"),
        method="by_step",
        choices=[
            ("diputus", gettext_lazy("decided")),
            ("disetujui", gettext_lazy("approved")),
            ("tayang", gettext_lazy("first product on sale")),
            ("terjual", gettext_lazy("first sale")),
        ],
    )

    def by_state(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        waiting = Q(status__in=VendorApplication.AWAITING)
        status = VendorApplication.Status
        return rows.filter(
            {
                "menunggu": waiting,
                "lewat": waiting & Q(due_at__lt=timezone.now()),
                "bebas": waiting & Q(claimed_by=None),
                "pemohon": Q(status=status.RETURNED),
                "disetujui": Q(status=status.APPROVED),
                "ditolak": Q(status=status.REJECTED),
                "ditarik": Q(status=status.WITHDRAWN),
            }[value]
        )

    def by_age(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        group = next(group for group in AGE_GROUPS if group.key == value)
        return rows.filter(age_filter(group), status__in=VendorApplication.AWAITING)

    def by_first_sent(self, rows: "QuerySet[Any]", name: str, value: date) -> "QuerySet[Any]":
        return rows.filter(rounds__number=1, rounds__submitted_at__gte=start_of(value))

    def by_step(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        sold = SubOrder.objects.sold().filter(vendor=OuterRef("vendor"))
        listed = Product.objects.filter(vendor=OuterRef("vendor"), first_published_at__isnull=False)
        return rows.filter(
            {
                "diputus": Q(decisions__isnull=False),
                "disetujui": Q(vendor__isnull=False),
                "tayang": Exists(listed),
                "terjual": Exists(sold),
            }[value]
        ).distinct()

    class Meta:
        model = VendorApplication
        fields = ["keadaan", "umur", "kecamatan", "subsektor", "langkah", "dikirim_sejak"]


class CaseRowsView(RowsView):
    """Applications of the region."""

    page_title = gettext_lazy("Applications")
    index_url_name = "monitoring:cases"
    index_results_url_name = "monitoring:cases_results"
    filterset_class = CaseRowsFilterSet
    default_ordering = "-submitted_at"
    search_fields = ["name", "code"]
    search_placeholder = gettext_lazy("Search business or number…")
    export_name = "pendaftaran"
    columns = [
        TitleColumn("name", label=gettext_lazy("Business"), url_name="verification:case", id_accessor="code"),
        Column("code", label=gettext_lazy("Number")),
        *AREA_AND_SUBSECTOR,
        Column("status", label=gettext_lazy("State"), accessor="get_status_display"),
        Column(
            "submitted_at",
            label=gettext_lazy("Sent"),
            accessor=lambda row: short_date(row.submitted_at),
            sort_key="submitted_at",
        ),
        Column(
            "due_at",
            label=gettext_lazy("Deadline"),
            accessor=lambda row: short_date(row.due_at) if row.status in row.AWAITING else "",
            sort_key="due_at",
        ),
        Column(
            "decided_at",
            label=gettext_lazy("Decided"),
            accessor=lambda row: short_date(row.decided_at) if row.decided_at else "",
            sort_key="decided_at",
        ),
    ]
    export_fields = (
        Field(gettext_lazy("Number"), lambda row: row.code),
        *BUSINESS_FIELDS,
        Field(gettext_lazy("State"), lambda row: row.get_status_display()),
        Field(gettext_lazy("Round"), lambda row: row.round),
        Field(gettext_lazy("Sent"), lambda row: row.submitted_at),
        Field(gettext_lazy("Deadline"), lambda row: row.due_at),
        Field(gettext_lazy("Decided"), lambda row: row.decided_at),
    )

    def get_base_queryset(self) -> "QuerySet[VendorApplication]":
        return self.scope.cases().select_related("village__parent", "subsector")
