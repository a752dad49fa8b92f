"""Shops with an account of their own at Stripe are paid out there, against the local Stripe."""

import pytest

from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, sum_of_all_postings
from marketplace.outbox.services import process_due
from marketplace.payments.models import WebhookEvent
from marketplace.payouts import services
from marketplace.payouts.balances import standing_of
from marketplace.payouts.models import Payout, StripeAccount
from tests.factories import base
from tests.factories.orders import make_shop
from tests.factories.payouts import operator, sold
from tests.local_stripe import local_stripe

__all__ = ["local_stripe"]
pytestmark = pytest.mark.django_db(transaction=True)
TOPICS = ["payments.webhook", "payouts.transfer", "payouts.reversal"]
Status = Payout.Status


@pytest.fixture
def account(local_stripe):
    made = local_stripe.sdk.v1.accounts.create(
        params={"type": "express", "country": "ID", "capabilities": {"transfers": {"requested": True}}}
    )
    return made.id


@pytest.fixture
def shop(local_stripe, account):
    vendor = make_shop("Sanan")
    sold(vendor)
    local_stripe.sandbox.engine.move(source="topup", kind="topup", amount=50_000_000)
    return vendor


def settle(local_stripe, client):
    for _round in range(3):
        local_stripe.deliver(client)
        process_due(topics=TOPICS)


def send(shop) -> Payout:
    payout = services.prepare_payout(vendor_id=shop.pk, actor=operator("Ratih"))
    services.approve_payout(payout_id=payout.pk, actor=operator("Bagus"))
    services.mark_sent(payout_id=payout.pk, actor=operator("Yusuf"))
    return payout


def test_an_account_is_used_once_stripe_lets_it_receive(local_stripe, client, shop, account):
    boss = operator()
    with pytest.raises(NotAllowed):
        services.link_stripe_account(vendor_id=shop.pk, account_id=account, actor=base.UserFactory())
    with pytest.raises(DomainError):
        services.link_stripe_account(vendor_id=shop.pk, account_id="acct_none", actor=boss)
    linked = services.link_stripe_account(vendor_id=shop.pk, account_id=account, actor=boss)
    assert not linked.can_receive
    with pytest.raises(DomainError):
        services.prepare_payout(vendor_id=shop.pk, actor=boss)
    local_stripe.act("account.activate", account)
    settle(local_stripe, client)
    linked.refresh_from_db()
    assert linked.can_receive
    assert services.prepare_payout(vendor_id=shop.pk, actor=boss).channel == Payout.Channel.STRIPE


def test_a_payout_is_moved_by_stripe_and_taken_back(local_stripe, client, shop, account):
    local_stripe.act("account.activate", account)
    services.link_stripe_account(vendor_id=shop.pk, account_id=account, actor=operator())
    payout = send(shop)
    with pytest.raises(DomainError) as refused:
        services.mark_paid(payout_id=payout.pk, actor=operator("Ratih"), reference="FT1")
    assert refused.value.code == "provider_at_it"
    settle(local_stripe, client)
    payout.refresh_from_db()
    assert payout.status == Status.PAID
    assert payout.bank_reference.startswith("tr_")
    assert balance(account=Account.GATEWAY_CLEARING) == 0
    services.mark_returned(payout_id=payout.pk, actor=operator("Ratih"), reason="Salah akun")
    settle(local_stripe, client)
    transfer = local_stripe.sdk.v1.transfers.retrieve(payout.bank_reference)
    assert transfer.reversed
    assert standing_of(vendor_id=shop.pk).available == 110_000
    assert sum_of_all_postings() == 0
    assert not WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED).exists()


def test_what_stripe_refuses_comes_back_at_once(local_stripe, client, account):
    vendor = make_shop("Sanan")
    sold(vendor)
    local_stripe.act("account.activate", account)
    services.link_stripe_account(vendor_id=vendor.pk, account_id=account, actor=operator())
    payout = send(vendor)
    settle(local_stripe, client)
    payout.refresh_from_db()
    assert payout.status == Status.RETURNED
    assert "Stripe" in payout.return_reason
    assert standing_of(vendor_id=vendor.pk).available == 110_000


def test_a_reversal_made_at_stripe_is_followed_and_what_is_not_ours_is_seen(local_stripe, client, shop, account):
    local_stripe.act("account.activate", account)
    services.link_stripe_account(vendor_id=shop.pk, account_id=account, actor=operator())
    payout = send(shop)
    settle(local_stripe, client)
    payout.refresh_from_db()
    local_stripe.sdk.v1.transfers.reversals.create(payout.bank_reference)
    settle(local_stripe, client)
    payout.refresh_from_db()
    assert payout.status == Status.RETURNED
    local_stripe.sdk.v1.transfers.create(params={"amount": 500_000, "currency": "idr", "destination": account})
    settle(local_stripe, client)
    seen = WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED)
    assert [event.kind for event in seen] == ["transfer.created"]
    StripeAccount.objects.all().delete()
    local_stripe.act("account.activate", account)
    settle(local_stripe, client)
    assert WebhookEvent.objects.filter(state=WebhookEvent.State.FAILED, kind="account.updated").exists()
