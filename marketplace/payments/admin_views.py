"""The operators' list of money that needs an eye, inside Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from marketplace.core.admin_access import AdminPage, PolicyMixin
from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, sum_of_all_postings
from marketplace.orders.models import Order
from marketplace.outbox.models import PeriodicRun
from marketplace.payments import selectors
from marketplace.payments.forms import SharesForm
from marketplace.payments.models import Finding, PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.policies import may_review_payments
from marketplace.payments.providers.base import ProviderUnavailable
from marketplace.payments.services import (
    Outcome,
    ask_provider,
    assign_refund,
    check_books,
    compare_balance,
    confirm_by_hand,
    expected_at_provider,
    handle_finding,
    mark_reviewed,
    repeat_refund,
    retry_event,
)

SHOWN = 50
# The periodic jobs that compare, in the words of the page.
CHECKS = {
    "payments.check_books": gettext_lazy("Books and balance, every day"),
    "payments.reconcile": gettext_lazy("Open payments at the provider, every five minutes"),
}
OUTCOMES: dict[Outcome | None, str | Promise] = {
    Outcome.WAITING: gettext_lazy("The provider says: not paid yet."),
    Outcome.PROCESSING: gettext_lazy("The provider says: on its way."),
    Outcome.CLOSED: gettext_lazy("The provider says: closed without payment."),
    Outcome.PAID: gettext_lazy("The provider says: paid. The order is settled."),
    Outcome.ALREADY: gettext_lazy("The provider says: paid. The order was settled before."),
    Outcome.REFUNDED: gettext_lazy("The provider says: paid. The money goes back to the buyer."),
    Outcome.REVIEW: gettext_lazy("It still does not add up. Compare the payment at the provider with the order."),
    None: gettext_lazy("The provider does not answer. Try again in a few minutes."),
}


class OperatorMixin(PolicyMixin):
    """For operators; for everybody else in the admin it does not exist."""

    policy = staticmethod(may_review_payments)


class ReviewListView(OperatorMixin, AdminPage):
    """Orders, messages, refunds and findings that wait for an operator."""

    template_name = "payments/admin/review.html"
    page_title = gettext_lazy("Payments to check")
    header_icon = "warning"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = {name: list(rows[: SHOWN + 1]) for name, rows in selectors.review_lists().items()}
        context.update({name: rows[:SHOWN] for name, rows in shown.items()})
        context["to_assign"] = [
            {"refund": refund, "shares": selectors.proposed_shares(refund=refund)} for refund in context["to_assign"]
        ]
        context["has_more"] = any(len(rows) > SHOWN for rows in shown.values())
        context["is_empty"] = not any(shown.values())
        return context


class MarkReviewedView(OperatorMixin, View):
    """An operator has dealt with an order's money."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        order = get_object_or_404(Order, pk=pk)
        mark_reviewed(order_id=order.pk, actor=request.user, note=request.POST.get("note", ""))  # type: ignore[arg-type]
        messages.success(request, _("Order %(number)s is off the list.") % {"number": order.number})
        return redirect("payments_admin:review")


class AskProviderView(OperatorMixin, View):
    """An operator wants to know how an attempt stands at the provider now."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        outcome = ask_provider(attempt=get_object_or_404(PaymentAttempt, pk=pk))
        messages.info(request, str(OUTCOMES[outcome]))
        return redirect("payments_admin:review")


class RetryEventView(OperatorMixin, View):
    """An operator lets the worker handle a message again."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        retry_event(event_pk=get_object_or_404(WebhookEvent, pk=pk).pk)
        messages.info(request, _("The worker handles this message again. Reload in a few seconds."))
        return redirect("payments_admin:review")


