"""The operators' list of money that needs an eye, inside Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from marketplace.orders.models import Order
from marketplace.payments import selectors
from marketplace.payments.models import PaymentAttempt, WebhookEvent
from marketplace.payments.policies import may_review_payments
from marketplace.payments.services import Outcome, ask_provider, mark_reviewed, retry_event

SHOWN = 50
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


class OperatorMixin:
    """For operators; for everybody else in the admin it does not exist."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed, reason = may_review_payments(user=request.user)  # type: ignore[arg-type]
        if not allowed:
            raise Http404(reason)
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ReviewListView(OperatorMixin, WagtailAdminTemplateMixin, TemplateView):
    """Orders, messages, refunds and findings that wait for an operator."""

    template_name = "payments/admin/review.html"
    page_title = gettext_lazy("Payments to check")
    header_icon = "warning"
    _show_breadcrumbs = True

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lists = {
            "orders": selectors.orders_to_review(),
            "refunds": selectors.refunds_to_review(),
            "events": selectors.events_to_review(),
            "findings": selectors.findings(),
        }
        shown = {name: list(rows[: SHOWN + 1]) for name, rows in lists.items()}
        context.update({name: rows[:SHOWN] for name, rows in shown.items()})
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
