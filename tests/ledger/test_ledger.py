"""The books: every entry adds up to zero, is booked once and never changes."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from marketplace.ledger.models import Account, JournalEntry, Posting
from marketplace.ledger.selectors import balance, balances, entries_out_of_balance
from marketplace.ledger.services import BookedDifferently, Line, OutOfBalance, post_entry, reverse_entry
from tests.factories.orders import make_shop

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def book(*amounts, kind="test", reference="1"):
    accounts = list(Account)
    accounts.remove(Account.VENDOR_PAYABLE)
    return post_entry(
        kind=kind,
        reference=reference,
        postings=[Line(account, amount) for account, amount in zip(accounts, amounts, strict=False)],
        occurred_at=NOW,
    )


def test_balances_follow_the_entries():
    shop, other = make_shop("Sanan"), make_shop("Dinoyo")
    post_entry(
        kind="payment",
        reference="1",
        postings=[
            Line(Account.GATEWAY_CLEARING, 30_000),
            Line(Account.VENDOR_PAYABLE, -19_000, shop.pk),
            Line(Account.VENDOR_PAYABLE, -10_000, other.pk),
            Line(Account.COMMISSION, -1_000),
        ],
        occurred_at=NOW,
    )
    assert balance(account=Account.GATEWAY_CLEARING) == 30_000
    assert balance(account=Account.VENDOR_PAYABLE) == -29_000
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=shop.pk) == -19_000
    assert balances(vendor_ids=[shop.pk, other.pk, 0]) == {shop.pk: -19_000, other.pk: -10_000, 0: 0}
    assert entries_out_of_balance() == []


@pytest.mark.parametrize("amounts", [(), (5,), (5, -4), (0, 0)])
def test_what_does_not_add_up_is_refused_and_nothing_is_booked(amounts):
    with pytest.raises(OutOfBalance):
        book(*amounts)
    assert JournalEntry.objects.count() == 0


def test_the_same_fact_is_booked_once():
    first = book(7_000, -7_000)
    assert book(7_000, -7_000) == first
    assert Posting.objects.count() == 2
    with pytest.raises(BookedDifferently):
        book(8_000, -8_000)


def test_lines_of_one_account_are_added_up():
    entry = post_entry(
        kind="test",
        reference="1",
        postings=[
            Line(Account.GATEWAY_CLEARING, 5),
            Line(Account.GATEWAY_CLEARING, 5),
            Line(Account.COMMISSION, -10),
            Line(Account.SHIPPING, 3),
            Line(Account.SHIPPING, -3),
        ],
        occurred_at=NOW,
    )
    assert sorted(entry.postings.values_list("account", "amount")) == [("commission", -10), ("gateway_clearing", 10)]


def test_a_reversal_takes_an_entry_back_once():
    entry = book(7_000, -7_000)
    back = reverse_entry(entry=entry, occurred_at=NOW)
    assert reverse_entry(entry=entry, occurred_at=NOW) == back
    assert back.reverses == entry
    assert balance(account=Account.GATEWAY_CLEARING) == 0


@pytest.mark.parametrize("change", ["update", "delete"])
@pytest.mark.parametrize("model", [JournalEntry, Posting])
def test_the_database_refuses_to_change_what_was_booked(model, change):
    book(7_000, -7_000)
    rows = model.objects.all()
    doings = {
        "update": lambda: rows.update(**({"amount": 1} if model is Posting else {"kind": "x"})),
        "delete": lambda: rows._raw_delete(rows.db),
    }
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        doings[change]()
    assert Posting.objects.filter(amount=7_000).count() == 1


@pytest.mark.parametrize("fields", [{"amount": 0}, {"account": Account.VENDOR_PAYABLE}, {"account": "pocket"}])
def test_the_database_refuses_wrong_postings(fields):
    entry = book(7_000, -7_000)
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(**{"entry": entry, "account": Account.COMMISSION, "amount": 5, **fields})


def test_an_entry_out_of_balance_is_refused_at_commit_or_found():
    """PostgreSQL refuses it itself; on SQLite the daily check finds it."""
    entry = book(7_000, -7_000)
    with transaction.atomic():
        Posting.objects.create(entry=entry, account=Account.COMMISSION, amount=5)
        assert entries_out_of_balance() == [entry]
        if connection.vendor == "postgresql":
            with pytest.raises(IntegrityError, match="out of balance"):
                connection.check_constraints()
        transaction.set_rollback(True)


def test_an_entry_without_postings_is_found():
    empty = JournalEntry.objects.create(kind="test", reference="empty", occurred_at=NOW)
    assert entries_out_of_balance() == [empty]


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8))
def test_any_booking_adds_up(amounts):
    with transaction.atomic():
        last = -sum(amounts)
        try:
            entry = book(*amounts, last, reference="any")
        except OutOfBalance:
            assert not any([*amounts, last])
        else:
            assert sum(entry.postings.values_list("amount", flat=True)) == 0
        transaction.set_rollback(True)


def test_postings_know_the_part_of_the_order_and_a_reversal_keeps_it():
    shop = make_shop("Sanan")
    entry = post_entry(
        kind="payment",
        reference="parts",
        postings=[
            Line(Account.GATEWAY_CLEARING, 30_000),
            Line(Account.VENDOR_PAYABLE, -19_000, shop.pk, order_part=1),
            Line(Account.VENDOR_PAYABLE, -11_000, shop.pk, order_part=2),
        ],
        occurred_at=NOW,
    )
    back = reverse_entry(entry=entry, occurred_at=NOW)
    parts = back.postings.filter(account=Account.VENDOR_PAYABLE).values_list("order_part", "amount")
    assert dict(parts) == {1: 19_000, 2: 11_000}
    assert balance(account=Account.VENDOR_PAYABLE, vendor_id=shop.pk) == 0
