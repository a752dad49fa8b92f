"""The businesses of an agency: the list, the page of one, and closing or opening its shop with a reason."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin

from marketplace.accounts.models import Agency, Officer
from marketplace.accounts.selectors import is_operator
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.reference.models import Region, Subsector
from umkm.vendors.models import Vendor
from umkm.vendors.policies import can_restore, can_supervise
from umkm.vendors.services import close_vendor, reopen_vendor, restore_vendor, suspend_vendor
from umkm.verification import businesses
from umkm.verification.looking import officer_looking
from umkm.verification.renewals import renewals_for

PANELS_HOOK = "vendor_page_panels"
"""Slices to the left add panels to the page of a business: functions (request, vendor) that return a component."""

WARNINGS_HOOK = "vendor_close_warnings"
"""Slices to the left say what is still under way in a shop: functions (vendor) that return a sentence, or nothing."""


class SupervisorMixin:
    """For officers, each with their agency's businesses, and for operators, who see every agency's."""

    officer: Officer | None
    sees_all: bool

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.officer = officer_looking(request)
        self.sees_all = is_operator(request.user)
        if self.officer is None and not self.sees_all:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    @property
    def region(self) -> Region | None:
        """The region that the page is about; None for all of them."""
        return None if self.sees_all or self.officer is None else self.officer.agency.region


def districts_watched(request: HttpRequest | None) -> "QuerySet[Region]":
    """The districts of every agency for operators, of their own for officers."""
    if request is None:
        return Region.objects.none()
    if is_operator(request.user):
        return Region.objects.filter(parent__agency__isnull=False).order_by("parent_id", "name")
    officer = officer_looking(request)
    return Region.objects.filter(parent_id=officer.agency.region_id if officer else None).order_by("name")


PAPER_CHOICES = [
    ("habis", gettext_lazy("A paper has run out")),
    ("30", gettext_lazy("Runs out within 30 days")),
    ("90", gettext_lazy("Runs out within 90 days")),
]


class VendorFilterSet(WagtailFilterSet):
    """State, papers, district, sub-sector; for operators the agency as well."""

    keadaan = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        field_name="status",
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
        choices=Vendor.Status.choices,
    )
    izin = django_filters.ChoiceFilter(
        label=gettext_lazy("Papers"),
        method="by_papers",
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
        choices=PAPER_CHOICES,
    )
    kecamatan = django_filters.ModelMultipleChoiceFilter(
        label=gettext_lazy("District"),
        field_name="village__parent",
        queryset=districts_watched,
        widget=forms.CheckboxSelectMultiple,
    )
    subsektor = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Sub-sector"),
        method="by_subsector",
        to_field_name="slug",
        queryset=Subsector.objects.all(),
        empty_label=gettext_lazy("All"),
    )
    dinas = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Agency"),
        field_name="agency",
        to_field_name="slug",
        queryset=Agency.objects.all(),
        empty_label=gettext_lazy("All"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # An officer's businesses are all of one agency.
        if self.request is None or not is_operator(self.request.user):
            del self.filters["dinas"]

    def by_papers(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        today = timezone.localdate()
        if value == "habis":
            return rows.filter(next_expiry__lt=today)
        until = today + timedelta(days=int(value))
        papers = businesses.expiring_papers().filter(expires_on__range=(today, until))
        return rows.filter(pk__in=papers.values("vendor"))

    def by_subsector(self, rows: "QuerySet[Any]", name: str, value: Subsector) -> "QuerySet[Any]":
        return rows.filter(subsector=value)

    class Meta:
        model = Vendor
        fields = ["keadaan", "izin", "kecamatan", "subsektor", "dinas"]


class BusinessColumn(TitleColumn):
    cell_template_name = "verification/vendors/cell_business.html"


class StateColumn(Column):
    cell_template_name = "verification/vendors/cell_state.html"


class PapersColumn(Column):
    cell_template_name = "verification/vendors/cell_papers.html"

    def get_cell_context_data(self, instance: Vendor, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        context["state"] = businesses.expiry_state(context["value"])
        return context


class VendorListView(SupervisorMixin, BaseListingView):
    """Businesses that the visitor looks after, by name."""

    page_title = gettext_lazy("Businesses")
    header_icon = "home"
    template_name = "verification/vendors/list.html"
    results_template_name = "verification/vendors/list_results.html"
    index_url_name = "verification:vendors"
    index_results_url_name = "verification:vendors_results"
    default_ordering = "name"
    is_searchable = True
    search_fields = ["name", "village__name", "nib", "identity__owner_name"]
    filterset_class = VendorFilterSet
    paginate_by = 50
    verbose_name_plural = gettext_lazy("businesses")
    columns = [
        BusinessColumn(
            "name",
            label=gettext_lazy("Business"),
            url_name="verification:vendor",
            id_accessor="slug",
            sort_key="name",
            classname="o-col-business",
        ),
        Column(
            "area",
            label=gettext_lazy("Area"),
            accessor=lambda row: f"{row.village}, {row.village.parent}",
            classname="o-col-area",
        ),
        StateColumn("status", label=gettext_lazy("State"), accessor="get_status_display", classname="o-col-state"),
        PapersColumn("next_expiry", label=gettext_lazy("Papers"), sort_key="next_expiry", classname="o-col-papers"),
    ]

    def get_search_form(self) -> SearchForm:
        data = self.request.GET if self.search_kwarg in self.request.GET else None
        return SearchForm(data, placeholder=_("Search business, owner, village, NIB…"))

    def get_base_queryset(self) -> "QuerySet[Vendor]":
        rows = businesses.businesses_for(user=self.request.user, officer=self.officer)
        return businesses.with_next_expiry(rows).select_related("village__parent", "subsector", "agency")

    def order_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        return queryset.order_by(self.ordering, "pk")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "region": self.region}

    @property
    def no_results_message(self) -> str:
        if self.is_searching or self.is_filtering:
            return _("No business fits. Loosen the filter, or search for a part of the name.")
        return _("No business is registered here yet. It appears when its registration is approved.")


class VendorScreen(SupervisorMixin, WagtailAdminTemplateMixin, TemplateView):
    """What the page of a business and its confirmation pages share; another region's business does not exist."""

    header_icon = "home"

    @cached_property
    def vendor(self) -> Vendor:
        found = businesses.find_business(user=self.request.user, officer=self.officer, slug=self.kwargs["slug"])
        if found is None:
            raise Http404
        return found

    @cached_property
    def may_supervise(self) -> tuple[bool, str]:
        return can_supervise(user=self.request.user, vendor=self.vendor)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("verification:vendors"), "label": _("Businesses")},
            *self.crumbs_between(),
            {"url": "", "label": self.get_page_title()},
        ]

    def crumbs_between(self) -> list[dict[str, Any]]:
        return []


