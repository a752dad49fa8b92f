"""The rows behind the numbers: what every list of them has in common, filters by the address and a spreadsheet."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from marketplace.reference.models import Region, Subsector
from umkm.monitoring import exports
from umkm.monitoring.scope import Scope
from umkm.verification.filters import districts_for
from umkm.verification.views.base import OfficerMixin

YES = [("1", gettext_lazy("Yes"))]


@dataclass(frozen=True)
class Field:
    """A column of an export: its heading and how it is read from a row."""

    heading: str | Promise
    value: Callable[[Any], Any]


# What a list of businesses and a list of their applications say alike.
AREA_AND_SUBSECTOR = (
    Column("area", label=gettext_lazy("Area"), accessor=lambda row: f"{row.village}, {row.village.parent}"),
    Column("subsector", label=gettext_lazy("Sub-sector")),
)
BUSINESS_FIELDS = (
    Field(gettext_lazy("Business"), lambda row: row.name),
    Field(gettext_lazy("Sub-sector"), lambda row: row.subsector),
    Field(gettext_lazy("Size"), lambda row: row.get_size_class_display()),
    Field(gettext_lazy("District"), lambda row: row.village.parent),
    Field(gettext_lazy("Village"), lambda row: row.village),
    Field(gettext_lazy("Village code"), lambda row: row.village_id),
)


class AreaFilterSet(WagtailFilterSet):
    """District and sub-sector, which every list has. The words of the address are Indonesian, as on the whole site."""

    kecamatan = django_filters.ModelChoiceFilter(
        label=gettext_lazy("District"), queryset=districts_for, empty_label=gettext_lazy("All"), method="by_district"
    )
    subsektor = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Sub-sector"),
        queryset=Subsector.objects.all(),
        to_field_name="slug",
        empty_label=gettext_lazy("All"),
        method="by_subsector",
    )
    vendor_prefix = ""

    def by_district(self, rows: "QuerySet[Any]", name: str, value: Region) -> "QuerySet[Any]":
        return rows.filter(**{f"{self.vendor_prefix}village__parent": value})

    def by_subsector(self, rows: "QuerySet[Any]", name: str, value: Subsector) -> "QuerySet[Any]":
        return rows.filter(**{f"{self.vendor_prefix}subsector": value})


class RowsView(OfficerMixin, BaseListingView):
    """A list of rows with filters and export; the columns of the export hold no personal data."""

    template_name = "monitoring/rows.html"
    results_template_name = "monitoring/parts/rows_results.html"
    header_icon = "site"
    paginate_by = 50
    is_searchable = True
    search_placeholder: str | Promise = ""
    export_name = ""
    export_fields: tuple[Field, ...] = ()

    @cached_property
    def scope(self) -> Scope:
        return Scope(self.officer)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        export_format = request.GET.get("export", "")
        if export_format in exports.FORMATS:
            return exports.spreadsheet(
                officer=self.officer,
                name=self.export_name,
                columns=[field.heading for field in self.export_fields],
                rows=([field.value(row) for field in self.export_fields] for row in self.get_queryset()),
                export_format=export_format,
            )
        return super().get(request, *args, **kwargs)

    def get_search_form(self) -> SearchForm:
        data = self.request.GET if self.search_kwarg in self.request.GET else None
        return SearchForm(data, placeholder=self.search_placeholder)

    def order_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.order_by(self.ordering, "pk")

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("monitoring:dashboard"), "label": _("Monitoring")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_header_buttons(self) -> list[Any]:
        query = self.request.GET.copy()
        buttons = []
        for priority, (export_format, label) in enumerate(((exports.XLSX, "XLSX"), (exports.CSV, "CSV"))):
            query["export"] = export_format
            url = f"{self.index_url}?{query.urlencode()}"
            buttons.append(HeaderButton(label, url=url, icon_name="download", priority=priority))
        return buttons

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["region"] = self.officer.agency.region
        return context

    @property
    def no_results_message(self) -> str:
        return _("Nothing in %(region)s fits. Loosen the filter.") % {"region": self.officer.agency.region}
