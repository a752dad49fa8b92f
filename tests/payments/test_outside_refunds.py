"""Refunds made in Stripe's own dashboard: booked once, put down to the shops, seen by everybody concerned."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from marketplace.audit.selectors import events_about
from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance
from marketplace.orders.models import Order, OrderLine, PartHold, SubOrder
from marketplace.orders.services import hold_parts
from marketplace.outbox.services import process_due
from marketplace.payments import refund_plans
from marketplace.payments.models import PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.selectors import proposed_shares, refunds_made_outside, refunds_to_assign, refunds_to_review
from marketplace.payments.services import (
    assign_refund,
    check_books,
    create_attempt,
    open_session,
    outside_refunds,
    reconcile,
    refund_parts,
    repeat_refund,
    retry_event,
    settle_returning,
    webhooks,
)
from marketplace.payouts.balances import standing_of
from tests.concurrency.threads import at_once
from tests.factories import base
from tests.factories.orders import make_order, make_shop, make_variant
from tests.local_stripe import REFUND_FAILS_LATER, session_id_of
from tests.payments.test_part_refunds import (
    TOPICS,
    assert_books_are_right,
    order,
    paid,
    part_of,
    pay,
    payable,
    refund,
    settle_all,
    whole_of,
)

pytestmark = pytest.mark.django_db
__all__ = ["order", "paid"]


def in_dashboard(local_stripe, amount=None):
    """Somebody sends money back on Stripe's own pages; nothing of ours is on it."""
    intent = local_stripe.store.newest("payment_intent")[0]["id"]
    params = {"payment_intent": intent} | ({"amount": amount * 100} if amount else {})
    return local_stripe.sdk.v1.refunds.create(params=params)


@pytest.fixture
def one_shop(local_stripe, client):
    """Rp40.000 at one shop: 2 × 15.000 and 10.000 for the delivery, 10 % commission on the goods."""
    order = make_order([(make_variant(make_shop("Sanan"), "Keripik"), 2)])
    order.suborders.update(commission=3_000, net=37_000)
    pay(local_stripe, client, order)
    return order


def test_at_an_order_of_one_shop_it_is_that_shops(local_stripe, client, one_shop):
    in_dashboard(local_stripe, 15_001)
    mail.outbox.clear()
    settle_all(local_stripe, client)
    made = Refund.objects.get()
    one_shop.refresh_from_db()
    assert (made.reason, made.status, made.amount, one_shop.status) == (
        "outside", "succeeded", 15_001, Order.Status.PART_REFUNDED,
    )  # fmt: skip
    assert part_of(one_shop, "Sanan").refunded_total == 15_001
    assert payable(one_shop, "Sanan") == 37_000 - 15_001 + part_of(one_shop, "Sanan").refunded_commission
    assert balance(account=Account.REFUND_UNASSIGNED) == balance(account=Account.REFUND_IN_TRANSIT) == 0
    owner = one_shop.suborders.get().vendor.members.get().user
    assert sorted(message.to[0] for message in mail.outbox) == sorted([one_shop.email, owner.email])
    assert all("15.001" in message.subject for message in mail.outbox)
    assert one_shop.needs_review is False, "nothing is left to do"
    assert_books_are_right()


def test_all_of_it_is_every_shops(local_stripe, client, paid):
    in_dashboard(local_stripe)
    settle_all(local_stripe, client)
    paid.refresh_from_db()
    assert paid.status == Order.Status.REFUNDED
    assert payable(paid, "Sanan") == payable(paid, "Dinoyo") == balance(account=Account.COMMISSION) == 0
    assert set(paid.suborders.values_list("status", flat=True)) == {SubOrder.Status.CANCELLED}, "nothing is sent"
    with pytest.raises(DomainError):
        refund(paid, lambda parts: refund_plans.of_amount(parts, 1))
    assert_books_are_right()


def test_what_is_left_after_our_own_refund_is_the_other_shops(local_stripe, client, paid):
    refund(paid, whole_of("Dinoyo"))
    settle_all(local_stripe, client)
    in_dashboard(local_stripe, 10_000)
    settle_all(local_stripe, client)
    assert part_of(paid, "Sanan").refunded_total == 10_000
    assert_books_are_right()