class VendorView(VendorScreen):
    """Who stands behind a business, where it is, its papers, what other slices add, and what happened to it."""

    template_name = "verification/vendors/detail.html"

    def get_page_title(self) -> str:
        return self.vendor.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vendor = self.vendor
        papers = businesses.papers_of(vendor)
        panels = [make(self.request, vendor) for make in hooks.get_hooks(PANELS_HOOK)]
        allowed, why_not = self.may_supervise
        return {
            **super().get_context_data(**kwargs),
            "vendor": vendor,
            "identity": getattr(vendor, "identity", None),
            "application": getattr(vendor, "application", None),
            "members": businesses.members_of(vendor),
            "papers": papers,
            "may_open_papers": self.officer is not None and self.officer.agency_id == vendor.agency_id,
            "panels": sorted(panels, key=lambda panel: panel.order),
            "history": businesses.history_of_business(vendor, papers),
            "is_officer": self.officer is not None and self.officer.agency_id == vendor.agency_id,
            "allowed": allowed,
            "why_not": why_not,
            "may_restore": vendor.status == Vendor.Status.CLOSED
            and can_restore(user=self.request.user, vendor=vendor)[0],
            "renewals": list(renewals_for(self.officer).filter(vendor=vendor, status="waiting"))
            if self.officer is not None
            else [],
        }


