"""Money that does not add up is seen by operators, who can do something about it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from marketplace.audit.selectors import events_about
from marketplace.inventory.models import StockItem
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance
from marketplace.orders.models import PaymentMethod
from marketplace.orders.services import flag_for_review
from marketplace.outbox.models import PeriodicRun
from marketplace.outbox.services import process_due
from marketplace.payments import refund_plans
from marketplace.payments.models import Finding, PaymentAttempt, Refund, WebhookEvent
from marketplace.payments.provider_words import provider_words
from marketplace.payments.providers.base import RefundSnapshot
from marketplace.payments.services import (
    check_books,
    compare_balance,
    create_attempt,
    note_refund,
    open_session,
    reconcile,
    refund_parts,
)
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db
LIST = "payments_admin:review"


@pytest.fixture
def order(scene, local_stripe):
    return make_order([(scene.variant, 1)])


def fill(scene, count):
    """`count` rows in each list."""
    StockItem.objects.filter(variant=scene.variant).update(on_hand=100)
    for _row in range(count):
        order = make_order([(scene.variant, 1)])
        attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
        Refund.objects.create(
            attempt=attempt, amount=1, reason="late", status="failed", idempotency_key=f"r{order.pk}", failure="lost"
        )
        flag_for_review(order_id=order.pk, reason="The amount or currency that was paid is not the order's.")
        WebhookEvent.objects.create(
            provider="stripe", event_id=f"evt_{order.pk}", kind="refund.failed", body="{}", state="failed"
        )
        Finding.objects.create(kind="stock_out_of_step", reference=f"stock {order.pk}", detail="1 ≠ 2")


def test_an_empty_list_says_that_all_is_well(operator_client):
    page = operator_client.get(reverse(LIST))
    assert page.status_code == 200
    assert 'class="listing"' not in page.content.decode()


def test_the_list_shows_each_kind(scene, order, operator_client):
    fill(scene, 1)
    page = operator_client.get(reverse(LIST)).content.decode()
    for text in ("LN-TEST-00002", "Rp", "refund.failed", "lost", "1 ≠ 2"):
        assert text in page


def count_queries(client):
    """(queries of the page about money, all queries of the page with the admin's own around it)."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(LIST)).status_code == 200
    money = [query for query in captured if re.search(r'FROM "(payments|orders)_', query["sql"])]
    return len(money), len(captured)


def test_the_number_of_queries_does_not_grow(scene, order, operator_client):
    fill(scene, 1)
    operator_client.get(reverse(LIST))
    few = count_queries(operator_client)
    fill(scene, 6)
    # orders, their attempts, these' refunds; failed refunds, their lines; to be put down; by hand; disputes; messages;
    # findings
    assert few[0] == 10
    assert count_queries(operator_client) == few


def test_an_order_that_was_dealt_with_leaves_the_list_with_a_trace(scene, order, operator_client):
    flag_for_review(order_id=order.pk, reason="because")
    operator_client.post(reverse("payments_admin:reviewed", args=[order.pk]), {"note": "refunded by hand"})
    order.refresh_from_db()
    assert order.needs_review is False
    event = events_about(order).get(action="payments.reviewed")
    assert event.data == {"reason": "because", "note": "refunded by hand"}
    assert event.actor == scene.people["operator"]


def test_what_was_dealt_with_does_not_come_back_for_the_same_reason(local_stripe, order, operator_client):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    page = open_session(attempt_id=attempt.pk)
    local_stripe.pay(page)
    attempt.refresh_from_db()
    local_stripe.patch(attempt.session_id, amount_total=1)
    ask = reverse("payments_admin:ask", args=[attempt.pk])
    operator_client.post(ask)
    order.refresh_from_db()
    assert order.needs_review is True
    operator_client.post(reverse("payments_admin:reviewed", args=[order.pk]), {"note": "x"})
    operator_client.post(ask)
    order.refresh_from_db()
    assert order.needs_review is False


def test_asking_the_provider_settles(local_stripe, order, operator_client):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    operator_client.post(reverse("payments_admin:ask", args=[attempt.pk]))
    attempt.refresh_from_db()
    assert attempt.status == PaymentAttempt.Status.PAID


def test_a_failed_refund_is_paid_by_hand_and_confirmed(scene, operator_client, local_stripe):
    order = make_order([(scene.variant, 1)])
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    local_stripe.pay(open_session(attempt_id=attempt.pk))
    operator_client.post(reverse("payments_admin:ask", args=[attempt.pk]))
    (made,) = refund_parts(order_id=order.pk, plan=refund_plans.whole, reason="cancelled", origin="t")
    note_refund(refund_id=made.pk, snapshot=RefundSnapshot("", "failed", made.amount, failure="closed"))
    assert "closed" in operator_client.get(reverse(LIST)).content.decode()
    operator_client.post(reverse("payments_admin:repeat_refund", args=[made.pk]), {"channel": "operator"})
    again = Refund.objects.get(replaces=made)
    operator_client.post(reverse("payments_admin:paid_by_hand", args=[again.pk]), {"note": ""})
    again.refresh_from_db()
    assert again.status == "requested", "without a word there is no trace, so nothing happened"
    operator_client.post(reverse("payments_admin:paid_by_hand", args=[again.pk]), {"note": "BRI"})
    again.refresh_from_db()
    order.refresh_from_db()
    assert (again.status, order.status) == ("succeeded", "refunded")


def test_the_page_of_reconciliation_says_what_differs_since_when_and_what_was_done(
    scene, order, local_stripe, operator_client
):
    page = reverse("payments_admin:reconciliation")
    operator_client.post(reverse("payments_admin:check_now"))
    assert Finding.objects.count() == 0
    local_stripe.sandbox.engine.move(source="somebody", kind="adjustment", amount=-12_300)
    operator_client.post(reverse("payments_admin:check_now"))
    finding = Finding.objects.get(kind="clearing_differs")
    assert "123" in finding.detail
    operator_client.post(reverse("payments_admin:handle_finding", args=[finding.pk]), {"note": "asked Stripe"})
    text = operator_client.get(page).content.decode()
    assert "asked Stripe" in text
    local_stripe.sandbox.engine.move(source="somebody", kind="adjustment", amount=12_300)
    operator_client.post(reverse("payments_admin:check_now"))
    finding.refresh_from_db()
    assert finding.resolved_at is not None
    assert "asked Stripe" in operator_client.get(page).content.decode(), "nothing is ever silently dropped"


def test_reconciliation_names_its_checks_in_words(operator_client):
    PeriodicRun.objects.create(name="payments.check_books", last_finished_at=timezone.now())
    html = operator_client.get(reverse("payments_admin:reconciliation")).content.decode()
    assert "Pembukuan dan saldo, tiap hari" in html
    assert "check_books" not in html


def test_what_the_provider_pays_out_to_our_bank_is_booked_once(local_stripe, order):
    local_stripe.pay(open_session(attempt_id=create_attempt(order=order, method=PaymentMethod.STRIPE).pk))
    reconcile()
    process_due(topics=["payments.webhook"])
    assert compare_balance() == 0
    local_stripe.sandbox.engine.move(source="po_1", kind="payout", amount=-500_000)
    assert compare_balance() == compare_balance() == 0
    assert balance(account=Account.BANK) == 5_000


@pytest.mark.parametrize(
    "kind, model, age",
    [("refund_stuck", Refund, 12), ("payment_stuck", PaymentAttempt, 6)],
)
def test_what_takes_too_long_is_found(local_stripe, order, kind, model, age):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    if model is Refund:
        PaymentAttempt.objects.update(refunded=1, status="paid")
        Refund.objects.create(attempt=attempt, amount=1, reason="late", idempotency_key="r")
    model.objects.update(created_at=timezone.now() - timedelta(days=age))
    assert check_books() == 1
    assert Finding.objects.get().kind == kind


def test_refunds_that_were_miscounted_are_found(local_stripe, order):
    attempt = create_attempt(order=order, method=PaymentMethod.STRIPE)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(refunded=5)
    check_books()
    assert Finding.objects.get().kind == "refunds_out_of_step"


def test_the_daily_check_finds_and_forgets(scene, order):
    assert check_books() == 0
    JournalEntry.objects.create(kind="odd", reference="1", occurred_at=timezone.now())
    StockItem.objects.filter(variant=scene.variant).update(reserved=0)
    assert check_books() == 2
    assert check_books() == 2
    assert set(Finding.objects.values_list("reference", flat=True)) >= {"odd 1"}
    StockItem.objects.filter(variant=scene.variant).update(reserved=1)
    assert check_books() == 1


def test_the_providers_codes_are_said_in_words(db):
    with translation.override("id"):
        assert provider_words("expired_or_canceled_card") == "kartunya kedaluwarsa atau sudah ditutup"
        assert provider_words("what_stripe_says_tomorrow") == "what_stripe_says_tomorrow"


def test_operators_see_on_their_first_screen_what_waits_and_others_do_not(order, operator_client, editor_client):
    flag_for_review(order_id=order.pk, reason="amount_mismatch")
    home = reverse("wagtailadmin_home")
    what_waits = re.compile(rf'<a href="{reverse(LIST)}">[^<]+: <b>1</b></a>')
    assert what_waits.search(operator_client.get(home).content.decode())
    assert reverse(LIST) not in editor_client.get(home).content.decode()