@pytest.fixture
def unclear(local_stripe, client, paid):
    """Rp20.000 of an order of two shops went back, and nothing says whose."""
    in_dashboard(local_stripe, 20_000)
    settle_all(local_stripe, client)
    return Refund.objects.get()


def test_whose_it_is_an_operator_says(local_stripe, client, paid, unclear):
    assert (unclear.status, unclear.is_unassigned) == ("succeeded", True)
    assert balance(account=Account.REFUND_UNASSIGNED) == 20_000
    assert payable(paid, "Sanan") == 37_000
    assert payable(paid, "Dinoyo") == 25_000
    assert set(paid.suborders.values_list("is_contested", flat=True)) == {True}, "nobody is paid out meanwhile"
    assert_books_are_right()
    mail.outbox.clear()
    operator = base.UserFactory()
    amounts = {part_of(paid, "Dinoyo").pk: 20_000}
    assert assign_refund(refund_id=unclear.pk, amounts=amounts, actor=operator) is True
    assert assign_refund(refund_id=unclear.pk, amounts=amounts, actor=operator) is False
    process_due(topics=TOPICS)
    assert balance(account=Account.REFUND_UNASSIGNED) == 0
    assert payable(paid, "Dinoyo") == 5_000
    assert payable(paid, "Sanan") == 37_000
    assert not PartHold.objects.exists()
    assert [message.to for message in mail.outbox] == [[part_of(paid, "Dinoyo").vendor.members.get().user.email]]
    assert events_about(unclear).get(action="payments.refund_assigned").actor == operator
    assert_books_are_right()


@pytest.mark.parametrize("shares", [(0, 0), (10_000, 9_999), (10_000, 10_001), (-5_000, 25_000), (0, 25_001)], ids=str)
def test_shares_that_do_not_add_up_change_nothing(paid, unclear, shares):
    amounts = {part_of(paid, name).pk: share for name, share in zip(("Sanan", "Dinoyo"), shares, strict=True)}
    with pytest.raises(DomainError):
        assign_refund(refund_id=unclear.pk, amounts=amounts, actor=base.UserFactory())
    with pytest.raises(DomainError):
        assign_refund(refund_id=unclear.pk, amounts={0: 20_000}, actor=base.UserFactory())
    assert balance(account=Account.REFUND_UNASSIGNED) == 20_000


def test_told_many_times_in_any_order_it_is_booked_once(local_stripe, client, paid):
    local_stripe.fault("duplicate", "refund.*", copies=3)
    local_stripe.fault("reorder", "refund.*")
    in_dashboard(local_stripe, 20_000)
    settle_all(local_stripe, client)
    for event in [*reversed(local_stripe.events()), *local_stripe.events()]:
        local_stripe.post_event(client, event["id"])
        local_stripe.post_event(client, event["id"])
    settle_all(local_stripe, client)
    assert Refund.objects.count() == 1
    assert JournalEntry.objects.filter(kind__startswith="refund.").count() == 2
    assert PaymentAttempt.objects.get().refunded == 20_000
    assert_books_are_right()


def test_control_without_a_look_for_the_one_we_have_it_would_be_booked_again(
    local_stripe, client, monkeypatch, paid, unclear
):
    """Each message under another name, as if the refund's own did not count."""
    stripe = webhooks.PROVIDERS["stripe"]
    snapshot = stripe.retrieve_refund(refund_id=unclear.provider_refund_id)
    monkeypatch.setattr(stripe, "retrieve_refund", lambda *, refund_id: replace(snapshot, refund_id=refund_id))
    event = local_stripe.events("refund.created")[0]
    event["id"], event["data"]["object"]["id"] = "evt_again", "re_again"
    webhooks.receive_event(provider="stripe", body=json.dumps(event))
    process_due(topics=TOPICS)
    assert Refund.objects.count() == 2
    assert balance(account=Account.REFUND_UNASSIGNED) == 40_000, "20.000 went back"


