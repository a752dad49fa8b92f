"""Money that somebody sent back in Stripe's dashboard, and the requests about the same parts that are open."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from marketplace.aftersales import pages, services
from marketplace.aftersales.models import RefundRequest, RequestEvent
from marketplace.audit.selectors import events_about
from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance
from marketplace.notifications.models import Notification
from marketplace.orders.models import Order, PartHold, SubOrder
from marketplace.payments.models import Refund
from marketplace.payments.services import assign_refund, check_books, compare_balance, confirm_by_hand, repeat_refund
from tests.aftersales.conftest import Deal
from tests.aftersales.test_requests import ask, operator
from tests.concurrency.threads import at_once
from tests.factories import base
from tests.payments.test_outside_refunds import in_dashboard

pytestmark = pytest.mark.django_db
Status = RefundRequest.Status
REFUND_TAKES_A_WHILE = "4000 0000 0000 7726"
__all__ = ["operator"]


def put_down_to_sanan(deal):
    """What is not put down yet is Sanan's, says an operator."""
    refund = Refund.objects.get(reason="outside", lines=None)
    assign_refund(refund_id=refund.pk, amounts={deal.part.pk: refund.amount}, actor=base.UserFactory())
    deal.settle()


def kinds(request):
    return list(request.events.values_list("kind", flat=True))


def test_everything_back_in_the_dashboard_settles_an_open_request(deal, local_stripe):
    deal.go_to("delivered")
    request = ask(deal)
    mail.outbox.clear()
    in_dashboard(local_stripe)
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.amount, request.due_at) == (Status.DONE, 40_000, None)
    assert request.closed_at is not None
    assert (deal.order.status, deal.part.status) == (Order.Status.REFUNDED, SubOrder.Status.RETURNED)
    assert not PartHold.objects.exists()
    assert kinds(request) == ["asked", "settled", "refunded"]
    assert events_about(request).filter(action="aftersales.settled").exists()
    said = [step.title for step in pages.timeline(request)]
    assert "Rp40.000" in said[1]
    assert "penyedia pembayaran" in said[1], "the history says why"
    told = [mail_.body for mail_ in mail.outbox if mail_.to == [deal.order.email]]
    assert any("permintaanmu" in body for body in told)
    assert any("Permintaannya ditutup" in mail_.body for mail_ in mail.outbox if mail_.to == [deal.owner.email])
    assert Notification.objects.filter(user=deal.owner, kind="refund_request_shop").count() == 2, "asked, settled"
    with pytest.raises(DomainError):
        ask(deal)
    assert check_books() == compare_balance() == 0


@pytest.mark.parametrize("status", ["escalated", "returning", "sent_back"])
def test_wherever_it_stands(deal, local_stripe, status):
    deal.go_to("delivered")
    request = ask(deal)
    if status == "escalated":
        services.keep_terms(now=timezone.now() + timedelta(days=30))
    else:
        services.approve_request(request_id=request.pk, actor=deal.owner, needs_return=True)
    if status == "sent_back":
        services.note_sent_back(request_id=request.pk, actor=None, courier="JNE", tracking_number="B7")
    in_dashboard(local_stripe)
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.due_at) == (Status.DONE, None)
    assert kinds(request)[-2:] == ["settled", "refunded"]
    assert services.keep_terms(now=timezone.now() + timedelta(days=90)) == {"reminded": 0, "escalated": 0, "lapsed": 0}
    assert services.note_received(request_id=request.pk, actor=deal.owner, can_be_sold=True) is False


def test_of_several_shops_it_counts_when_an_operator_has_said_whose_it_was(deal, local_stripe):
    deal.go_to("delivered")
    request = ask(deal, scope="amount", amount=12_000)
    in_dashboard(local_stripe, 12_000)
    deal.settle()
    request.refresh_from_db()
    assert request.status == Status.ASKED
    put_down_to_sanan(deal)
    request.refresh_from_db()
    assert request.status == Status.DONE
    assert deal.part.is_contested is False
    assert deal.part.status == SubOrder.Status.DELIVERED, "the rest stays sold"


def test_less_than_was_asked_stays_open_with_the_rest(deal, local_stripe, client):
    deal.go_to("delivered")
    request = ask(deal, scope="lines", quantities={deal.line(): 1}, reason="wrong")
    mail.outbox.clear()
    in_dashboard(local_stripe, 10_000)
    deal.settle()
    put_down_to_sanan(deal)
    request.refresh_from_db()
    assert (request.status, request.amount_asked, request.amount) == (Status.ASKED, 15_000, 5_000)
    assert request.due_at is not None
    assert deal.part.is_contested is True
    assert any("Rp5.000" in mail_.body for mail_ in mail.outbox if mail_.to == [deal.order.email])
    page = client.get(reverse("aftersales:request", args=[deal.order.number, deal.order.token, request.pk]))
    assert "Rp5.000" in page.content.decode()
    with pytest.raises(DomainError):
        services.approve_request(request_id=request.pk, actor=deal.owner, amount=5_001)
    services.approve_request(request_id=request.pk, actor=deal.owner)
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.amount_granted, request.amount) == (Status.DONE, 15_000, 5_000)
    assert deal.part.refunded_total == 15_000, "together what was asked"
    assert check_books() == compare_balance() == 0


