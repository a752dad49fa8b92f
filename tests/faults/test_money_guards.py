"""What guards the money, and for each guard its control: with that one switched off the harm really happens.

The faults and where each is proven: docs/faults.md. Crashes and races have files of their own beside this one.
"""

import secrets
import time
from datetime import timedelta

import pytest
import stripe
from django.core import mail
from django.utils import timezone

from marketplace.carts.services import add_to_cart
from marketplace.catalogue.models import Variant
from marketplace.checkout.drafts import Address, Contact
from marketplace.checkout.services import place_order
from marketplace.core.exceptions import DomainError
from marketplace.core.transitions import StateMachine
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance
from marketplace.ledger.services import post_entry
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.outbox.services import process_due
from marketplace.payments import refund_plans, views
from marketplace.payments.models import PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.providers.base import Snapshot, State
from marketplace.payments.providers.stripe import StripeProvider
from marketplace.payments.services import (
    compare_balance,
    expected_at_provider,
    open_session,
    part_refunds,
    reconciliation,
    refresh_attempt,
    retry_payment,
    settling,
    submit_refund,
    webhooks,
)
from marketplace.payouts.services import prepare_payout
from tests.concurrency.threads import at_once
from tests.factories.orders import make_shop, make_variant
from tests.factories.payouts import operator, payable_shop
from tests.local_stripe import session_id_of
from tests.payments.test_part_refunds import lines_of, payable, refund, whole_of
from tests.payments.test_paying import (
    assert_paid_once,
    attempt,
    make_old,
    order,
    page,
    paid_late,
    reconcile_old,
    work,
)
from tests.payments.test_webhooks import EVENT, post
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
__all__ = ["attempt", "order", "page"]
Status = PaymentAttempt.Status


def settle_paid(local_stripe, client, page):
    local_stripe.pay(page)
    local_stripe.deliver(client)
    work()


def forget_that_it_is_settled(monkeypatch):
    """Switches off: what is settled is settled, what is closed stays closed, and nothing leads out of paid."""
    monkeypatch.setattr(settling, "_is_settled", lambda _attempt: False)
    table = {**PaymentAttempt.MACHINE.table, Status.PAID: (Status.PAID, Status.EXPIRED)}
    monkeypatch.setattr(PaymentAttempt, "MACHINE", StateMachine("attempt", table))
    monkeypatch.setattr(PaymentAttempt, "is_live", True)


def book_under_any_name(monkeypatch):
    """Switches off: the same fact is booked once."""
    monkeypatch.setattr(
        settling, "post_entry", lambda **entry: post_entry(**entry | {"reference": secrets.token_hex(8)})
    )


def believe_messages(monkeypatch, state):
    """Switches off: a message only says where to look, and the provider is asked."""

    def as_told(_provider, *, session_id):
        attempt = PaymentAttempt.objects.get(session_id=session_id)
        return Snapshot(session_id, state, attempt.amount, "idr", attempt.idempotency_key, payment_id="pi_told")

    monkeypatch.setattr(StripeProvider, "retrieve", as_told)


# --- told many times -----------------------------------------------------------------------------------------------
def test_however_often_it_is_told_it_is_booked_once_and_the_buyer_gets_one_mail(
    local_stripe, client, order, attempt, page
):
    local_stripe.fault("duplicate", "checkout.session.completed", copies=4)
    settle_paid(local_stripe, client, page)
    for event in [*local_stripe.events(), *local_stripe.events()]:
        local_stripe.post_event(client, event["id"])
    work()
    refresh_attempt(attempt_id=attempt.pk)
    process_due(topics=["order.paid"])
    work()
    assert_paid_once(order, attempt)
    assert len([message for message in mail.outbox if message.to == [order.email]]) == 1


def test_control_forgetting_that_it_is_settled_gives_the_sale_away(
    local_stripe, client, monkeypatch, order, attempt, page
):
    settle_paid(local_stripe, client, page)
    forget_that_it_is_settled(monkeypatch)
    book_under_any_name(monkeypatch)
    refresh_attempt(attempt_id=attempt.pk)
    work()
    order.refresh_from_db()
    assert JournalEntry.objects.filter(kind="payment").count() == 2
    assert (order.status, Refund.objects.get().amount) == (Order.Status.PAID, 65_000), "the goods and the money"