class RepeatRefundView(OperatorMixin, View):
    """A failed refund goes its way again, or an operator pays it by hand."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        channel = Refund.Channel.OPERATOR if request.POST.get("channel") == "operator" else Refund.Channel.PROVIDER
        actor: Any = request.user
        try:
            repeat_refund(refund_id=get_object_or_404(Refund, pk=pk).pk, channel=channel, actor=actor)
            messages.success(
                request,
                _("Pay it now, then confirm it below.")
                if channel == Refund.Channel.OPERATOR
                else _("It is sent again. Reload in a few seconds."),
            )
        except DomainError as refused:
            messages.error(request, str(refused))
        return redirect("payments_admin:review")


class PaidByHandView(OperatorMixin, View):
    """An operator has paid a refund by hand."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        refund = get_object_or_404(Refund, pk=pk, channel=Refund.Channel.OPERATOR)
        actor: Any = request.user
        try:
            confirm_by_hand(refund_id=refund.pk, actor=actor, note=request.POST.get("note", ""))
            messages.success(request, _("Noted. The buyer gets a mail."))
        except DomainError as refused:
            messages.error(request, str(refused))
        return redirect("payments_admin:review")


class AssignRefundView(OperatorMixin, View):
    """An operator says which shops give back what somebody sent back at the provider."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        refund = get_object_or_404(Refund, pk=pk, reason=Refund.Reason.OUTSIDE)
        actor: Any = request.user
        form = SharesForm(request.POST, parts=refund.attempt.order.suborders.all())
        if form.problem:
            messages.error(request, form.problem)
            return redirect("payments_admin:review")
        try:
            assign_refund(refund_id=refund.pk, amounts=form.amounts, actor=actor)
            messages.success(request, _("Put down to its shops. They get a mail."))
        except DomainError as refused:
            messages.error(request, str(refused))
        return redirect("payments_admin:review")


class HandleFindingView(OperatorMixin, View):
    """An operator writes down what was done about a finding."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        finding = get_object_or_404(Finding, pk=pk)
        actor: Any = request.user
        handle_finding(finding_id=finding.pk, actor=actor, note=request.POST.get("note", ""))
        messages.success(request, _("Noted. It leaves the list by itself when it is in order again."))
        return redirect("payments_admin:review")


class ReconciliationView(OperatorMixin, AdminPage):
    """The books against the provider and against themselves: what differs, since when, what was done."""

    template_name = "payments/admin/reconciliation.html"
    page_title = gettext_lazy("Reconciliation")
    header_icon = "history"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["sums"] = [
            (_("All postings together (always zero)"), sum_of_all_postings()),
            (_("What the provider should hold by our books"), expected_at_provider()),
            (_("Buyers' money that waits for a way back"), -balance(account=Account.BUYER_SUSPENSE)),
            (
                _("Sent back at the provider, not put down to a shop yet"),
                balance(account=Account.REFUND_UNASSIGNED),
            ),
            (_("Refunds on their way"), -balance(account=Account.REFUND_IN_TRANSIT)),
            (_("Disputed payments"), balance(account=Account.DISPUTE)),
            (_("Owed to all businesses together"), -balance(account=Account.VENDOR_PAYABLE)),
        ]
        context["jobs"] = [
            {"label": CHECKS[run.name], "run": run}
            for run in PeriodicRun.objects.filter(name__in=CHECKS).order_by("name")
        ]
        context["findings"] = list(selectors.findings()[:SHOWN])
        context["outside"] = list(selectors.refunds_made_outside()[:SHOWN])
        context["settled"] = list(selectors.settled_findings()[:SHOWN])
        return context


class CheckNowView(OperatorMixin, View):
    """An operator does not want to wait for the daily check."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        count = check_books()
        try:
            difference = compare_balance()
        except ProviderUnavailable:
            messages.error(request, _("The provider does not answer. Try again in a few minutes."))
            return redirect("payments_admin:reconciliation")
        if count or difference:
            messages.warning(request, _("Something differs. See below."))
        else:
            messages.success(request, _("Everything adds up."))
        return redirect("payments_admin:reconciliation")
