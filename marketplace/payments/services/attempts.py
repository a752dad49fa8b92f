"""Beginning a payment: the attempt with its key and exact parameters first, the provider's page after the commit."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError
from marketplace.orders.lock_objects import lock_order
from marketplace.orders.models import Order
from marketplace.orders.services import confirm_unpaid
from marketplace.payments.models import PaymentAttempt, new_key
from marketplace.payments.policies import may_pay
from marketplace.payments.providers import PROVIDER_OF_METHOD, PROVIDERS
from marketplace.payments.providers.base import Provider, ProviderRefused, ProviderUnavailable, Snapshot, State
from marketplace.payments.services.boundaries import require_no_transaction

Status = PaymentAttempt.Status

# How long the buyer has on the provider's page. Stripe takes 30 minutes to 24 hours; a session that is opened some
# minutes after the order was placed must still have its 30.
SESSION_LIFETIME = timedelta(minutes=45)
# Stock goes back on the shelf this long after the provider's page has closed, never before.
STOCK_MARGIN = timedelta(minutes=10)
# Providers forget keys after a day; from then on we look whether the payment exists before sending again.
KEY_TRUSTED_FOR = timedelta(hours=23)
# A page that closes within this time is no use to a buyer who comes back to it.
USEFUL_FOR = timedelta(minutes=5)


def create_attempt(*, order: Order, method: str, is_open: bool = False) -> PaymentAttempt:
    """Write an attempt for the order's total, with the key and the exact parameters it will be sent with.

    Call it inside the transaction that places the order. Lets the order wait until the provider's page has closed and
    a margin has passed. Raises DomainError when an attempt is live already.

    Arguments:
        is_open: cash, whose order goes to the shops in the same transaction: no page has to be opened first.
    """
    provider_name = PROVIDER_OF_METHOD[method]
    provider = PROVIDERS[provider_name]
    key = new_key()
    # Whole seconds, since that is all a provider knows.
    expires_at = (timezone.now() + SESSION_LIFETIME).replace(microsecond=0)
    try:
        with transaction.atomic():
            attempt = PaymentAttempt.objects.create(
                order=order,
                provider=provider_name,
                method=method,
                amount=order.total,
                status=Status.OPEN if is_open else Status.CREATED,
                idempotency_key=key,
                request_json=provider.build_request(order=order, reference=key, expires_at=expires_at),
                expires_at=expires_at if provider.has_page else None,
            )
    except IntegrityError:
        raise DomainError(
            _("A payment for this order is open already. Go on with it from your order."), code="attempt_live"
        ) from None
    if provider.has_page:
        Order.objects.filter(pk=order.pk, status=Order.Status.PENDING).update(expires_at=expires_at + STOCK_MARGIN)
        order.expires_at = expires_at + STOCK_MARGIN
    record(action="payments.attempt_created", target=attempt, data={"order": order.number, "method": method})
    return attempt


def open_session(*, attempt_id: int) -> str:
    """Open the provider's page for an attempt and return its address; cash confirms the order and returns the order's.

    Call it with no transaction open: a provider is asked in the middle. Harmless to repeat, also after a crash between
    the provider's answer and our note of it.

    Raises DomainError `attempt_closed` (pay again from the order), `provider_refused` (choose another way) or
    `provider_unavailable` (try again).
    """
    attempt = PaymentAttempt.objects.select_related("order").get(pk=attempt_id)
    provider = PROVIDERS[attempt.provider]
    if provider.confirms_unpaid:
        return _confirm_cash(attempt)
    if not provider.has_page:
        return attempt.order.get_absolute_url()
    require_no_transaction()
    if attempt.status == Status.OPEN and attempt.url:
        return attempt.url
    if attempt.status != Status.CREATED:
        raise _closed()
    try:
        snapshot = _create_or_find(provider, attempt)
    except ProviderRefused as error:
        PaymentAttempt.MACHINE.advance(attempt, Status.FAILED, failure=str(error)[:255], closed_at=timezone.now())
        raise DomainError(
            _("Online payment can't be opened for this order. You weren't charged. Choose another way to pay."),
            code="provider_refused",
        ) from error
    except ProviderUnavailable as error:
        raise DomainError(
            _("The payment page doesn't answer. You weren't charged. Try again in a minute; your order is kept."),
            code="provider_unavailable",
        ) from error
    if not _note_session(attempt, snapshot):
        # The order expired while the provider was answering: nobody may pay on a page that we have given up.
        provider.expire(session_id=snapshot.session_id)
        raise _closed()
    return snapshot.url


def retry_payment(*, order_id: int) -> PaymentAttempt:
    """The attempt with which a buyer goes on paying: the live one, or a new one when that failed or expired.

    Raises DomainError when the order cannot be paid any more, or is being paid.
    """
    with transaction.atomic():
        order = lock_order(order_id=order_id)
        live = PaymentAttempt.objects.filter(order=order, status__in=PaymentAttempt.LIVE).first()
        allowed, reason = may_pay(order=order, live_attempt=live)
        if not allowed:
            raise DomainError(reason, code="not_payable")
        if live is None:
            return create_attempt(order=order, method=order.payment_method)
        if live.expires_at and live.expires_at < timezone.now() + USEFUL_FOR:
            raise DomainError(
                _("The payment page is about to close. Wait ten minutes, then start a new payment here."),
                code="attempt_closing",
            )
        return live


def _create_or_find(provider: Provider, attempt: PaymentAttempt) -> Snapshot:
    def find() -> Snapshot | None:
        return provider.find(reference=attempt.idempotency_key, created_after=attempt.created_at)

    if timezone.now() - attempt.created_at > KEY_TRUSTED_FOR:
        found = find()
        if found is not None:
            return found
    try:
        return provider.create(request=attempt.request_json, key=attempt.idempotency_key)
    except ProviderUnavailable:
        # A saved error would be replayed for a day, although the session may exist.
        found = find()
        if found is None:
            raise
        return found


def _note_session(attempt: PaymentAttempt, snapshot: Snapshot) -> bool:
    """Store the session by compare-and-set. False when the attempt was closed in the meantime."""
    changed = PaymentAttempt.objects.filter(pk=attempt.pk, status=Status.CREATED, session_id="").update(
        status=Status.OPEN, session_id=snapshot.session_id, url=snapshot.url, checked_at=timezone.now()
    )
    if changed:
        return True
    now = PaymentAttempt.objects.get(pk=attempt.pk)
    if now.session_id == snapshot.session_id:
        return now.is_live or snapshot.state != State.OPEN
    PaymentAttempt.objects.filter(pk=attempt.pk, session_id="").update(session_id=snapshot.session_id)
    return False


def _confirm_cash(attempt: PaymentAttempt) -> str:
    if attempt.status == Status.CREATED:
        with transaction.atomic():
            confirm_unpaid(order_id=attempt.order_id)
            PaymentAttempt.MACHINE.advance(attempt, Status.OPEN)
    return attempt.order.get_absolute_url()


def _closed() -> DomainError:
    return DomainError(
        _("This payment is closed. Look at your order: there you see how it stands and can pay again."),
        code="attempt_closed",
    )