def test_control_behind_it_the_ledger_refuses_the_second_booking(local_stripe, client, monkeypatch, attempt, page):
    settle_paid(local_stripe, client, page)
    forget_that_it_is_settled(monkeypatch)
    with pytest.raises(ValueError, match="booked before"):
        refresh_attempt(attempt_id=attempt.pk)
    assert Refund.objects.count() == 0


def test_control_without_the_inbox_every_copy_is_work(local_stripe, client, monkeypatch, attempt, page):
    """The same message under a new number each time is what the inbox's unique key prevents."""
    local_stripe.pay(page)
    (event,) = local_stripe.events("checkout.session.completed")
    for number in range(3):
        post(client, {**event, "id": f"{event['id']}{number}"})
    assert WebhookEvent.objects.count() == 3


# --- told in the wrong order, or not at all ------------------------------------------------------------------------
def tell_that_it_expired(local_stripe, client, page):
    local_stripe.sandbox.engine.emit("checkout.session.expired", local_stripe.store.get(session_id_of(page)))
    local_stripe.deliver(client)
    work()


def test_control_believing_an_expiry_after_the_payment_loses_the_payment(
    local_stripe, client, monkeypatch, order, attempt, page
):
    settle_paid(local_stripe, client, page)
    believe_messages(monkeypatch, State.EXPIRED)
    tell_that_it_expired(local_stripe, client, page)
    attempt.refresh_from_db()
    assert attempt.status == Status.PAID, "the second guard alone holds it, too"
    forget_that_it_is_settled(monkeypatch)
    tell_that_it_expired(local_stripe, client, page)
    attempt.refresh_from_db()
    assert attempt.status == Status.EXPIRED
    with pytest.raises(DomainError) as lost:
        refund(order, whole_of("Sanan"))
    assert lost.value.code == "not_paid", "what the buyer paid can no longer go back"


def test_control_without_the_reconciler_a_lost_message_is_a_lost_order(local_stripe, monkeypatch, order, attempt, page):
    local_stripe.fault("drop", times=50)
    local_stripe.pay(page)
    monkeypatch.setattr(reconciliation, "_read_events", lambda _provider: 0)
    monkeypatch.setattr(reconciliation, "_stale_attempts", list)
    reconcile_old()
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING
    assert local_stripe.store.get(session_id_of(page))["payment_status"] == "paid"


# --- keys that the provider has forgotten --------------------------------------------------------------------------
def test_control_trusting_an_old_key_opens_a_second_page(local_stripe, monkeypatch, attempt, page):
    make_old(
        PaymentAttempt, status=Status.CREATED, session_id="", url="", created_at=timezone.now() - timedelta(hours=30)
    )
    local_stripe.store.execute("DELETE FROM idempotency")
    monkeypatch.setattr("marketplace.payments.services.attempts.KEY_TRUSTED_FOR", timedelta(days=365))
    assert open_session(attempt_id=attempt.pk) != page
    assert len(local_stripe.store.newest("checkout.session")) == 2, "two pages for one order: it can be paid twice"


def test_control_trusting_an_old_key_pays_a_refund_twice(local_stripe, client, monkeypatch, order, page):
    settle_paid(local_stripe, client, page)
    (made,) = refund(order, whole_of("Dinoyo"))
    submit_refund(refund_id=made.pk)
    local_stripe.store.execute("DELETE FROM idempotency")
    make_old(Refund, status="requested", provider_refund_id="", created_at=timezone.now() - timedelta(hours=30))
    monkeypatch.setattr("marketplace.payments.services.refunds.KEY_TRUSTED_FOR", timedelta(days=365))
    submit_refund(refund_id=made.pk)
    assert [row["amount"] for row in local_stripe.store.newest("refund")] == [2_500_000, 2_500_000]


# --- money that comes late or twice --------------------------------------------------------------------------------
def late_and_sold_out(local_stripe, client, order, page):
    session = paid_late(local_stripe, client, order, page)
    StockItem.objects.update(on_hand=1)
    local_stripe.act("transfer.succeed", session)
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()


def test_control_late_money_without_promising_the_stock_again_sells_what_is_not_there(
    local_stripe, client, monkeypatch, order, page
):
    monkeypatch.setattr(settling, "reserve_again", lambda **_arguments: None)
    late_and_sold_out(local_stripe, client, order, page)
    assert (order.status, Refund.objects.count()) == (Order.Status.PAID, 0)
    assert set(order.suborders.values_list("status", flat=True)) == {SubOrder.Status.CONFIRMED}
    assert StockItem.objects.get(variant__product__name="Keripik tempe").on_hand == 1, "two were bought, one is there"


