"""What is contested is not paid out: an open request, a dispute, both, and what became contested on its way."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from marketplace.aftersales import services as aftersales
from marketplace.core.exceptions import DomainError
from marketplace.orders.models import PartHold, SubOrder
from marketplace.payments.models import PaymentAttempt
from marketplace.payments.providers.base import DisputeSnapshot
from marketplace.payments.services import note_dispute
from marketplace.payouts import services
from marketplace.payouts.balances import standing_of
from marketplace.payouts.models import Payout
from tests.factories.orders import make_shop
from tests.factories.payouts import operator, owner_of, payout_in, sold, with_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def later():
    """When the hold period of what was delivered three days ago is over."""
    return timezone.now() + timedelta(days=5)


@pytest.fixture
def part():
    shop = make_shop("Sanan")
    with_account(shop)
    return sold(shop, delivered_days_ago=3)


def ask(part):
    return aftersales.ask_refund(suborder_id=part.pk, actor=None, reason="damaged", scope="whole")


def decline(part, request):
    aftersales.decline_request(request_id=request.pk, actor=owner_of(part.vendor), note="Sudah sesuai")


def dispute(part, status="needs_response"):
    attempt = PaymentAttempt.objects.get(order=part.order)
    return note_dispute(
        attempt_id=attempt.pk,
        snapshot=DisputeSnapshot(
            f"dp_{attempt.pk}", attempt.payment_id, status, attempt.amount, "fraudulent", timezone.now()
        ),
    )


def due(part, now):
    return standing_of(vendor_id=part.vendor_id, now=now).available


def test_an_open_request_keeps_its_part_out_of_payouts_until_it_is_decided(part, later):
    assert due(part, later) == 110_000
    request = ask(part)
    assert due(part, later) == 0
    with pytest.raises(DomainError) as refused:
        services.prepare_payout(vendor_id=part.vendor_id, actor=operator(), now=later)
    assert refused.value.code == "below_minimum"
    decline(part, request)
    assert services.prepare_payout(vendor_id=part.vendor_id, actor=operator(), now=later).amount == 110_000


def test_a_dispute_keeps_every_part_of_its_order_out_until_the_bank_decides(part, later):
    dispute(part)
    assert due(part, later) == 0
    dispute(part, "won")
    assert due(part, later) == 110_000


def test_control_without_the_hold_contested_money_is_paid_out(monkeypatch, part, later):
    monkeypatch.setattr("marketplace.aftersales.services.requests.hold_parts", lambda **_arguments: 0)
    ask(part)
    payout = services.prepare_payout(vendor_id=part.vendor_id, actor=operator(), now=later)
    assert payout.amount == 110_000, "and the buyer may be right"


@pytest.mark.parametrize("first_over", ["request", "dispute"])
def test_a_part_that_two_things_hold_waits_for_both(part, later, first_over):
    request = ask(part)
    dispute(part)
    assert PartHold.objects.filter(suborder=part).count() == 2
    over = {"request": lambda: decline(part, request), "dispute": lambda: dispute(part, "won")}
    over.pop(first_over)()
    assert due(part, later) == 0
    for end in over.values():
        end()
    assert due(part, later) == 110_000
    assert not PartHold.objects.exists()


@pytest.mark.parametrize("step", ["approve", "export", "send"])
def test_what_becomes_contested_on_its_way_stops_before_the_bank(step):
    payout = payout_in(Payout.Status.DRAFT if step == "approve" else Payout.Status.APPROVED)
    part = SubOrder.objects.get()
    dispute(part)
    acts = {
        "approve": lambda: services.approve_payout(payout_id=payout.pk, actor=operator("Bagus")),
        "export": lambda: services.note_export(payout_ids=[payout.pk], actor=operator("Bagus")),
        "send": lambda: services.mark_sent(payout_id=payout.pk, actor=operator("Bagus")),
    }
    with pytest.raises(DomainError) as refused:
        acts[step]()
    assert refused.value.code == "not_payable"
    assert services.cancel_payout(payout_id=payout.pk, actor=operator("Bagus"))
    assert due(part, timezone.now()) == 0, "and it waits with the part"


def test_control_without_a_second_look_it_is_sent(monkeypatch):
    payout = payout_in(Payout.Status.APPROVED)
    dispute(SubOrder.objects.get())
    monkeypatch.setattr("marketplace.payouts.services.payouts._is_contested", lambda _payout: False)
    assert services.mark_sent(payout_id=payout.pk, actor=operator("Bagus"))


def test_what_a_shop_owes_for_a_contested_part_stops_nothing():
    """It was taken into the payout as a debt: that lessens what is paid out, whatever becomes of the part."""
    shop = payout_in(Payout.Status.PAID).vendor
    owed = SubOrder.objects.get()
    dispute(owed, "lost")
    dispute(owed, "lost")
    sold(shop, price=300_000)
    assert due(owed, timezone.now()) == 310_000 - 110_000
    PartHold.objects.create(suborder=owed, cause="test")
    SubOrder.objects.filter(pk=owed.pk).update(is_contested=True)
    payout = services.prepare_payout(vendor_id=shop.pk, actor=operator("Ratih"))
    assert services.approve_payout(payout_id=payout.pk, actor=operator("Bagus"))
    assert services.mark_sent(payout_id=payout.pk, actor=operator("Ratih"))


@pytest.mark.parametrize(
    "migration", ["marketplace.aftersales.migrations.0002_holds", "marketplace.payments.migrations.0004_holds"]
)
def test_what_was_contested_before_there_were_holds_gets_one(migration, part):
    """Until then a part knew only that it was contested."""
    ask(part)
    dispute(part)
    before = set(PartHold.objects.values_list("suborder", "cause"))
    PartHold.objects.all().delete()
    import_module(migration).hold_what_is_open(apps, None)
    import_module(migration).hold_what_is_open(apps, None)
    (again,) = PartHold.objects.values_list("suborder", "cause")
    assert again in before
