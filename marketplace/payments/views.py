"""The buyer's way to the provider's page and back, and the provider's messages."""

import logging

import stripe
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.orders.models import Order
from marketplace.payments.models import PaymentAttempt, ProviderName
from marketplace.payments.selectors import live_attempt
from marketplace.payments.services import (
    Outcome,
    ask_provider,
    open_session,
    receive_event,
    retry_payment,
    settle_returning,
)

logger = logging.getLogger(__name__)

SIGNATURE_TOLERANCE_SECONDS = 300


def _order(number: str, token: str) -> Order:
    """Whoever has the order's address may pay it; a wrong token is as good as no order."""
    return get_object_or_404(Order, number=number, token=token)


@require_POST
@throttle("pay", rate="20/m")
def pay(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Go (again) to the payment page of an order."""
    order = _order(number, token)
    try:
        return redirect(open_session(attempt_id=retry_payment(order_id=order.pk).pk))
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect(order.get_absolute_url())


@require_GET
@never_cache
@throttle("payment_return", rate="60/m", method="GET")
def payment_return(request: HttpRequest) -> HttpResponse:
    """The buyer comes back from the payment page: settle at once, whether or not a webhook came."""
    try:
        attempt, outcome = settle_returning(session_id=request.GET.get("session_id", "")[:200])
    except PaymentAttempt.DoesNotExist as error:
        raise Http404("no such payment") from error
    if outcome in (Outcome.PAID, Outcome.ALREADY):
        messages.success(request, _("Thank you! Your payment is in and the shops know."))
    elif outcome == Outcome.PROCESSING:
        messages.info(request, _("Your payment is on its way. We'll write to you as soon as it arrives."))
    elif outcome == Outcome.REFUNDED:
        messages.warning(request, _("Your payment came too late or twice. You get all of it back by itself."))
    elif outcome in (Outcome.WAITING, Outcome.CLOSED):
        messages.warning(request, _("Payment didn't go through. You weren't charged."))
    else:
        messages.info(request, _("We're still checking your payment. This page will show it; don't pay again."))
    return redirect(attempt.order.get_absolute_url())


@require_GET
@never_cache
@throttle("payment_return", rate="60/m", method="GET")
def payment_cancelled(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """The buyer left the payment page without paying. Only the provider can say that nothing was charged."""
    order = _order(number, token)
    attempt = live_attempt(order=order)
    outcome = ask_provider(attempt=attempt) if attempt is not None else None
    if outcome in (Outcome.WAITING, Outcome.CLOSED):
        messages.info(request, _("Payment didn't go through. You weren't charged. You can pay from here again."))
    return redirect(order.get_absolute_url())


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Store a message from Stripe and answer at once; the worker does the rest.

    A wrong or old signature is a 400, so that Stripe shows the failure and nobody can replay a message.
    """
    try:
        body = request.body.decode()
        stripe.WebhookSignature.verify_header(
            body,
            request.headers.get("Stripe-Signature", ""),
            settings.STRIPE_WEBHOOK_SECRET,
            SIGNATURE_TOLERANCE_SECONDS,
        )
        receive_event(provider=ProviderName.STRIPE, body=body)
    except (stripe.SignatureVerificationError, ValueError) as error:
        logger.warning("webhook refused: %s", error)
        return HttpResponse("bad signature or body", status=400, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")