def test_control_late_money_without_its_refund_is_kept(local_stripe, client, monkeypatch, order, page):
    monkeypatch.setattr(settling, "request_refund", lambda **_arguments: None)
    late_and_sold_out(local_stripe, client, order, page)
    assert order.status == Order.Status.REFUNDING
    assert local_stripe.store.newest("refund") == []
    assert balance(account=Account.BUYER_SUSPENSE) == -65_000, "the buyer has neither goods nor money"


def paid_twice(local_stripe, client, page, order):
    local_stripe.promise_transfer(page)
    PaymentAttempt.objects.update(status=Status.FAILED)
    local_stripe.pay(open_session(attempt_id=retry_payment(order_id=order.pk).pk))
    local_stripe.act("transfer.succeed", session_id_of(page))
    local_stripe.deliver(client)
    work()


def taken(local_stripe):
    """What the buyer has paid and not got back."""
    back = sum(row["amount"] for row in local_stripe.store.newest("refund"))
    return (sum(row["amount"] for row in local_stripe.store.newest("charge")) - back) // 100


def test_two_attempts_paid_take_the_price_once(local_stripe, client, order, page):
    paid_twice(local_stripe, client, page, order)
    assert PaymentAttempt.objects.filter(status=Status.PAID).count() == 2
    assert taken(local_stripe) == 65_000


def test_control_two_attempts_paid_without_the_refund_take_it_twice(local_stripe, client, monkeypatch, order, page):
    monkeypatch.setattr(settling, "request_refund", lambda **_arguments: None)
    paid_twice(local_stripe, client, page, order)
    assert PaymentAttempt.objects.filter(status=Status.PAID).count() == 2
    assert taken(local_stripe) == 130_000


# --- money that is not what was asked for --------------------------------------------------------------------------
def test_control_without_a_look_at_the_amount_an_order_is_settled_with_one_rupiah(
    local_stripe, client, monkeypatch, order, attempt, page
):
    monkeypatch.setattr(settling, "_what_is_wrong", lambda *_arguments: "")
    local_stripe.pay(page)
    local_stripe.patch(session_id_of(page), amount_total=100, amount_subtotal=100)
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    assert (order.status, order.needs_review) == (Order.Status.PAID, False)
    assert payable(order, "Sanan") == 36_000, "and the shops are owed the whole price"


@pytest.mark.parametrize("fields", [{"currency": "usd"}, {"client_reference_id": "somebody-else"}])
def test_control_without_a_look_at_currency_and_reference_anything_pays(
    local_stripe, client, monkeypatch, order, page, fields
):
    monkeypatch.setattr(settling, "_what_is_wrong", lambda *_arguments: "")
    local_stripe.pay(page)
    local_stripe.patch(session_id_of(page), **fields)
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    assert order.status == Order.Status.PAID


# --- messages that are not the provider's, or not for us -----------------------------------------------------------
def forged(page):
    session = {"id": session_id_of(page), "object": "checkout.session", "payment_status": "paid"}
    return {**EVENT, "id": "evt_forged", "data": {"object": session}}


def test_a_forged_message_that_got_through_would_settle_nothing_since_the_provider_is_asked(
    local_stripe, client, monkeypatch, order, page
):
    monkeypatch.setattr(stripe.WebhookSignature, "verify_header", lambda *_arguments: True)
    assert post(client, forged(page), header="t=1,v1=forged").status_code == 200
    work()
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING


def test_control_without_signature_and_question_a_forged_message_is_a_free_order(
    local_stripe, client, monkeypatch, order, page
):
    believe_messages(monkeypatch, State.PAID)
    assert post(client, forged(page), header="t=1,v1=forged").status_code == 400
    work()
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING, "the signature alone holds it, too"
    monkeypatch.setattr(stripe.WebhookSignature, "verify_header", lambda *_arguments: True)
    assert post(client, forged(page), header="t=1,v1=forged").status_code == 200
    work()
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert local_stripe.store.newest("charge") == [], "and nobody has paid"


def test_control_without_the_tolerance_an_old_message_is_taken_again(client, monkeypatch):
    long_ago = int(time.time()) - 86_400
    assert post(client, EVENT, timestamp=long_ago).status_code == 400
    monkeypatch.setattr(views, "SIGNATURE_TOLERANCE_SECONDS", None)
    assert post(client, EVENT, timestamp=long_ago).status_code == 200
    assert WebhookEvent.objects.count() == 1