def test_before_the_message_of_the_payment_the_payment_is_settled_first(local_stripe, client, order):
    page = open_session(attempt_id=create_attempt(order=order, method="stripe").pk)
    local_stripe.pay(page)
    in_dashboard(local_stripe)
    local_stripe.waiting()
    for event in local_stripe.events("refund.created"):
        local_stripe.post_event(client, event["id"])
    process_due(topics=TOPICS)
    order.refresh_from_db()
    assert order.status == Order.Status.REFUNDED
    settle_all(local_stripe, client)
    assert Refund.objects.count() == JournalEntry.objects.filter(kind="payment").count() == 1
    assert_books_are_right()


def test_a_lost_message_is_found_by_the_reconciler(local_stripe, client, one_shop):
    local_stripe.fault("drop", "refund.*", times=5)
    in_dashboard(local_stripe, 10_000)
    settle_all(local_stripe, client)
    assert Refund.objects.count() == 0
    reconcile()
    settle_all(local_stripe, client)
    assert Refund.objects.get().amount == 10_000
    assert_books_are_right()


def test_more_than_is_left_here_waits_for_ours_and_is_seen(local_stripe, client, paid):
    """Ours was written down and not sent yet when somebody sent it in the dashboard."""
    ours = refund(paid, refund_plans.whole)[0]
    in_dashboard(local_stripe)
    local_stripe.deliver(client)
    process_due(topics=["payments.webhook"])
    waiting = WebhookEvent.objects.get(kind="refund.created")
    assert waiting.state == WebhookEvent.State.FAILED
    assert "More went back" in waiting.last_error
    assert PaymentAttempt.objects.get().refunded == 65_000, "never more than was paid"
    settle_all(local_stripe, client)
    ours.refresh_from_db()
    assert ours.status == Refund.Status.FAILED, "the provider has nothing left to send"
    retry_event(event_pk=waiting.pk)
    settle_all(local_stripe, client)
    theirs = Refund.objects.get(replaces=ours)
    paid.refresh_from_db()
    assert (theirs.status, theirs.amount, paid.status) == ("succeeded", 65_000, Order.Status.REFUNDED)
    assert balance(account=Account.BUYER_SUSPENSE) == 0
    assert not refunds_to_review().exists()
    assert_books_are_right()


def test_a_refund_that_failed_and_was_sent_again_in_the_dashboard_is_that_refund(local_stripe, client, order):
    pay(local_stripe, client, order, card=REFUND_FAILS_LATER)
    (failed,) = refund(order, whole_of("Dinoyo"))
    settle_all(local_stripe, client)
    local_stripe.act("refund.fail", local_stripe.store.newest("refund")[0]["id"])
    settle_all(local_stripe, client)
    assert list(refunds_to_review()) == [failed]
    in_dashboard(local_stripe, 25_000)
    settle_all(local_stripe, client)
    again = Refund.objects.get(replaces=failed)
    assert (again.status, again.reason, again.lines.count()) == ("succeeded", "again", 0)
    assert balance(account=Account.BUYER_SUSPENSE) == 0
    assert payable(order, "Dinoyo") == 0, "given back once"
    assert not refunds_to_review().exists()
    assert_books_are_right()


def test_one_that_fails_there_before_it_was_put_down_leaves_nothing(local_stripe, client, paid, unclear):
    local_stripe.act("refund.fail", unclear.provider_refund_id)
    settle_all(local_stripe, client)
    unclear.refresh_from_db()
    paid.refresh_from_db()
    assert (unclear.status, paid.needs_review) == ("failed", True)
    for account in (Account.REFUND_UNASSIGNED, Account.REFUND_IN_TRANSIT, Account.BUYER_SUSPENSE):
        assert balance(account=account) == 0
    assert not PartHold.objects.exists()
    assert not refunds_to_assign().exists()
    assert not refunds_to_review().exists()
    with pytest.raises(DomainError):
        repeat_refund(refund_id=unclear.pk, channel="provider", actor=base.UserFactory())
    with pytest.raises(DomainError):
        assign_refund(refund_id=unclear.pk, amounts={}, actor=base.UserFactory())
    assert_books_are_right()