def test_told_again_it_counts_once(deal, local_stripe):
    deal.go_to("delivered")
    request = ask(deal)
    in_dashboard(local_stripe, 10_000)
    deal.settle()
    put_down_to_sanan(deal)
    refund = Refund.objects.get()
    assert services.count_outside_refund(refund_id=refund.pk, put_down_at=timezone.now()) == 0
    request.refresh_from_db()
    assert request.amount == 30_000
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestEvent.objects.create(request=request, kind="partly", by="site", refund=refund, amount=1)


def test_control_without_the_look_at_what_was_counted_it_would_count_again(deal, local_stripe):
    deal.go_to("delivered")
    request = ask(deal)
    in_dashboard(local_stripe, 10_000)
    deal.settle()
    put_down_to_sanan(deal)
    request.events.filter(kind="partly").delete()
    services.count_outside_refund(refund_id=Refund.objects.get().pk, put_down_at=timezone.now())
    request.refresh_from_db()
    assert request.amount == 20_000, "of 40.000 only 10.000 went back"


def test_who_asks_afterwards_asks_for_what_was_left(deal, local_stripe):
    deal.go_to("delivered")
    put_down_at = timezone.now()
    in_dashboard(local_stripe, 10_000)
    deal.settle()
    put_down_to_sanan(deal)
    request = ask(deal)
    assert request.amount == 30_000
    assert services.count_outside_refund(refund_id=Refund.objects.get().pk, put_down_at=put_down_at) == 0
    request.refresh_from_db()
    assert request.amount == 30_000


def test_one_whose_own_refund_is_on_its_way_follows_that(local_stripe, client):
    deal = Deal(local_stripe, client).pay(card=REFUND_TAKES_A_WHILE)
    deal.go_to("delivered")
    request = ask(deal, scope="amount", amount=10_000)
    services.approve_request(request_id=request.pk, actor=deal.owner)
    deal.settle()
    in_dashboard(local_stripe, 20_000)
    deal.settle()
    put_down_to_sanan(deal)
    request.refresh_from_db()
    assert (request.status, request.amount_outside) == (Status.REFUNDING, 0)
    assert kinds(request) == ["asked", "approved"]


def test_while_it_is_under_way_nobody_decides_and_when_it_fails_the_operators_do(deal, local_stripe, operator, client):
    deal.go_to("delivered")
    request = ask(deal)
    made = in_dashboard(local_stripe)
    deal.settle()
    local_stripe.act("refund.fail", made.id)
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.closed_at) == (Status.ESCALATED, None)
    assert deal.part.is_contested is True
    assert kinds(request) == ["asked", "settled", "refunded", "failed"]
    client.force_login(operator)
    failed = Refund.objects.get()
    again = repeat_refund(refund_id=failed.pk, channel="operator", actor=operator)
    assert services.refunds_outside(request) == [failed, again]
    assert services.approve_request(request_id=request.pk, actor=operator, as_operator=True) is True
    assert Refund.objects.count() == 2, "no third one"
    assert balance(account=Account.REFUND_IN_TRANSIT) == -65_000
    from_hand(again, operator)
    deal.settle()
    request.refresh_from_db()
    assert request.status == Status.DONE
    assert deal.part.is_contested is False


def test_a_message_that_comes_late_finds_how_it_ended(deal, local_stripe, operator):
    """The refund failed and was sent again before anybody heard that it was put down."""
    deal.go_to("delivered")
    request = ask(deal)
    made = in_dashboard(local_stripe)
    local_stripe.deliver(deal.client)
    topics = ["payments.webhook", "payments.refund_ended"]
    deal.settle(topics=topics)
    local_stripe.act("refund.fail", made.id)
    deal.settle(topics=topics)
    again = repeat_refund(refund_id=Refund.objects.get().pk, channel="operator", actor=operator)
    from_hand(again, operator)
    deal.settle(topics=topics)
    request.refresh_from_db()
    assert request.status == Status.ASKED
    deal.settle()
    request.refresh_from_db()
    assert request.status == Status.DONE
    assert kinds(request) == ["asked", "settled", "refunded"]


def from_hand(refund, operator):
    confirm_by_hand(refund_id=refund.pk, actor=operator, note="Transfer BCA 26 Nov")


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_count_it_once(deal, local_stripe):
    deal.go_to("delivered")
    request = ask(deal)
    in_dashboard(local_stripe, 10_000)
    deal.settle(topics=["payments.webhook"])
    refund = Refund.objects.get()
    assign_refund(refund_id=refund.pk, amounts={deal.part.pk: refund.amount}, actor=base.UserFactory())
    now = timezone.now()
    outcomes = at_once(6, lambda _number: services.count_outside_refund(refund_id=refund.pk, put_down_at=now))
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 1]
    request.refresh_from_db()
    assert request.amount == 30_000
    assert request.events.filter(refund=refund).count() == 1


def test_while_it_is_on_its_way_so_is_the_request(local_stripe, client):
    deal = Deal(local_stripe, client).pay(card=REFUND_TAKES_A_WHILE)
    deal.go_to("delivered")
    request = ask(deal)
    in_dashboard(local_stripe)
    deal.settle()
    request.refresh_from_db()
    assert (request.status, request.due_at, Refund.objects.get().status) == (Status.REFUNDING, None, "submitted")
    assert deal.part.is_contested is True
    with pytest.raises(DomainError):
        services.withdraw_request(request_id=request.pk, actor=None)
    assert services.approve_request(request_id=request.pk, actor=deal.owner) is False
    local_stripe.advance(86_400)
    deal.settle()
    request.refresh_from_db()
    assert request.status == Status.DONE
    assert kinds(request) == ["asked", "settled", "refunded"]
