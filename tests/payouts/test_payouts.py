"""Payouts: everything due, once; prepared by one, approved by another; in the books at each step; back if it fails."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.audit.models import AuditEvent
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, entries_out_of_balance, sum_of_all_postings
from marketplace.orders.models import SubOrder
from marketplace.outbox.services import process_due
from marketplace.payouts import services
from marketplace.payouts.balances import standing_of
from marketplace.payouts.bank_file import bank_csv
from marketplace.payouts.models import BankAccount, Payout, PayoutItem, PayoutTerms
from marketplace.payouts.selectors import due_rows
from marketplace.payouts.tasks import remind
from tests.factories import base
from tests.factories.orders import make_shop
from tests.factories.payouts import (
    operator,
    owner_of,
    payable_shop,
    payout_in,
    sold,
    sold_for_cash,
    with_account,
)
from umkm.vendors.models import Vendor

pytestmark = pytest.mark.django_db
Status = Payout.Status


@pytest.fixture
def shop():
    return payable_shop()


@pytest.fixture
def first():
    return operator("Ratih")


@pytest.fixture
def second():
    return operator("Bagus")


def books(vendor) -> tuple[int, int, int]:
    """What is owed to the shop, what is on its way to it, what left the bank."""
    assert sum_of_all_postings() == 0
    assert entries_out_of_balance() == []
    return (
        -balance(account=Account.VENDOR_PAYABLE, vendor_id=vendor.pk),
        -balance(account=Account.PAYOUT_IN_TRANSIT, vendor_id=vendor.pk),
        -balance(account=Account.BANK),
    )


def test_from_draft_to_paid_with_the_books_at_each_step(shop, first, second):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    assert (payout.amount, payout.status, payout.number[:3]) == (110_000, Status.DRAFT, "CR-")
    assert [(item.kind, item.amount) for item in payout.items.all()] == [("sale", 110_000)]
    assert books(shop) == (110_000, 0, 0)
    assert standing_of(vendor_id=shop.pk).prepared == 110_000
    assert services.approve_payout(payout_id=payout.pk, actor=second)
    assert not services.approve_payout(payout_id=payout.pk, actor=second), "a repeat is harmless"
    assert services.mark_sent(payout_id=payout.pk, actor=first)
    assert not services.mark_sent(payout_id=payout.pk, actor=first)
    assert books(shop) == (0, 110_000, 0)
    assert standing_of(vendor_id=shop.pk).on_its_way == 110_000
    assert services.mark_paid(payout_id=payout.pk, actor=first, reference=" FT  42 ")
    assert not services.mark_paid(payout_id=payout.pk, actor=first, reference="FT 42")
    assert books(shop) == (0, 0, 110_000)
    payout.refresh_from_db()
    assert (payout.status, payout.bank_reference) == (Status.PAID, "FT 42")
    actions = AuditEvent.objects.filter(target_id=str(payout.pk), action__startswith="payouts.").order_by("pk")
    assert [event.action.split(".")[1] for event in actions if event.target_type == "payouts.payout"] == [
        "prepared", "approved", "sent", "paid",
    ]  # fmt: skip
    process_due(topics=["notifications.mail"])
    assert any("Rp110.000" in message.subject for message in mail.outbox)


@pytest.mark.parametrize("status", [Status.SENT, Status.PAID])
def test_what_comes_back_is_taken_back_in_the_books_and_paid_out_again(status, first, second):
    payout = payout_in(status)
    shop = payout.vendor
    with pytest.raises(DomainError) as refused:
        services.mark_returned(payout_id=payout.pk, actor=first, reason=" ")
    assert refused.value.field == "reason"
    assert services.mark_returned(payout_id=payout.pk, actor=first, reason="Rekening ditutup")
    assert not services.mark_returned(payout_id=payout.pk, actor=first, reason="Rekening ditutup")
    assert books(shop) == (110_000, 0, 0)
    assert standing_of(vendor_id=shop.pk).available == 110_000
    with pytest.raises(DomainError):
        services.prepare_payout(vendor_id=shop.pk, actor=first)
    account = BankAccount.objects.get(vendor=shop, replaced_at=None)
    assert account.check_result == BankAccount.Check.WAITING, "its account is checked anew"
    services.check_account(account_id=account.pk, actor=second, is_right=True)
    assert services.prepare_payout(vendor_id=shop.pk, actor=first).amount == 110_000


def test_whoever_prepared_it_does_not_approve_it(shop, first, second):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    with pytest.raises(NotAllowed):
        services.approve_payout(payout_id=payout.pk, actor=first)
    payout.refresh_from_db()
    assert (payout.status, payout.approved_by) == (Status.DRAFT, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(approved_by=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payout.objects.filter(pk=payout.pk).update(status=Status.SENT)
    assert services.approve_payout(payout_id=payout.pk, actor=second)


def test_nobody_of_the_shop_and_no_officer_of_another_region_takes_part(shop, first):
    from marketplace.accounts import services as accounts

    member = operator("Pemilik juga operator")
    shop.members.create(user=member, role="staff")
    stranger = base.UserFactory()
    elsewhere = base.UserFactory()
    accounts.appoint_officer(user=elsewhere, agency=base.agency("35.07"))
    officer = base.UserFactory()
    accounts.appoint_officer(user=officer, agency=shop.agency)
    for person in (member, stranger, elsewhere):
        with pytest.raises(NotAllowed):
            services.prepare_payout(vendor_id=shop.pk, actor=person)
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    for person in (member, stranger, elsewhere):
        with pytest.raises(NotAllowed):
            services.approve_payout(payout_id=payout.pk, actor=person)
        with pytest.raises(NotAllowed):
            services.cancel_payout(payout_id=payout.pk, actor=person)
    assert services.approve_payout(payout_id=payout.pk, actor=officer)
    for step in (services.mark_sent, services.note_export):
        with pytest.raises(NotAllowed):
            step(
                **({"payout_id": payout.pk} if step is services.mark_sent else {"payout_ids": [payout.pk]}),
                actor=officer,
            )
    payout.refresh_from_db()
    assert payout.status == Status.APPROVED


def refused_for(shop, actor) -> str:
    with pytest.raises(DomainError) as refused:
        services.prepare_payout(vendor_id=shop.pk, actor=actor)
    assert Payout.objects.count() == 0
    return refused.value.code


def test_a_suspended_shop_gets_nothing_and_what_is_approved_stops(shop, first, second):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    services.approve_payout(payout_id=payout.pk, actor=second)
    Vendor.objects.filter(pk=shop.pk).update(status=Vendor.Status.SUSPENDED)
    for step in (
        lambda: services.mark_sent(payout_id=payout.pk, actor=first),
        lambda: services.note_export(payout_ids=[payout.pk], actor=first),
    ):
        with pytest.raises(DomainError):
            step()
    services.cancel_payout(payout_id=payout.pk, actor=first, reason="Ditangguhkan")
    assert standing_of(vendor_id=shop.pk).available == 110_000
    with pytest.raises(DomainError):
        services.prepare_payout(vendor_id=shop.pk, actor=first)
    (row,) = due_rows(vendors=Vendor.objects.all())
    assert not row.is_due
    assert books(shop) == (110_000, 0, 0)


def test_too_little_and_what_is_owed_wait(first):
    shop = make_shop("Sanan")
    with_account(shop)
    sold(shop, price=39_000)
    assert refused_for(shop, first) == "below_minimum"
    sold_for_cash(shop, commission=80_000)
    assert standing_of(vendor_id=shop.pk).available == -31_000
    assert refused_for(shop, first) == "below_minimum"
    sold(shop, price=100_000)
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    assert payout.amount == 79_000, "the negative balance was carried forward"
    assert sum(item.amount for item in payout.items.all()) == payout.amount
    assert {item.kind for item in payout.items.all()} == {"sale", "direct_sale", "direct_receipt"}


def test_without_a_checked_account_nothing_goes_out(first, second):
    shop = make_shop("Sanan")
    sold(shop)
    assert refused_for(shop, first) == "not_payable"
    account = services.save_account(vendor_id=shop.pk, actor=owner_of(shop), bank="BRI", number="1234567", holder="Sri")
    assert refused_for(shop, first) == "not_payable"
    services.check_account(account_id=account.pk, actor=second, is_right=False, note="Nama lain")
    assert refused_for(shop, first) == "not_payable"
    services.check_account(account_id=account.pk, actor=second, is_right=True)
    assert services.prepare_payout(vendor_id=shop.pk, actor=first).account == account


def test_a_changed_account_is_held_and_stops_what_was_approved_for_the_old_one(shop, first, second):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    services.approve_payout(payout_id=payout.pk, actor=second)
    changed = services.save_account(
        vendor_id=shop.pk, actor=owner_of(shop), bank="BCA", number="9876543210", holder="Sri Wahyuni"
    )
    assert (changed.usable_from - timezone.now()).days in (2, 3)
    services.check_account(account_id=changed.pk, actor=second, is_right=True)
    with pytest.raises(DomainError):
        services.mark_sent(payout_id=payout.pk, actor=first)
    BankAccount.objects.filter(pk=changed.pk).update(usable_from=timezone.now())
    with pytest.raises(DomainError):
        services.mark_sent(payout_id=payout.pk, actor=first)
    services.cancel_payout(payout_id=payout.pk, actor=first)
    assert services.prepare_payout(vendor_id=shop.pk, actor=first).account == changed
    process_due(topics=["notifications.mail"])
    assert any("rekening" in message.subject.lower() or "bank" in message.subject.lower() for message in mail.outbox)


def test_one_payout_is_prepared_at_a_time_and_takes_each_thing_once(shop, first):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    with pytest.raises(DomainError) as refused:
        services.prepare_payout(vendor_id=shop.pk, actor=first)
    assert refused.value.code == "already_prepared"
    item = payout.items.get()
    other = payout_in(Status.PAID, payable_shop("Dinoyo"))
    for fields in (
        {"posting": item.posting, "suborder": None, "kind": "refund"},
        {"posting": other.items.get().posting, "suborder": item.suborder, "kind": "sale"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            PayoutItem.objects.create(payout=other, amount=1, **fields)
    assert PayoutItem.objects.filter(is_live=True).count() == 2


def test_the_reference_of_the_bank_is_needed_and_unique(first):
    payout_in(Status.PAID, payable_shop("Sanan"), reference="FT7")
    payout = payout_in(Status.SENT, payable_shop("Dinoyo"))
    for reference, code in (("", "no_reference"), ("FT7", "reference_taken")):
        with pytest.raises(DomainError) as refused:
            services.mark_paid(payout_id=payout.pk, actor=first, reference=reference)
        assert refused.value.code == code
    payout.refresh_from_db()
    assert (payout.status, books(payout.vendor)[1]) == (Status.SENT, 110_000)


def test_steps_are_taken_in_their_order(shop, first, second):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    with pytest.raises(IllegalTransition):
        services.mark_sent(payout_id=payout.pk, actor=first)
    with pytest.raises(IllegalTransition):
        services.mark_paid(payout_id=payout.pk, actor=first, reference="FT1")
    services.approve_payout(payout_id=payout.pk, actor=second)
    services.mark_sent(payout_id=payout.pk, actor=first)
    with pytest.raises(IllegalTransition):
        services.cancel_payout(payout_id=payout.pk, actor=first)
    assert books(shop) == (0, 110_000, 0)


def test_the_file_for_the_bank_holds_texts_and_whole_rupiah(first, second):
    shop = make_shop("Sanan")
    account = services.save_account(
        vendor_id=shop.pk, actor=owner_of(shop), bank="=BANK()", number="0012345678", holder="@Sri, Wahyuni"
    )
    services.check_account(account_id=account.pk, actor=second, is_right=True)
    sold(shop)
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    with pytest.raises(DomainError):
        services.note_export(payout_ids=[payout.pk], actor=first)
    services.approve_payout(payout_id=payout.pk, actor=second)
    lines = bank_csv(payouts=services.note_export(payout_ids=[payout.pk], actor=first)).decode().split("\r\n")
    assert lines[0] == "reference,bank,account_number,account_holder,amount,currency,description"
    assert lines[1] == (f"{payout.number},'=BANK(),0012345678,\"'@Sri, Wahyuni\",110000,IDR,Pencairan {payout.number}")
    payout.refresh_from_db()
    assert payout.exported_at is not None
    assert AuditEvent.objects.filter(action="payouts.exported", actor=first).count() == 1


def test_the_list_of_who_is_due_says_why_not(shop, first, django_assert_num_queries):
    poor = make_shop("Dinoyo")
    sold(poor, price=1_000)
    sold(make_shop("Kasin"))
    rows = due_rows(vendors=Vendor.objects.all())
    assert [(row.vendor.name, row.is_due, bool(row.reason)) for row in rows] == [
        ("Sanan", True, False),
        ("Kasin", False, True),
        ("Dinoyo", False, True),
    ]
    with django_assert_num_queries(7):
        due_rows(vendors=Vendor.objects.all())


def test_operators_are_told_once_on_a_payout_day(shop, first):
    rules = PayoutTerms.load()
    rules.rhythm = PayoutTerms.Rhythm.DAILY
    rules.save()
    is_working_day = timezone.localdate().weekday() < 5
    assert remind() == (1 if is_working_day else 0)
    assert remind() == 0, "once a day"


def test_tax_withheld_stays_at_zero(shop, first):
    payout_in(Status.PAID, shop)
    services.declare_turnover(
        vendor_id=shop.pk, actor=owner_of(shop), year=timezone.localdate().year, is_within_limit=False
    )
    assert balance(account=Account.TAX_WITHHELD) == 0


def test_items_know_their_part(shop, first):
    payout = services.prepare_payout(vendor_id=shop.pk, actor=first)
    assert payout.items.get().suborder == SubOrder.objects.get(vendor=shop)