FOREIGN = {"livemode": True}, {"account": "acct_other"}


def hand_in(local_stripe, client, page, fields):
    """The provider's own message about a payment of ours, but of another account or mode."""
    local_stripe.pay(page)
    (event,) = local_stripe.events("checkout.session.completed")
    post(client, {**event, **fields})
    work()


@pytest.mark.parametrize("fields", FOREIGN, ids=["mode", "account"])
def test_a_message_of_another_mode_or_account_settles_nothing_and_is_seen(local_stripe, client, order, page, fields):
    hand_in(local_stripe, client, page, fields)
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING
    assert WebhookEvent.objects.get().state == WebhookEvent.State.FAILED


@pytest.mark.parametrize(
    "fields, guard", [(FOREIGN[0], "_is_of_our_mode"), (FOREIGN[1], "_is_for_us")], ids=["mode", "account"]
)
def test_control_without_a_look_at_mode_and_account_it_is_acted_upon_in_silence(
    local_stripe, client, monkeypatch, order, page, fields, guard
):
    monkeypatch.setattr(webhooks, guard, lambda _message: True)
    hand_in(local_stripe, client, page, fields)
    order.refresh_from_db()
    assert order.status == Order.Status.PAID
    assert WebhookEvent.objects.get().state == WebhookEvent.State.DONE


