"""Payouts in Wagtail's admin: who is due, and each payout from draft to paid."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from marketplace.core.admin_access import AdminPage, PolicyMixin
from marketplace.core.exceptions import DomainError
from marketplace.core.spreadsheets import CONTENT_TYPES, CSV
from marketplace.payouts import balances, selectors, services
from marketplace.payouts.bank_file import bank_csv
from marketplace.payouts.models import Payout
from marketplace.payouts.policies import (
    may_approve,
    may_prepare,
    may_run_payouts,
    may_see_payouts,
    payouts_for,
    vendors_for,
)
from marketplace.payouts.statements import ready_rows

PER_PAGE = 50
Status = Payout.Status


class PayoutsMixin(PolicyMixin):
    """For officers and operators; for everybody else in the admin it does not exist."""

    policy = staticmethod(may_see_payouts)


class PayoutsPage(PayoutsMixin, AdminPage):
    """A page with the ways to the other pages of payouts above it."""

    header_icon = "calendar"
    section = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_operator = may_run_payouts(user=self.request.user)[0]
        ways = [
            ("due", _("Due")),
            ("list", _("Payouts")),
            *([("accounts", _("Bank accounts")), ("commission", _("Commission"))] if is_operator else []),
            ("gross", _("Sales by month")),
        ]
        return super().get_context_data(**kwargs) | {
            "ways": [
                {"label": label, "url": reverse(f"payouts_admin:{name}"), "is_current": name == self.section}
                for name, label in ways
            ],
            "is_operator": is_operator,
        }


class DueView(PayoutsPage):
    """Shops with money: what is due, what waits, and why nothing can be paid out. Chosen ones get a draft."""

    template_name = "payouts/admin/due.html"
    page_title = gettext_lazy("Payouts that are due")
    section = "due"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = selectors.due_rows(vendors=vendors_for(user=self.request.user))
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        due = [row for row in rows if row.is_due]
        return super().get_context_data(**kwargs) | {
            "page_obj": page,
            "due_count": len(due),
            "due_total": sum(row.standing.available for row in due),
            "terms": balances.terms(),
            "next_day": balances.next_payout_day(),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        """Prepare a payout for each shop that is ticked; what is refused says why, the others go on."""
        vendors = vendors_for(user=request.user).filter(pk__in=_numbers(request, "vendor"))
        prepared = 0
        for vendor_id in vendors.order_by("name").values_list("pk", flat=True):
            try:
                services.prepare_payout(vendor_id=vendor_id, actor=request.user)  # type: ignore[arg-type]
                prepared += 1
            except DomainError as refused:
                messages.error(request, str(refused))
        if prepared:
            messages.success(
                request,
                ngettext(
                    "%(count)d payout prepared. Somebody else approves it now.",
                    "%(count)d payouts prepared. Somebody else approves them now.",
                    prepared,
                )
                % {"count": prepared},
            )
            return redirect(f"{reverse('payouts_admin:list')}?status={Status.DRAFT}")
        return redirect("payouts_admin:due")


class ShopView(PayoutsPage):
    """What the figures of one shop are made of: what is due, and what waits."""

    template_name = "payouts/admin/shop.html"
    page_title = gettext_lazy("A shop's money")
    section = "due"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        vendor = get_object_or_404(vendors_for(user=self.request.user), pk=self.kwargs["pk"])
        return super().get_context_data(**kwargs) | {
            "vendor": vendor,
            "standing": balances.standing_of(vendor_id=vendor.pk),
            "ready": ready_rows(vendor=vendor),
            "waiting": balances.waiting_parts(vendor_id=vendor.pk),
        }


class PayoutListView(PayoutsPage):
    """Payouts by state; those that are approved go into a file for the bank."""

    template_name = "payouts/admin/list.html"
    page_title = gettext_lazy("Payouts")
    section = "list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = payouts_for(user=self.request.user)
        status = self.request.GET.get("status", "")
        status = status if status in Status.values else ""
        counts = selectors.counts_by_status(payouts=mine)
        vendor = self.request.GET.get("vendor", "")
        rows = selectors.payouts_in(
            payouts=mine, status=status, vendor_id=int(vendor) if vendor.isascii() and vendor.isdigit() else None
        )
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**kwargs) | {
            "page_obj": page,
            "status": status,
            "states": [
                {
                    "value": value,
                    "label": label,
                    "count": counts.get(value, (0, 0))[0],
                    "total": counts.get(value, (0, 0))[1],
                }
                for value, label in Status.choices
            ],
            "approved": status == Status.APPROVED,
        }


class PayoutView(PayoutsPage):
    """One payout: its rows, who did what, and the next step."""

    template_name = "payouts/admin/payout.html"
    page_title = gettext_lazy("Payout")
    section = "list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        payout = get_object_or_404(selectors.payouts_in(payouts=payouts_for(user=user)), pk=self.kwargs["pk"])
        page = Paginator(selectors.items_of(payout=payout), PER_PAGE).get_page(self.request.GET.get("p"))
        may, why = may_approve(user=user, payout=payout)
        return super().get_context_data(**kwargs) | {
            "payout": payout,
            "page_obj": page,
            "can_approve": may,
            "why_not_approve": why,
            "can_cancel": may_prepare(user=user, vendor=payout.vendor)[0],
        }


class StepView(PayoutsMixin, View):
    """One step of a payout. Which step, stands in the form; who may take it, the service says."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        payout = get_object_or_404(payouts_for(user=request.user), pk=pk)
        steps: dict[str, tuple[Callable[..., bool], dict[str, str], str]] = {
            "approve": (services.approve_payout, {}, _("Approved. It can go to the bank now.")),
            "cancel": (
                services.cancel_payout,
                {"reason": "reason"},
                _("Called off. The money waits for the next one."),
            ),
            "sent": (services.mark_sent, {}, _("Marked as sent. The shop has been told.")),
            "paid": (services.mark_paid, {"reference": "reference"}, _("Marked as paid. The shop has been told.")),
            "returned": (
                services.mark_returned,
                {"reason": "reason"},
                _("Noted. The shop is owed the money again and has been told."),
            ),
        }
        step = steps.get(request.POST.get("step", ""))
        if step is None:
            raise Http404
        service, fields, done = step
        try:
            service(
                payout_id=payout.pk,
                actor=request.user,
                **{name: request.POST.get(field, "") for name, field in fields.items()},
            )
        except DomainError as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, done)
        return redirect("payouts_admin:payout", payout.pk)


class ExportView(PayoutsMixin, View):
    """The approved payouts as a file for the bank; it holds account numbers, so each is written down."""

    policy = staticmethod(may_run_payouts)
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            payouts = services.note_export(payout_ids=_numbers(request, "payout"), actor=request.user)  # type: ignore[arg-type]
        except DomainError as refused:
            messages.error(request, str(refused))
            return redirect(f"{reverse('payouts_admin:list')}?status={Status.APPROVED}")
        response = HttpResponse(bank_csv(payouts=payouts), content_type=CONTENT_TYPES[CSV])
        response["Content-Disposition"] = f'attachment; filename="pencairan-{timezone.localtime():%Y-%m-%d-%H%M}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response


def _numbers(request: HttpRequest, name: str) -> list[int]:
    return [int(value) for value in request.POST.getlist(name) if value.isascii() and value.isdigit()]
