"""Shops with money in the books, made as the product makes it: paid through the provider's answer, then delivered."""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.utils import timezone
from wagtail.models import Page

from marketplace.accounts import services as accounts
from marketplace.accounts.models import OPERATORS, User
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder, confirm_unpaid
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.services import create_attempt, settle
from marketplace.payouts import services
from marketplace.payouts.models import BankAccount, Payout
from tests.factories import base
from tests.factories.orders import make_order, make_shop, make_variant
from umkm.vendors.models import Vendor

STEPS = (SubOrder.Status.PACKED, SubOrder.Status.SHIPPED, SubOrder.Status.DELIVERED)


def operator(name: str = "Ratih") -> User:
    """Somebody who runs the site."""
    person = base.UserFactory(name=name)
    if Page.objects.exists():
        accounts.ensure_groups()
        accounts.appoint_operator(user=person)
    else:
        # Where a test empties the database there are no pages to give rights to; the group is what services ask for.
        person.groups.add(Group.objects.get_or_create(name=OPERATORS)[0])
    return person


def owner_of(vendor: Vendor) -> User:
    """The shop's owner."""
    return vendor.members.filter(role="owner").order_by("pk")[0].user


def sold(
    vendor: Vendor, *, price: int = 100_000, commission: int = 0, delivered_days_ago: int | None = 10, **options: object
) -> SubOrder:
    """A part of this shop that was paid online (goods at `price` and Rp10.000 delivery), and perhaps delivered."""
    count = Order.objects.count()
    variant = make_variant(vendor, f"Barang {count}", price=price)
    order = make_order([(variant, 1)], **options)  # type: ignore[arg-type]
    part = order.suborders.get()
    SubOrder.objects.filter(pk=part.pk).update(commission=commission, net=part.gross - commission)
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    settle(
        attempt_id=attempt.pk,
        snapshot=Snapshot(
            session_id=f"cs_{attempt.pk}",
            state=State.PAID,
            amount=attempt.amount,
            currency="idr",
            reference=attempt.idempotency_key,
            payment_id=f"pi_{attempt.pk}",
            paid_at=timezone.now(),
        ),
    )
    if delivered_days_ago is not None:
        deliver(part, days_ago=delivered_days_ago)
    part.refresh_from_db()
    return part


def deliver(part: SubOrder, *, days_ago: int) -> None:
    """Pack, send and hand over, as it was so many days ago."""
    for step in STEPS:
        advance_suborder(suborder_id=part.pk, to=step, actor=None, courier="JNE", tracking_number="JN1")
    SubOrder.objects.filter(pk=part.pk).update(delivered_at=timezone.now() - timedelta(days=days_ago))


def sold_for_cash(vendor: Vendor, *, price: int = 100_000, commission: int = 0) -> SubOrder:
    """A part that the buyer paid the shop in cash at the door, and that the reconciler has seen."""
    from marketplace.payments.services.reconciliation import _close_cash_attempts

    variant = make_variant(vendor, f"Barang {Order.objects.count()}", price=price)
    order = make_order([(variant, 1)], method=PaymentMethod.COD, delivery=SubOrder.Delivery.OWN_DELIVERY)
    part = order.suborders.get()
    SubOrder.objects.filter(pk=part.pk).update(commission=commission, net=part.gross - commission)
    create_attempt(order=order, method=PaymentMethod.COD)
    confirm_unpaid(order_id=order.pk)
    deliver(part, days_ago=0)
    _close_cash_attempts()
    part.refresh_from_db()
    return part


def with_account(vendor: Vendor, *, checked_by: User | None = None) -> BankAccount:
    """Let the shop have a bank account that an operator found right."""
    account = services.save_account(
        vendor_id=vendor.pk, actor=owner_of(vendor), bank="Bank Jatim", number="001 234 5678", holder="Sri Wahyuni"
    )
    services.check_account(account_id=account.pk, actor=checked_by or operator("Pemeriksa"), is_right=True)
    account.refresh_from_db()
    return account


def payable_shop(name: str = "Sanan", *, price: int = 100_000) -> Vendor:
    """A shop with a checked account and one sale that is due."""
    vendor = make_shop(name)
    with_account(vendor)
    sold(vendor, price=price)
    return vendor


def payout_in(status: str, vendor: Vendor | None = None, *, reference: str = "FT1") -> Payout:
    """A payout of a shop, carried as far as this state."""
    vendor = vendor or payable_shop()
    first, second = operator("Penyiap"), operator("Penyetuju")
    payout = services.prepare_payout(vendor_id=vendor.pk, actor=first)
    Status = Payout.Status  # noqa: N806
    if status == Status.CANCELLED:
        services.cancel_payout(payout_id=payout.pk, actor=first)
    if status in (Status.APPROVED, Status.SENT, Status.PAID, Status.RETURNED):
        services.approve_payout(payout_id=payout.pk, actor=second)
    if status in (Status.SENT, Status.PAID, Status.RETURNED):
        services.mark_sent(payout_id=payout.pk, actor=first)
    if status == Status.PAID:
        services.mark_paid(payout_id=payout.pk, actor=first, reference=reference)
    if status == Status.RETURNED:
        services.mark_returned(payout_id=payout.pk, actor=first, reason="Rekening tidak aktif")
    payout.refresh_from_db()
    return payout