def test_one_that_had_failed_before_we_heard_of_it_is_seen(local_stripe, client, one_shop):
    made = in_dashboard(local_stripe, 10_000)
    local_stripe.act("refund.fail", made.id)
    settle_all(local_stripe, client)
    one_shop.refresh_from_db()
    assert one_shop.needs_review is True
    assert Refund.objects.count() == 0
    assert_books_are_right()


def test_money_that_was_nobodys_sale_stays_out_of_the_shops_books(local_stripe, client, one_shop):
    """The second payment of an order: its own refund failed, and the dashboard sends a part of it."""
    second = PaymentAttempt.objects.create(
        order=one_shop, provider="stripe", method="stripe", amount=40_000, status="open"
    )
    PaymentAttempt.objects.filter(pk=second.pk).update(status="failed")
    request = PaymentAttempt.objects.get(status="paid").request_json | {"client_reference_id": second.idempotency_key}
    session = local_stripe.sdk.v1.checkout.sessions.create(params=request)
    PaymentAttempt.objects.filter(pk=second.pk).update(session_id=session.id)
    local_stripe.pay(session.url, card=REFUND_FAILS_LATER)
    settle_returning(session_id=session_id_of(session.url))
    settle_all(local_stripe, client)
    local_stripe.act("refund.fail", local_stripe.store.newest("refund")[0]["id"])
    settle_all(local_stripe, client)
    assert balance(account=Account.BUYER_SUSPENSE) == -40_000
    in_dashboard(local_stripe, 15_000)
    settle_all(local_stripe, client)
    assert refunds_made_outside().get().reason == Refund.Reason.DUPLICATE
    assert balance(account=Account.BUYER_SUSPENSE) == -25_000
    assert payable(one_shop, "Sanan") == 37_000
    one_shop.refresh_from_db()
    assert one_shop.status == Order.Status.PAID
    assert check_books() == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_two_messages_about_it_book_it_once(local_stripe, client, one_shop):
    made = in_dashboard(local_stripe, 10_000)
    local_stripe.deliver(client)
    ids = list(WebhookEvent.objects.filter(kind__startswith="refund.").values_list("pk", flat=True))
    subject = local_stripe.store.get(made.id)
    for number in range(7):
        event = {"id": f"evt_{number}", "type": "refund.updated", "created": 1, "data": {"object": subject}}
        webhooks.receive_event(provider="stripe", body=json.dumps(event))
    ids = list(WebhookEvent.objects.filter(kind__startswith="refund.").values_list("pk", flat=True))
    assert at_once(len(ids), lambda number: webhooks.handle_event(event_pk=ids[number])) == [None] * len(ids)
    assert Refund.objects.count() == 1
    assert part_of(one_shop, "Sanan").refunded_total == 10_000
    assert check_books() == 0


def test_control_without_the_hold_a_shop_is_paid_what_the_buyer_has_back(local_stripe, client, monkeypatch, paid):
    monkeypatch.setattr(outside_refunds, "hold_parts", lambda **_arguments: 0)
    in_dashboard(local_stripe, 20_000)
    settle_all(local_stripe, client)
    long_ago = timezone.now() - timedelta(days=30)
    SubOrder.objects.update(status=SubOrder.Status.DELIVERED, delivered_at=long_ago)
    due = [standing_of(vendor_id=part.vendor_id).available for part in paid.suborders.order_by("pk")]
    assert sum(due) == 62_000, "all of it, although 20.000 are back with the buyer"
    hold_parts(suborder_ids=paid.suborders.values_list("pk", flat=True), cause="test")
    assert [standing_of(vendor_id=part.vendor_id).available for part in paid.suborders.all()] == [0, 0]


def test_control_without_the_count_more_would_be_back_than_was_paid(local_stripe, client, monkeypatch, paid):
    monkeypatch.setattr(outside_refunds, "take_from_payment", lambda **_arguments: None)
    refund(paid, lambda parts: refund_plans.of_amount(parts, 60_000))
    in_dashboard(local_stripe, 20_000)
    local_stripe.deliver(client)
    process_due(topics=["payments.webhook"])
    assert sum(Refund.objects.values_list("amount", flat=True)) == 80_000, "of 65.000"
    assert check_books() == 1, "and the daily check says so"