class StatusChangeView(VendorScreen):
    """Says what will happen, asks for the reason, and does it when it is sent. Works without a script."""

    template_name = "verification/vendors/change.html"
    possible_from: tuple[str, ...]
    done_message: str | Promise
    nothing_to_do: str | Promise
    error: DomainError | None = None
    reason = ""

    def crumbs_between(self) -> list[dict[str, Any]]:
        return [{"url": reverse("verification:vendor", args=[self.vendor.slug]), "label": self.vendor.name}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "vendor": self.vendor, "error": self.error, "reason": self.reason}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed, why_not = self.may_supervise
        if not allowed:
            return self._back(why_not)
        if self.vendor.status not in self.possible_from:
            return self._back(str(self.nothing_to_do))
        return self.render_to_response(self.get_context_data())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.reason = request.POST.get("reason", "")[:255]
        try:
            self.change()
        except (NotAllowed, IllegalTransition) as error:
            return self._back(str(error.message))
        except DomainError as error:
            self.error = error
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, str(self.done_message) % {"shop": self.vendor.name})
        return redirect("verification:vendor", slug=self.vendor.slug)

    def change(self) -> None:
        raise TypeError(f"{type(self).__name__} does not say what it changes")

    def _back(self, why: str) -> HttpResponse:
        messages.warning(self.request, why)
        return redirect("verification:vendor", slug=self.vendor.slug)


class SuspendView(StatusChangeView):
    """Closes a shop for the time being."""

    possible_from = (Vendor.Status.ACTIVE,)
    done_message = gettext_lazy("%(shop)s is suspended. Its owner has been told why.")
    nothing_to_do = gettext_lazy("This shop is not open, so there is nothing to suspend.")
    extra_context = {"change": "suspend"}

    def get_page_title(self) -> str:
        return _("Suspend %(shop)s") % {"shop": self.vendor.name}

    def change(self) -> None:
        suspend_vendor(vendor_id=self.vendor.pk, actor=self.request.user, reason=self.reason)  # type: ignore[arg-type]


class ReopenView(StatusChangeView):
    """Opens a suspended shop again."""

    possible_from = (Vendor.Status.SUSPENDED,)
    done_message = gettext_lazy("%(shop)s is open again. Its owner has been told.")
    nothing_to_do = gettext_lazy("This shop is not suspended, so there is nothing to reopen.")
    extra_context = {"change": "reopen"}

    def get_page_title(self) -> str:
        return _("Reopen %(shop)s") % {"shop": self.vendor.name}

    def change(self) -> None:
        reopen_vendor(vendor_id=self.vendor.pk, actor=self.request.user, reason=self.reason)  # type: ignore[arg-type]


class CloseView(StatusChangeView):
    """Closes a shop for good: with a reason, its name written out, and what is still under way said first."""

    possible_from = (Vendor.Status.ACTIVE, Vendor.Status.SUSPENDED)
    done_message = gettext_lazy("%(shop)s is closed for good. Its owner has been told why.")
    nothing_to_do = gettext_lazy("This shop is closed already.")
    extra_context = {"change": "close"}

    def get_page_title(self) -> str:
        return _("Close %(shop)s for good") % {"shop": self.vendor.name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        warnings = [say(self.vendor) for say in hooks.get_hooks(WARNINGS_HOOK)]
        return {**super().get_context_data(**kwargs), "warnings": [words for words in warnings if words]}

    def change(self) -> None:
        written = " ".join(self.request.POST.get("name", "").split())
        if written.casefold() != self.vendor.name.casefold():
            raise DomainError(
                _("Write the name of the shop as it stands above, so that the right one is closed."),
                code="vendor.not_confirmed",
                field="name",
            )
        close_vendor(vendor_id=self.vendor.pk, actor=self.request.user, reason=self.reason)  # type: ignore[arg-type]


class RestoreView(StatusChangeView):
    """Opens a shop again that was closed for good; operators only."""

    possible_from = (Vendor.Status.CLOSED,)
    done_message = gettext_lazy("%(shop)s is open again. Its owner has been told.")
    nothing_to_do = gettext_lazy("This shop is not closed, so there is nothing to take back.")
    extra_context = {"change": "restore"}

    @cached_property
    def may_supervise(self) -> tuple[bool, str]:
        return can_restore(user=self.request.user, vendor=self.vendor)

    def get_page_title(self) -> str:
        return _("Open %(shop)s again") % {"shop": self.vendor.name}

    def change(self) -> None:
        restore_vendor(vendor_id=self.vendor.pk, actor=self.request.user, reason=self.reason)  # type: ignore[arg-type]
