"""What a shop is owed comes from the ledger alone, and is due only a hold period after delivery."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from marketplace.ledger.models import Account, Posting
from marketplace.ledger.selectors import balance, entries_out_of_balance
from marketplace.orders.models import SubOrder
from marketplace.payments import refund_plans
from marketplace.payments.services import refund_parts
from marketplace.payouts.balances import (
    Standing,
    next_payout_day,
    payable_postings,
    standing_of,
    standings,
    terms,
    waiting_parts,
)
from tests.factories.orders import make_shop
from tests.factories.payouts import payout_in, sold, sold_for_cash, with_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_shop("Sanan")


def money(vendor) -> tuple[int, int]:
    standing = standing_of(vendor_id=vendor.pk)
    assert standing.balance == -balance(account=Account.VENDOR_PAYABLE, vendor_id=vendor.pk)
    assert standing.balance == standing.available + standing.pending + standing.prepared
    return standing.available, standing.pending


def test_a_sale_waits_until_its_hold_period_after_delivery_is_over(shop):
    part = sold(shop, commission=10_000, delivered_days_ago=None)
    assert money(shop) == (0, 100_000)
    SubOrder.objects.filter(pk=part.pk).update(
        status=SubOrder.Status.DELIVERED, delivered_at=timezone.now() - timedelta(days=7) + timedelta(minutes=1)
    )
    assert money(shop) == (0, 100_000)
    (row,) = waiting_parts(vendor_id=shop.pk)
    assert (row.part.pk, row.amount) == (part.pk, 100_000)
    assert row.ripe_at is not None
    later = timezone.now() + timedelta(minutes=2)
    assert standing_of(vendor_id=shop.pk, now=later).available == 100_000
    assert waiting_parts(vendor_id=shop.pk, now=later) == []


def test_what_is_contested_waits_for_the_decision(shop):
    part = sold(shop)
    assert money(shop) == (110_000, 0)
    SubOrder.objects.filter(pk=part.pk).update(is_contested=True)
    assert money(shop) == (0, 110_000)
    assert waiting_parts(vendor_id=shop.pk)[0].ripe_at is None


def test_a_refund_before_it_is_due_lessens_what_waits_and_one_after_a_payout_is_owed(shop):
    early = sold(shop, delivered_days_ago=1)
    refund(early, 30_000)
    assert money(shop) == (0, 80_000)
    SubOrder.objects.filter(pk=early.pk).update(delivered_at=timezone.now() - timedelta(days=8))
    with_account(shop)
    payout_in("paid", shop)
    assert money(shop) == (0, 0)
    refund(early, 20_000)
    assert money(shop) == (-20_000, 0)


def test_cash_is_received_by_the_shop_and_its_commission_is_owed_at_once(shop):
    part = sold_for_cash(shop, commission=5_000)
    assert money(shop) == (-5_000, 0)
    assert balance(account=Account.PAID_TO_VENDOR) == 0
    assert balance(account=Account.COMMISSION) == -5_000
    kinds = Posting.objects.filter(account=Account.VENDOR_PAYABLE, order_part=part.pk).order_by("pk")
    assert list(kinds.values_list("entry__kind", "amount")) == [("cash.sale", -105_000), ("cash.received", 110_000)]
    assert entries_out_of_balance() == []


def test_cash_without_commission_leaves_its_trace_and_owes_nothing(shop):
    sold_for_cash(shop)
    assert money(shop) == (0, 0)
    assert Posting.objects.filter(account=Account.VENDOR_PAYABLE).count() == 2


def test_what_a_shop_owes_is_set_off_against_what_is_due(shop):
    sold_for_cash(shop, commission=5_000)
    sold(shop)
    assert money(shop) == (105_000, 0)
    assert -sum(row.amount for row in payable_postings(vendor_id=shop.pk, now=timezone.now())) == 105_000


def test_delivery_belongs_to_the_site_where_it_sends(shop):
    variant_part = sold(shop, commission=10_000, delivered_days_ago=None)
    assert balance(account=Account.SHIPPING) == 0
    SubOrder.objects.filter(pk=variant_part.pk).update(shipping_quote={"paid_to": "site"})
    from marketplace.payments.services.shares import direct_sale_lines, sale_lines

    part = SubOrder.objects.get(pk=variant_part.pk)
    shares = {line.account: -line.amount for line in sale_lines(part) if line.amount}
    assert shares == {Account.VENDOR_PAYABLE: 90_000, Account.COMMISSION: 10_000, Account.SHIPPING: 10_000}
    assert sum(line.amount for line in direct_sale_lines(part)) == 0


def test_the_money_of_many_shops_takes_the_same_questions(shop, django_assert_num_queries):
    other = make_shop("Dinoyo")
    for vendor in (shop, other, shop):
        sold(vendor)
    terms()
    with django_assert_num_queries(3):
        found = standings()
    assert found == {
        shop.pk: Standing(balance=220_000, available=220_000),
        other.pk: Standing(balance=110_000, available=110_000),
    }
    assert standing_of(vendor_id=0) == Standing()


def test_payout_days_are_working_days():
    rules = terms()
    assert next_payout_day(today=date(2026, 11, 25)) == date(2026, 12, 1), "Tuesday by default"
    assert next_payout_day(today=date(2026, 12, 1)) == date(2026, 12, 1)
    rules.rhythm = rules.Rhythm.DAILY
    rules.save()
    assert next_payout_day(today=date(2026, 11, 28)) == date(2026, 11, 30), "after the weekend"


def refund(part: SubOrder, amount: int) -> None:
    refund_parts(
        order_id=part.order_id,
        plan=lambda parts: refund_plans.of_amount(parts, amount),
        reason="request",
        origin=f"test:{part.refunded_total}:{amount}",
    )
