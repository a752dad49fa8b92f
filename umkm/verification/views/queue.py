"""The queue: scoped to the region, grouped by deadline, taken in the row."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, QuerySet
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.ui.tables import Column, Table, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.widgets.button import HeaderButton

from umkm.registration.models import VendorApplication
from umkm.verification import clock, selectors
from umkm.verification.filters import CaseFilterSet
from umkm.verification.views.base import OfficerMixin

Status = VendorApplication.Status


class BusinessColumn(TitleColumn):
    cell_template_name = "verification/cells/business.html"

    def get_cell_context_data(self, instance: VendorApplication, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        context["progress"] = progress(instance)
        return context


class AreaColumn(Column):
    cell_template_name = "verification/cells/area.html"


class AgeColumn(Column):
    cell_template_name = "verification/cells/age.html"

    def get_cell_context_data(self, instance: VendorApplication, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        since = timezone.localtime(instance.submitted_at).date()
        context["age"] = clock.age_words(clock.working_days_between(since, timezone.localdate()))
        return context


class DueColumn(Column):
    cell_template_name = "verification/cells/due.html"

    def get_cell_context_data(self, instance: VendorApplication, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        context["due"] = clock.due_words(instance.due_at)
        context["is_waiting"] = instance.status in VendorApplication.AWAITING
        return context


class ChecksColumn(Column):
    cell_template_name = "verification/cells/checks.html"

    def get_cell_context_data(self, instance: VendorApplication, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        context["progress"] = made = progress(instance)
        # Drawn with SVG attributes: a strict content security policy blocks style attributes.
        context["width"] = round(72 * made.done / made.total) if made.total else 0
        context["is_waiting"] = instance.status in VendorApplication.AWAITING
        return context


class HolderColumn(Column):
    cell_template_name = "verification/cells/holder.html"

    def get_cell_context_data(self, instance: VendorApplication, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        # Wagtail renders cells with a bare context, in which {% csrf_token %} would be empty.
        request = context["request"]
        context["csrf_value"] = get_token(request)
        # Not the address of the request: the script fetches the rows alone from another one.
        context["back"] = f"{reverse('verification:queue')}?{request.GET.urlencode()}"
        context["is_waiting"] = instance.status in VendorApplication.AWAITING
        return context


def progress(case: VendorApplication) -> selectors.Progress:
    """The case's progress, worked out once for the columns that show it."""
    if "_progress" not in case.__dict__:
        case.__dict__["_progress"] = selectors.progress_of(case)
    return case.__dict__["_progress"]


class GroupedTable(Table):
    """A table with a heading row wherever the group of the deadline changes (only while sorted by deadline)."""

    template_name = "verification/parts/grouped_table.html"
    sizes: dict[clock.DueGroup, int] | None = None

    def grouped_rows(self) -> "Iterator[tuple[dict[str, Any] | None, Any]]":
        now, last = timezone.now(), None
        for row in self.rows:
            group = clock.due_group(row.instance.due_at, now) if self.sizes is not None else None
            heading = None
            if group is not None and group != last:
                heading = {"label": clock.group_label(group), "level": int(group), "count": (self.sizes or {})[group]}
            yield heading, row
            last = group

    def get_row_attrs(self, instance: VendorApplication) -> dict[str, Any]:
        return {**super().get_row_attrs(instance), "data-officers-rows-target": "row"}


VIEWS = {
    "menunggu": ("waiting", gettext_lazy("Waiting")),
    "bebas": ("free", gettext_lazy("Not taken")),
    "saya": ("mine", gettext_lazy("I hold")),
    "pemohon": ("applicant", gettext_lazy("With the applicant")),
    "diputus": ("decided", gettext_lazy("Decided")),
}