# --- screens -------------------------------------------------------------------------------------------------------
def test_the_operator_sees_it_and_puts_it_down(operator_client, paid, unclear):
    page = operator_client.get(reverse("payments_admin:review")).content.decode()
    sanan, dinoyo = part_of(paid, "Sanan"), part_of(paid, "Dinoyo")
    assert 'value="12308"' in page, "40.000 of 65.000, rounded by largest remainder"
    assert 'value="7692"' in page
    act = reverse("payments_admin:assign_refund", args=[unclear.pk])
    operator_client.post(act, {f"share-{sanan.pk}": "x", f"share-{dinoyo.pk}": "1"})
    operator_client.post(act, {f"share-{sanan.pk}": "1", f"share-{dinoyo.pk}": "1"})
    assert unclear.is_unassigned
    reconciliation = reverse("payments_admin:reconciliation")
    assert unclear.provider_refund_id in operator_client.get(reconciliation).content.decode()
    operator_client.post(act, {f"share-{sanan.pk}": "12308", f"share-{dinoyo.pk}": "7692"})
    assert not unclear.is_unassigned
    assert "Sanan, Dinoyo" in operator_client.get(reconciliation).content.decode()
    assert "share-" not in operator_client.get(reverse("payments_admin:review")).content.decode()


def test_buyer_and_shop_see_it_on_the_order(client, one_shop, local_stripe):
    in_dashboard(local_stripe, 10_000)
    settle_all(local_stripe, client)
    assert "10.000" in client.get(one_shop.get_absolute_url()).content.decode().split("Uang kembali")[-1]
    part = one_shop.suborders.get()
    client.force_login(part.vendor.members.get().user)
    shop = client.get(reverse("portal:order", args=[part.vendor.slug, part.pk])).content.decode()
    assert "−Rp10.000" in shop


def test_the_local_stripe_gives_half_back_at_a_click(local_stripe, client, one_shop):
    local_stripe.act("charge.refund", local_stripe.store.newest("charge")[0]["id"])
    settle_all(local_stripe, client)
    assert Refund.objects.get().amount == 20_000


def test_the_list_asks_the_same_however_many_there_are(
    operator_client, paid, unclear, local_stripe, client, django_assert_num_queries
):
    def count():
        # The refunds, the parts of their orders with their shops, and the lines of these.
        with django_assert_num_queries(3):
            return [proposed_shares(refund=row) for row in refunds_to_assign()]

    assert len(count()) == 1
    in_dashboard(local_stripe, 5_000)
    settle_all(local_stripe, client)
    assert len(count()) == 2


def test_what_a_bank_took_meanwhile_is_no_longer_proposed(operator_client, paid, unclear):
    # As after a dispute that was lost: only the delivery of one shop is left.
    OrderLine.objects.filter(suborder__order=paid).update(refunded_amount=F("total"))
    paid.suborders.filter(vendor__name="Dinoyo").update(refunded_shipping=10_000)

    shares = proposed_shares(refund=unclear)

    assert sum(share.proposed for share in shares) == 10_000 < unclear.amount
    # The operators' list stands, and says what does not fit.
    assert operator_client.get(reverse("payments_admin:review")).status_code == 200
    act = reverse("payments_admin:assign_refund", args=[unclear.pk])
    answer = operator_client.post(act, {f"share-{share.part.pk}": str(share.proposed) for share in shares}, follow=True)
    assert [str(message) for message in answer.context["messages"]]
    assert unclear.is_unassigned


def test_what_is_refunded_here_is_not_taken_for_one_from_outside(local_stripe, client, paid):
    refund_parts(order_id=paid.pk, plan=whole_of("Dinoyo"), reason=Refund.Reason.OFFERED, origin="t")
    settle_all(local_stripe, client)
    for event in local_stripe.events("refund.created"):
        local_stripe.post_event(client, event["id"])
    settle_all(local_stripe, client)
    assert Refund.objects.count() == 1
    assert not refunds_made_outside().exists()
