"""Refunds of what was sold, against the local Stripe: exact to the last rupiah, each step in the books, none twice."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance, entries_out_of_balance, sum_of_all_postings
from marketplace.ledger.services import Line, post_entry
from marketplace.orders.models import Order, OrderLine, PaymentMethod, SubOrder
from marketplace.orders.services import advance_suborder
from marketplace.outbox.services import process_due
from marketplace.payments import refund_plans
from marketplace.payments.models import PaymentAttempt, Refund, RefundLine
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.services import (
    check_books,
    compare_balance,
    confirm_by_hand,
    create_attempt,
    give_up_by_hand,
    open_session,
    reconcile,
    refund_parts,
    repeat_refund,
    settle,
    submit_refund,
)
from tests.factories import base
from tests.factories.orders import make_order, make_shop, make_variant
from tests.local_stripe import REFUND_FAILS_LATER

pytestmark = pytest.mark.django_db
TOPICS = ["payments.webhook", "payments.refund", "notifications.mail"]


@pytest.fixture
def order(local_stripe):
    """Rp65.000 at two shops: (15.000 × 2 + 10.000) with 10 % commission on the goods, and (15.000 + 10.000)."""
    first = make_variant(make_shop("Sanan"), "Keripik tempe")
    second = make_variant(make_shop("Dinoyo"), "Gerabah")
    order = make_order([(first, 2), (second, 1)])
    SubOrder.objects.filter(order=order, vendor__name="Sanan").update(
        commission_rate=1000, commission=3_000, net=37_000
    )
    return order


def pay(local_stripe, client, order, **options):
    page = open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.STRIPE).pk)
    local_stripe.pay(page, **options)
    settle_all(local_stripe, client)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


def settle_all(local_stripe, client):
    """Until nothing moves any more: events to the site, messages to the worker."""
    for _round in range(4):
        local_stripe.deliver(client)
        process_due(topics=TOPICS)


@pytest.fixture
def paid(local_stripe, client, order):
    pay(local_stripe, client, order)
    return order


def part_of(order, name):
    return order.suborders.get(vendor__name=name)


def payable(order, name):
    return -balance(account=Account.VENDOR_PAYABLE, vendor_id=part_of(order, name).vendor_id)


def refund(order, plan, *, origin="test:1", reason=Refund.Reason.REQUEST):
    return refund_parts(order_id=order.pk, plan=plan, reason=reason, origin=origin)


def whole_of(name):
    return lambda parts: refund_plans.whole([part for part in parts if part.vendor.name == name])


def lines_of(name, count, **options):
    def plan(parts):
        part = next(part for part in parts if part.vendor.name == name)
        return refund_plans.of_lines(part, {line.pk: count for line in part.lines.all()}, **options)

    return plan


def assert_books_are_right():
    assert entries_out_of_balance() == []
    assert sum_of_all_postings() == 0
    assert check_books() == 0
    assert compare_balance() == 0


def test_one_piece_goes_back_with_its_commission(local_stripe, client, paid):
    (made,) = refund(paid, lines_of("Sanan", 1))
    assert (made.amount, made.status) == (15_000, Refund.Status.REQUESTED)
    assert balance(account=Account.REFUND_IN_TRANSIT) == -15_000
    assert payable(paid, "Sanan") == 37_000 - 13_500
    assert balance(account=Account.COMMISSION) == -1_500
    settle_all(local_stripe, client)
    made.refresh_from_db()
    paid.refresh_from_db()
    assert (made.status, paid.status) == (Refund.Status.SUCCEEDED, Order.Status.PART_REFUNDED)
    assert local_stripe.store.newest("refund")[0]["amount"] == 1_500_000
    assert balance(account=Account.REFUND_IN_TRANSIT) == 0
    assert payable(paid, "Dinoyo") == 25_000, "the other shop has nothing to do with it"
    line = OrderLine.objects.get(suborder=part_of(paid, "Sanan"))
    assert (line.refunded_quantity, line.refunded_amount) == (1, 15_000)
    assert "15.000" in mail.outbox[-1].subject
    assert_books_are_right()


def test_everything_piece_by_piece_ends_at_zero(local_stripe, client, paid):
    refund(paid, lines_of("Sanan", 1), origin="a")
    refund(paid, lines_of("Sanan", 1, with_shipping=True), origin="b")
    refund(paid, whole_of("Dinoyo"), origin="c")
    settle_all(local_stripe, client)
    paid.refresh_from_db()
    assert paid.status == Order.Status.REFUNDED
    assert payable(paid, "Sanan") == payable(paid, "Dinoyo") == 0
    assert balance(account=Account.COMMISSION) == 0
    assert PaymentAttempt.objects.get().refunded == 65_000
    assert_books_are_right()


def test_amounts_to_the_last_rupiah(local_stripe, client, paid):
    """A third, a third and what is left: the last one takes the remainder of every line and of the commission."""
    for number, amount in enumerate((21_666, 21_667, 21_667)):
        refund(paid, lambda parts, amount=amount: refund_plans.of_amount(parts, amount), origin=f"a{number}")
    settle_all(local_stripe, client)
    paid.refresh_from_db()
    assert paid.status == Order.Status.REFUNDED
    assert [part.refunded_total for part in paid.suborders.order_by("pk")] == [40_000, 25_000]
    assert part_of(paid, "Sanan").refunded_commission == 3_000
    assert {line.refunded_quantity == line.quantity for line in OrderLine.objects.all()} == {True}
    assert payable(paid, "Sanan") == payable(paid, "Dinoyo") == balance(account=Account.COMMISSION) == 0
    with pytest.raises(DomainError):
        refund(paid, lambda parts: refund_plans.of_amount(parts, 1), origin="one more")
    assert_books_are_right()


@pytest.mark.parametrize("amount", [0, -5, 65_001])
def test_an_amount_that_makes_no_sense_moves_nothing(paid, amount):
    with pytest.raises(DomainError):
        refund(paid, lambda parts: refund_plans.of_amount(parts, amount))
    assert Refund.objects.count() == 0
    assert PaymentAttempt.objects.get().refunded == 0


def test_more_pieces_than_were_bought_are_refused(paid):
    with pytest.raises(DomainError, match="2"):
        refund(paid, lines_of("Sanan", 3))


def test_the_database_itself_refuses_more_than_was_paid(paid):
    for model, fields in (
        (PaymentAttempt, {"refunded": 65_001}),
        (SubOrder, {"refunded_total": 65_001}),
        (OrderLine, {"refunded_quantity": 3}),
        (OrderLine, {"refunded_amount": 30_001}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            model.objects.update(**fields)


def test_the_same_cause_refunds_once(local_stripe, client, paid):
    first = refund(paid, whole_of("Dinoyo"))
    assert refund(paid, whole_of("Dinoyo")) == first
    settle_all(local_stripe, client)
    submit_refund(refund_id=first[0].pk)
    reconcile()
    assert len(local_stripe.store.newest("refund")) == 1


def test_the_key_and_the_parameters_are_stored_before_anything_is_sent(local_stripe, paid):
    (made,) = refund(paid, whole_of("Dinoyo"))
    assert made.request_json["amount"] == 2_500_000
    assert made.idempotency_key
    assert len(local_stripe.store.newest("refund")) == 0


@pytest.mark.parametrize("fault", ["lost_answer", "error_after_success"])
def test_a_refund_whose_answer_never_came_is_found(local_stripe, paid, fault):
    """Also where a saved 500 would be replayed for a day, although the refund exists."""
    local_stripe.fault(fault, "POST /v1/refunds")
    (made,) = refund(paid, whole_of("Dinoyo"))
    process_due(topics=TOPICS)
    made.refresh_from_db()
    assert made.status == Refund.Status.SUCCEEDED
    assert len(local_stripe.store.newest("refund")) == 1


def test_a_refund_whose_key_may_be_forgotten_is_looked_up_before_it_is_sent_again(local_stripe, paid):
    (made,) = refund(paid, whole_of("Dinoyo"))
    submit_refund(refund_id=made.pk)
    # As after a crash between the answer and our note of it, a day and more ago.
    local_stripe.store.execute("DELETE FROM idempotency")
    long_ago = timezone.now() - timedelta(hours=25)
    Refund.objects.filter(pk=made.pk).update(status="requested", provider_refund_id="", created_at=long_ago)
    submit_refund(refund_id=made.pk)
    assert len(local_stripe.store.newest("refund")) == 1
    # Control: a young one is sent, and the provider, which has forgotten its key, would pay twice.
    Refund.objects.filter(pk=made.pk).update(status="requested", provider_refund_id="", created_at=timezone.now())
    submit_refund(refund_id=made.pk)
    assert len(local_stripe.store.newest("refund")) == 2


def test_after_the_payout_the_balance_goes_below_zero(local_stripe, client, paid):
    vendor = part_of(paid, "Dinoyo").vendor_id
    post_entry(
        kind="test.payout",
        reference="1",
        postings=[Line(Account.VENDOR_PAYABLE, 25_000, vendor), Line(Account.PAYOUT_IN_TRANSIT, -25_000)],
        occurred_at=paid.paid_at,
    )
    refund(paid, whole_of("Dinoyo"))
    settle_all(local_stripe, client)
    assert payable(paid, "Dinoyo") == -25_000, "the shop owes it; the next payouts are less by that"


def test_a_refund_that_fails_reopens_what_is_owed_and_goes_another_way(local_stripe, client, order):
    pay(local_stripe, client, order, card=REFUND_FAILS_LATER)
    (made,) = refund(order, whole_of("Dinoyo"))
    settle_all(local_stripe, client)
    local_stripe.act("refund.fail", local_stripe.store.newest("refund")[0]["id"])
    settle_all(local_stripe, client)
    made.refresh_from_db()
    order.refresh_from_db()
    assert (made.status, order.needs_review) == (Refund.Status.FAILED, True)
    assert balance(account=Account.BUYER_SUSPENSE) == -25_000
    assert payable(order, "Dinoyo") == 0, "the shop has given it back; it is the site that owes the buyer now"
    assert PaymentAttempt.objects.get().refunded == 0
    operator = base.UserFactory()
    shop = part_of(order, "Dinoyo").vendor_id
    again = repeat_refund(refund_id=made.pk, channel=Refund.Channel.SHOP, actor=operator, vendor_id=shop)
    assert repeat_refund(refund_id=made.pk, channel=Refund.Channel.PROVIDER, actor=operator) == again
    assert confirm_by_hand(refund_id=again.pk, actor=operator, note="Transfer BCA 25 Nov") is True
    assert confirm_by_hand(refund_id=again.pk, actor=operator, note="Transfer BCA 25 Nov") is False
    assert balance(account=Account.BUYER_SUSPENSE) == balance(account=Account.REFUND_IN_TRANSIT) == 0
    assert payable(order, "Dinoyo") == 25_000, "the provider still has the money, the shop paid from its pocket"
    order.refresh_from_db()
    assert order.status == Order.Status.PART_REFUNDED
    assert_books_are_right()


def test_a_failed_refund_is_sent_again_under_a_new_key(local_stripe, client, order):
    pay(local_stripe, client, order, card=REFUND_FAILS_LATER)
    (made,) = refund(order, whole_of("Dinoyo"))
    settle_all(local_stripe, client)
    local_stripe.act("refund.fail", made.__class__.objects.get().provider_refund_id)
    settle_all(local_stripe, client)
    again = repeat_refund(refund_id=made.pk, channel=Refund.Channel.PROVIDER, actor=base.UserFactory())
    settle_all(local_stripe, client)
    again.refresh_from_db()
    assert again.status == Refund.Status.SUCCEEDED
    assert len(local_stripe.store.newest("refund")) == 2
    assert balance(account=Account.BUYER_SUSPENSE) == 0
    with pytest.raises(DomainError):
        repeat_refund(refund_id=again.pk, channel=Refund.Channel.PROVIDER, actor=base.UserFactory())
    assert_books_are_right()


def test_a_discount_is_shared_by_the_lines(local_stripe, client):
    first, second = (make_variant(make_shop("Sanan"), "Keripik"), make_variant(make_shop("Dinoyo"), "Gerabah"))
    order = make_order([(first, 2), (second, 1)])
    SubOrder.objects.filter(vendor__name="Sanan").update(discount_total=9_999, gross=30_001, net=30_001)
    Order.objects.update(discount_total=9_999, total=55_001)
    order.refresh_from_db()
    pay(local_stripe, client, order)
    refund(order, lines_of("Sanan", 1), origin="a")
    assert Refund.objects.get().amount == 10_000, "half of the 20.001 that was paid for two, rounded down"
    refund(order, whole_of("Sanan"), origin="b")
    assert part_of(order, "Sanan").refunded_total == 30_001
    settle_all(local_stripe, client)
    assert payable(order, "Sanan") == 0
    assert_books_are_right()


# --- by hand -------------------------------------------------------------------------------------------------------
@pytest.fixture
def cash(settings):
    """A cash order of Rp25.000 that was handed over; the shop owes Rp1.500 commission on it."""
    settings.STRIPE_SECRET_KEY = ""
    order = make_order([(make_variant(make_shop("Sanan"), "Keripik"), 1)], method="cod", delivery="own_delivery")
    SubOrder.objects.update(commission=1_500, net=23_500)
    open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.COD).pk)
    part = order.suborders.get()
    for status in ("packed", "shipped", "delivered"):
        advance_suborder(suborder_id=part.pk, to=status, actor=None)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    return order


def test_cash_is_paid_back_by_the_shop_and_only_the_commission_is_booked(cash):
    (made,) = refund(cash, whole_of("Sanan"))
    assert (made.channel, made.vendor) == (Refund.Channel.SHOP, part_of(cash, "Sanan").vendor)
    assert JournalEntry.objects.count() == 0
    owner = base.UserFactory()
    with pytest.raises(DomainError):
        confirm_by_hand(refund_id=made.pk, actor=owner, note="  ")
    confirm_by_hand(refund_id=made.pk, actor=owner, note="Tunai di toko")
    reconcile()
    cash.refresh_from_db()
    made.refresh_from_db()
    assert (made.status, cash.status) == (Refund.Status.SUCCEEDED, Order.Status.REFUNDED)
    assert payable(cash, "Sanan") == 0, "the commission was owed, and given back"
    assert JournalEntry.objects.filter(kind="cash.sale").count() == 1
    assert entries_out_of_balance() == []
    process_due(topics=TOPICS)
    assert "Tunai di toko" in mail.outbox[-1].body


def test_cash_that_the_shop_does_not_pay_back_becomes_the_sites_debt(cash):
    (made,) = refund(cash, whole_of("Sanan"))
    operator = base.UserFactory()
    assert give_up_by_hand(refund_id=made.pk, actor=operator, note="Toko tidak menjawab") is True
    assert give_up_by_hand(refund_id=made.pk, actor=operator, note="Toko tidak menjawab") is False
    assert balance(account=Account.BUYER_SUSPENSE) == -25_000
    assert payable(cash, "Sanan") == -23_500
    again = repeat_refund(refund_id=made.pk, channel=Refund.Channel.OPERATOR, actor=operator)
    confirm_by_hand(refund_id=again.pk, actor=operator, note="Transfer BRI")
    assert balance(account=Account.BUYER_SUSPENSE) == balance(account=Account.REFUND_IN_TRANSIT) == 0
    assert sum_of_all_postings() == 0


def test_nothing_goes_back_of_what_nobody_paid(local_stripe, order):
    with pytest.raises(DomainError):
        refund(order, whole_of("Sanan"))
    assert RefundLine.objects.count() == 0


def test_payments_of_the_demos_past_can_be_refunded_at_the_local_stripe(local_stripe, order):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    snapshot = Snapshot(
        "cs_test_demo1", State.PAID, order.total, "idr", reference=attempt.idempotency_key, payment_id="pi_demo00000001"
    )
    settle(attempt_id=attempt.pk, snapshot=snapshot)
    (made,) = refund(order, whole_of("Dinoyo"))
    submit_refund(refund_id=made.pk)
    made.refresh_from_db()
    assert made.status == Refund.Status.SUCCEEDED