class QueueView(OfficerMixin, BaseListingView):
    """Cases of the officer's region, oldest and most urgent first."""

    page_title = gettext_lazy("Queue")
    header_icon = "clipboard-list"
    template_name = "verification/queue.html"
    results_template_name = "verification/parts/queue_results.html"
    table_class = GroupedTable
    index_url_name = "verification:queue"
    index_results_url_name = "verification:queue_results"
    default_ordering = "due_at"
    is_searchable = True
    search_fields = ["name", "owner_name", "code", "village__name", "nib"]
    filterset_class = CaseFilterSet
    paginate_by = 50
    verbose_name_plural = gettext_lazy("cases")
    columns = [
        BusinessColumn(
            "name",
            label=gettext_lazy("Business"),
            url_name="verification:case",
            id_accessor="code",
            classname="o-col-business",
        ),
        AreaColumn("village", label=gettext_lazy("Area"), classname="o-col-area"),
        AgeColumn("submitted_at", label=gettext_lazy("Age"), sort_key="submitted_at", classname="o-col-age"),
        DueColumn("due_at", label=gettext_lazy("Deadline"), sort_key="due_at", classname="o-col-due"),
        ChecksColumn("checks", label=gettext_lazy("Checks"), accessor=lambda case: "", classname="o-col-checks"),
        HolderColumn("holder", label=gettext_lazy("Officer"), accessor=lambda case: "", classname="o-col-holder"),
    ]

    @cached_property
    def current_view(self) -> str:
        wanted = self.request.GET.get("tampilan", "")
        return wanted if wanted in VIEWS else "menunggu"

    def get_search_form(self) -> SearchForm:
        data = self.request.GET if self.search_kwarg in self.request.GET else None
        return SearchForm(data, placeholder=_("Search business, applicant, number…"))

    def get_base_queryset(self) -> "QuerySet[VendorApplication]":
        cases = selectors.cases_of(self.officer)
        waiting = cases.waiting()
        chosen = {
            "menunggu": waiting,
            "bebas": waiting.filter(claimed_by=None),
            "saya": waiting.filter(claimed_by=self.officer),
            "pemohon": cases.filter(status=Status.RETURNED),
            "diputus": cases.filter(status__in=VendorApplication.DECIDED),
        }[self.current_view]
        return selectors.with_progress(chosen)

    def get_ordering(self) -> str:
        default = "-decided_at" if self.current_view == "diputus" else self.default_ordering
        ordering = self.request.GET.get("ordering", default)
        return ordering if ordering in self.get_valid_orderings() else default

    def order_queryset(self, queryset: "QuerySet[VendorApplication]") -> "QuerySet[VendorApplication]":
        # The id makes the order complete, so that no case is on two pages or on none.
        return queryset.order_by(self.ordering, "submitted_at", "pk")

    def get_table(self, object_list: Any) -> GroupedTable:
        table = super().get_table(object_list)
        if self.ordering == "due_at" and self.current_view in ("menunggu", "bebas", "saya"):
            sizes = (
                self.get_queryset()
                .order_by()
                .aggregate(**{group.name: Count("pk", filter=selectors.due_filter(group)) for group in clock.DueGroup})
            )
            table.sizes = {group: sizes[group.name] for group in clock.DueGroup}
        return table

    def get_header_buttons(self) -> list[HeaderButton]:
        return [
            # Taking a case changes something, so it is posted: a button of the form in the page, not a link.
            HeaderButton(
                _("Take the next one"),
                icon_name="plus",
                attrs={"aria-keyshortcuts": "n", "type": "submit", "form": "officers-next"},
            ),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        counts = selectors.queue_counts(self.officer)
        context["queue_views"] = [
            {"key": key, "label": label, "count": counts[name], "is_current": key == self.current_view}
            for key, (name, label) in VIEWS.items()
        ]
        context["region"] = self.officer.agency.region
        return context

    @property
    def no_results_message(self) -> str:
        region = {"region": self.officer.agency.region}
        if self.is_searching or self.is_filtering:
            return (
                _("No case fits in %(region)s. Loosen the filter, or search for the whole number of the case.") % region
            )
        return {
            "menunggu": _("The queue is empty. All cases of %(region)s are decided or with their applicants."),
            "bebas": _("Every waiting case of %(region)s has been taken."),
            "saya": _("You hold no case. Take the most urgent one."),
            "pemohon": _("No case of %(region)s is with its applicant."),
            "diputus": _("No case of %(region)s has been decided yet."),
        }[self.current_view] % region
