"""Two people at the same payout at the same moment: one wins, nothing is paid twice. Each with a control."""

import pytest
from django.db import IntegrityError

from marketplace.core.exceptions import DomainError
from marketplace.ledger.models import Account, JournalEntry
from marketplace.ledger.selectors import balance
from marketplace.payouts import services
from marketplace.payouts.models import Payout, PayoutItem
from tests.concurrency.threads import at_once
from tests.factories.payouts import operator, payable_shop, payout_in

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 6


def test_of_people_who_prepare_at_once_one_makes_a_payout():
    shop = payable_shop()
    people = [operator(f"Operator {number}") for number in range(PEOPLE)]
    results = at_once(PEOPLE, lambda number: services.prepare_payout(vendor_id=shop.pk, actor=people[number]))
    assert sum(isinstance(result, Payout) for result in results) == 1
    assert sum(isinstance(result, DomainError) for result in results) == PEOPLE - 1
    assert PayoutItem.objects.filter(is_live=True).count() == 1


def test_payouts_of_several_shops_prepared_at_once_get_numbers_of_their_own():
    shops = [payable_shop(f"Toko {number}") for number in range(PEOPLE)]
    boss = operator()
    results = at_once(PEOPLE, lambda number: services.prepare_payout(vendor_id=shops[number].pk, actor=boss))
    assert len({payout.number for payout in results}) == PEOPLE


def test_of_people_who_approve_and_call_off_at_once_one_is_heard():
    payout = payout_in("draft")
    people = [operator(f"Operator {number}") for number in range(PEOPLE)]

    def decide(number):
        step = services.cancel_payout if number % 2 else services.approve_payout
        return step(payout_id=payout.pk, actor=people[number])

    results = at_once(PEOPLE, decide)
    payout.refresh_from_db()
    assert payout.status in (Payout.Status.APPROVED, Payout.Status.CANCELLED)
    # Approved first and called off then is a legal order of things; never the other way round.
    assert sum(result is True for result in results) == (
        2 if payout.approved_by_id and payout.status == "cancelled" else 1
    )
    assert payout.items.filter(is_live=True).exists() == (payout.status == Payout.Status.APPROVED)


def test_of_people_who_mark_it_as_paid_at_once_one_books_it():
    payout = payout_in("sent")
    people = [operator(f"Operator {number}") for number in range(PEOPLE)]
    results = at_once(
        PEOPLE, lambda number: services.mark_paid(payout_id=payout.pk, actor=people[number], reference=f"FT{number}")
    )
    assert sum(result is True for result in results) == 1
    assert JournalEntry.objects.filter(kind="payout.paid").count() == 1
    assert balance(account=Account.BANK) == -payout.amount
    payout.refresh_from_db()
    assert results[int(payout.bank_reference.removeprefix("FT"))] is True


def test_control_without_lock_and_check_the_same_sale_would_be_paid_twice_but_for_the_database(monkeypatch):
    """The shop's lock and the look for an open payout are taken away: the unique item is what is left."""
    from marketplace.payouts.services import payouts as module

    shop = payable_shop()
    people = [operator(f"Operator {number}") for number in range(PEOPLE)]
    postings = module.payable_postings(vendor_id=shop.pk, now=module.timezone.now())
    drafts = [payout_in("draft", payable_shop(f"Toko {number}")) for number in range(PEOPLE)]
    results = at_once(PEOPLE, lambda number: module._write_items(drafts[number], postings))
    assert sum(result is None for result in results) == 1
    assert sum(isinstance(result, IntegrityError) for result in results) == PEOPLE - 1
    assert people


def test_control_a_status_written_without_condition_loses_what_the_other_one_did():
    """What the conditional UPDATE prevents: both read a draft, both write; the last one silently wins."""
    payout = payout_in("draft")
    boss = operator()
    seen = [Payout.objects.get(pk=payout.pk) for _person in range(2)]
    seen[0].status, seen[0].approved_by = Payout.Status.APPROVED, boss
    seen[1].status = Payout.Status.CANCELLED
    for row in seen:
        row.save()
    payout.refresh_from_db()
    assert (payout.status, payout.approved_by) == (Payout.Status.CANCELLED, None), (
        "the approval is gone without a trace"
    )
