"""Renewed papers of open businesses: the list by deadline, and the page on which an officer decides about one."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic.base import BaseListingView, WagtailAdminTemplateMixin
from wagtail.admin.widgets.button import HeaderButton

from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from umkm.verification import clock, policies, renewals
from umkm.verification.businesses import expiry_state
from umkm.verification.forms import CANNED_REASONS
from umkm.verification.models import PaperRenewal
from umkm.verification.views.base import OfficerMixin

Status = PaperRenewal.Status


class DueColumn(Column):
    cell_template_name = "verification/cells/due.html"

    def get_cell_context_data(self, instance: PaperRenewal, parent_context: Any) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        context["due"] = clock.due_words(instance.due_at)
        context["is_waiting"] = instance.status == Status.WAITING
        return context


class RenewalListView(OfficerMixin, BaseListingView):
    """What businesses of the agency sent, most urgent first; `?tampilan=diputus` shows what was decided."""

    page_title = gettext_lazy("Renewed papers")
    header_icon = "doc-full-inverse"
    template_name = "verification/renewals/list.html"
    results_template_name = "verification/renewals/list_results.html"
    index_url_name = "verification:renewals"
    index_results_url_name = "verification:renewals_results"
    default_ordering = "due_at"
    is_searchable = True
    search_fields = ["vendor__name", "kind__name", "document__number"]
    paginate_by = 50
    verbose_name_plural = gettext_lazy("renewed papers")
    columns = [
        TitleColumn(
            "vendor",
            label=gettext_lazy("Business"),
            accessor=lambda row: row.vendor.name,
            url_name="verification:renewal",
            id_accessor="pk",
        ),
        Column("kind", label=gettext_lazy("Document"), accessor=lambda row: row.kind.display_name),
        Column(
            "area",
            label=gettext_lazy("Area"),
            accessor=lambda row: f"{row.vendor.village}, {row.vendor.village.parent}",
        ),
        DueColumn("due_at", label=gettext_lazy("Deadline"), sort_key="due_at"),
        Column("status", label=gettext_lazy("State"), accessor="get_status_display"),
    ]

    @property
    def shows_decided(self) -> bool:
        return self.request.GET.get("tampilan") == "diputus"

    def get_search_form(self) -> SearchForm:
        data = self.request.GET if self.search_kwarg in self.request.GET else None
        return SearchForm(data, placeholder=_("Search business, paper, number…"))

    def get_base_queryset(self) -> "QuerySet[PaperRenewal]":
        decided = [Status.APPROVED, Status.RETURNED]
        return renewals.renewals_for(self.officer).filter(
            status__in=decided if self.shows_decided else [Status.WAITING]
        )

    def order_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        first = "-decided_at" if self.shows_decided and "ordering" not in self.request.GET else self.ordering
        return queryset.order_by(first, "pk")

    def get_header_buttons(self) -> list[HeaderButton]:
        address = reverse("verification:renewals")
        if self.shows_decided:
            return [HeaderButton(_("Waiting"), url=address, icon_name="time")]
        return [HeaderButton(_("Decided"), url=f"{address}?tampilan=diputus", icon_name="check")]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "region": self.officer.agency.region}

    @property
    def no_results_message(self) -> str:
        if self.is_searching:
            return _("No paper fits. Search for a part of the business's name.")
        if self.shows_decided:
            return _("No renewed paper has been decided yet.")
        return _("No renewed paper waits. They appear when a business sends one.")


class RenewalView(OfficerMixin, WagtailAdminTemplateMixin, TemplateView):
    """The newer paper beside the one in force; approve, or return with a reason. Opening the paper is logged."""

    template_name = "verification/renewals/detail.html"
    header_icon = "doc-full-inverse"
    error: DomainError | None = None
    reason = ""

    @cached_property
    def renewal(self) -> PaperRenewal:
        found = renewals.find_renewal(self.officer, self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get_page_title(self) -> str:
        return f"{self.renewal.vendor.name}: {self.renewal.kind.display_name}"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("verification:renewals"), "label": _("Renewed papers")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        renewal = self.renewal
        current = renewals.paper_in_force(renewal)
        allowed, why_not = policies.can_judge_renewal(officer=self.officer, renewal=renewal)
        return {
            **super().get_context_data(**kwargs),
            "renewal": renewal,
            "document": renewal.document,
            "current": current,
            "current_state": expiry_state(current.expires_on) if current else "",
            "due": clock.due_words(renewal.due_at) if renewal.status == Status.WAITING else None,
            "allowed": allowed,
            "why_not": why_not,
            "error": self.error,
            "reason": self.reason,
            "canned_reasons": CANNED_REASONS,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.reason = request.POST.get("reason", "")[:2000]
        renewal, names = self.renewal, {"shop": self.renewal.vendor.name, "paper": self.renewal.kind.display_name}
        try:
            if request.POST.get("decision") == "approve":
                renewals.approve_renewal(renewal_id=renewal.pk, officer=self.officer)
                said = _("%(paper)s of %(shop)s holds from now on. Its owner has been told.") % names
            else:
                renewals.return_renewal(renewal_id=renewal.pk, officer=self.officer, reason=self.reason)
                said = _("%(paper)s went back to %(shop)s with your reason.") % names
        except (NotAllowed, IllegalTransition) as error:
            messages.warning(request, str(error.message))
            return redirect("verification:renewal", pk=renewal.pk)
        except DomainError as error:
            self.error = error
            return self.render_to_response(self.get_context_data(), status=422)
        messages.success(request, said)
        return redirect("verification:renewals")