# --- money that goes back ------------------------------------------------------------------------------------------
def by_rounding_down(total, weights):
    return [total * weight // sum(weights) for weight in weights]


def test_control_shares_that_are_rounded_lose_rupiah(local_stripe, client, monkeypatch, order, page):
    settle_paid(local_stripe, client, page)
    monkeypatch.setattr(refund_plans, "split_by_largest_remainder", by_rounding_down)
    monkeypatch.setattr(refund_plans, "_within", lambda _limits, shares: list(shares))
    for number, amount in enumerate((21_666, 21_667, 21_667)):
        refund(order, lambda parts, amount=amount: refund_plans.of_amount(parts, amount), origin=f"a{number}")
    assert sum(made.amount for made in Refund.objects.all()) < 65_000


def test_control_a_refund_without_the_shops_share_is_paid_by_the_site(local_stripe, client, monkeypatch, order, page):
    settle_paid(local_stripe, client, page)
    monkeypatch.setattr(part_refunds, "book_shares", lambda *_arguments, **_named: None)
    refund(order, whole_of("Dinoyo"))
    work()
    assert local_stripe.store.newest("refund")[0]["amount"] == 2_500_000
    assert payable(order, "Dinoyo") == 25_000, "the shop is still owed what the buyer has back"
    assert balance(account=Account.REFUND_IN_TRANSIT) == 25_000, "and nobody knows who gave it"


def test_control_a_failure_after_success_that_is_not_followed_is_silent(local_stripe, client, monkeypatch, order, page):
    table = {**Refund.MACHINE.table, Refund.Status.SUCCEEDED: ()}
    monkeypatch.setattr(Refund, "MACHINE", StateMachine("refund", table))
    settle_paid(local_stripe, client, page)
    refund(order, whole_of("Dinoyo"))
    work()
    local_stripe.act("refund.fail", local_stripe.store.newest("refund")[0]["id"])
    local_stripe.deliver(client)
    work()
    order.refresh_from_db()
    assert (Refund.objects.get().status, order.needs_review) == ("succeeded", False)
    assert compare_balance() == 25_000, "the money is with us, the buyer without it"


def open_dispute(local_stripe, client):
    local_stripe.act("dispute.open", local_stripe.store.newest("charge")[0]["id"])
    local_stripe.deliver(client)
    work()


def test_control_a_lost_dispute_that_is_not_charged_leaves_the_shop_its_money(
    local_stripe, client, monkeypatch, order, page
):
    monkeypatch.setattr("marketplace.payments.services.disputes._charge_shops", lambda *_arguments: None)
    settle_paid(local_stripe, client, page)
    open_dispute(local_stripe, client)
    local_stripe.act("dispute.lose", local_stripe.store.newest("dispute")[0]["id"])
    local_stripe.deliver(client)
    work()
    assert payable(order, "Sanan") == 36_000
    assert balance(account=Account.DISPUTE) == 65_000, "the bank has it, the shops are owed it"


def test_control_a_dispute_whose_movements_are_not_told_apart_is_booked_twice(
    local_stripe, client, monkeypatch, order, page
):
    monkeypatch.setattr(
        "marketplace.payments.services.disputes.post_entry",
        lambda **entry: post_entry(**entry | {"reference": secrets.token_hex(8)}),
    )
    settle_paid(local_stripe, client, page)
    open_dispute(local_stripe, client)
    for event in local_stripe.events("charge.dispute.created"):
        post(client, {**event, "id": f"{event['id']}again"})
    work()
    assert balance(account=Account.DISPUTE) > 65_000


def test_control_while_the_bank_decides_nothing_else_goes_back(local_stripe, client, monkeypatch, order, page):
    settle_paid(local_stripe, client, page)
    open_dispute(local_stripe, client)
    with pytest.raises(DomainError):
        refund(order, lines_of("Sanan", 1))
    monkeypatch.setattr(part_refunds.Dispute, "OPEN", ())
    refund(order, lines_of("Sanan", 1))
    work()
    assert taken(local_stripe) == 50_000
    assert expected_at_provider() < 0, "the bank has all of it already, and 15.000 went back once more"


# --- a shop that is closed in the middle ---------------------------------------------------------------------------
def test_control_without_a_look_at_the_shop_a_suspended_one_goes_on_selling(monkeypatch):
    variant = make_variant(make_shop("Sanan"), "Keripik")
    Vendor.objects.update(status=Vendor.Status.SUSPENDED)
    with pytest.raises(DomainError):
        add_to_cart(cart=None, user=None, variant_id=variant.pk, quantity=1)
    everything = Variant.objects.select_related("product__vendor")
    monkeypatch.setattr("marketplace.carts.services.buyable_variants", lambda ids: everything.filter(pk__in=ids))
    assert add_to_cart(cart=None, user=None, variant_id=variant.pk, quantity=1).cart.lines.count() == 1


def test_control_without_a_look_at_the_shop_a_suspended_one_is_paid_out(monkeypatch):
    shop = payable_shop()
    Vendor.objects.update(status=Vendor.Status.SUSPENDED)
    with pytest.raises(DomainError):
        prepare_payout(vendor_id=shop.pk, actor=operator())
    monkeypatch.setattr("marketplace.payouts.services.payouts.why_not", lambda **_arguments: "")
    assert prepare_payout(vendor_id=shop.pk, actor=operator()).amount == 110_000


# --- the last piece ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_two_buyers_for_the_last_piece_one_gets_a_payment_page(local_stripe):
    last = make_variant(make_shop("Dapur Tempe"), "Keripik", stock=1)
    carts = [add_to_cart(cart=None, user=None, variant_id=last.pk, quantity=1).cart.pk for _buyer in range(2)]
    results = at_once(2, lambda number: buy(last, carts[number], number))
    assert sorted(type(result) for result in results if isinstance(result, str)) == [str]
    (refused,) = [result for result in results if not isinstance(result, str)]
    assert isinstance(refused, DomainError), refused
    assert refused.code in ("insufficient_stock", "cart_empty")
    assert len(local_stripe.store.newest("checkout.session")) == 1
    assert StockItem.objects.get().available == 0


@pytest.mark.django_db(transaction=True)
def test_control_without_the_promise_both_get_one(local_stripe, monkeypatch):
    monkeypatch.setattr("marketplace.checkout.services.take_stock", lambda **_arguments: None)
    last = make_variant(make_shop("Dapur Tempe"), "Keripik", stock=1)
    carts = [add_to_cart(cart=None, user=None, variant_id=last.pk, quantity=1).cart.pk for _buyer in range(2)]
    results = [buy(last, cart, number) for number, cart in enumerate(carts)]
    assert len(set(results)) == len(local_stripe.store.newest("checkout.session")) == 2


def buy(variant, cart_id, number):
    """Place the order and open its page; returns the page's address."""
    placed = place_order(
        cart_id=cart_id,
        buyer=None,
        contact=Contact(name="Sinta", email="sinta@contoh.id", phone="+6281234567890"),
        address=Address(),
        deliveries={variant.product.vendor_id: "pickup"},
        payment_method=PaymentMethod.STRIPE,
        checkout_key=f"key-{number:020}",
        language="id",
    )
    return open_session(attempt_id=placed.payment_attempts.get().pk)
