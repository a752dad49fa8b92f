"""Payouts step by step: prepared by one person, approved by another, sent, paid, or returned."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, IllegalTransition, NotAllowed
from marketplace.core.locking import lock_rows
from marketplace.core.money import format_rupiah
from marketplace.ledger.models import Account, JournalEntry, Posting
from marketplace.ledger.services import Line, post_entry, reverse_entry
from marketplace.outbox.services import enqueue
from marketplace.payouts import notices
from marketplace.payouts.balances import current_account, has_stripe, payable_postings, terms
from marketplace.payouts.models import BankAccount, Payout, PayoutItem
from marketplace.payouts.policies import may_approve, may_prepare, may_run_payouts, why_not
from umkm.vendors.lock_objects import lock_vendor

Status = Payout.Status
Kind = PayoutItem.Kind
SENT, PAID = "payout.sent", "payout.paid"
MOST_TRIES = 20
TRANSFER_TOPIC, REVERSAL_TOPIC = "payouts.transfer", "payouts.reversal"
# By what an entry is called, what it is to the shop.
KINDS = {
    "payment": Kind.SALE,
    "cash.sale": Kind.DIRECT_SALE,
    "cash.received": Kind.DIRECT_RECEIPT,
    "cash.refund": Kind.REFUND,
    "cash.commission_back": Kind.REFUND,
    "dispute.lost": Kind.DISPUTE,
}


@transaction.atomic
def prepare_payout(*, vendor_id: int, actor: User, now: datetime | None = None) -> Payout:
    """Put everything that is due to a shop into a payout, for somebody else to approve.

    Raises NotAllowed; DomainError with the reason when nothing can be paid out: too little, a suspended shop, no usable
    bank account, or a payout that is being prepared already.
    """
    now = now or timezone.now()
    vendor = lock_vendor(vendor_id)
    allowed, reason = may_prepare(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(reason)
    if Payout.objects.filter(vendor=vendor, status__in=(Status.DRAFT, Status.APPROVED)).exists():
        raise DomainError(
            _("A payout for %(shop)s is being prepared already. Approve it, or call it off first.")
            % {"shop": vendor.name},
            code="already_prepared",
        )
    account = current_account(vendor_id=vendor.pk)
    by_stripe = has_stripe(vendor_id=vendor.pk)
    reason = why_not(vendor=vendor, account=account, now=now, by_stripe=by_stripe)
    if reason:
        raise DomainError(reason, code="not_payable")
    postings = payable_postings(vendor_id=vendor.pk, now=now)
    amount = -sum(posting.amount for posting in postings)
    if amount < terms().minimum:
        raise DomainError(
            _("%(amount)s is due to %(shop)s; payouts begin at %(minimum)s. The rest waits for the next one.")
            % {"amount": format_rupiah(amount), "shop": vendor.name, "minimum": format_rupiah(terms().minimum)},
            code="below_minimum",
        )
    payout = _create(
        vendor=vendor,
        channel=Payout.Channel.STRIPE if by_stripe else Payout.Channel.BANK,
        account=None if by_stripe else account,
        amount=amount,
        prepared_by=actor,
        prepared_at=now,
    )
    _write_items(payout, postings)
    record(
        action="payouts.prepared",
        target=payout,
        actor=actor,
        data={"vendor": vendor.pk, "amount": amount, "items": len(postings)},
    )
    return payout


@transaction.atomic
def approve_payout(*, payout_id: int, actor: User) -> bool:
    """A second person agrees. Returns False when that happened before.

    Raises NotAllowed for the person who prepared it, DomainError when the shop may not be paid out any more.
    """
    payout = _lock(payout_id)
    allowed, reason = may_approve(user=actor, payout=payout)
    if not allowed:
        raise NotAllowed(reason)
    _check_still_right(payout)
    if not Payout.MACHINE.advance(payout, Status.APPROVED, approved_by=actor, approved_at=timezone.now()):
        return False
    record(action="payouts.approved", target=payout, actor=actor, data={"amount": payout.amount})
    return True


@transaction.atomic
def cancel_payout(*, payout_id: int, actor: User, reason: str = "") -> bool:
    """Call a payout off before it is sent; its money waits for the next one. False when that happened before."""
    payout = _lock(payout_id)
    allowed, why = may_prepare(user=actor, vendor=payout.vendor)
    if not allowed:
        raise NotAllowed(why)
    if not Payout.MACHINE.advance(payout, Status.CANCELLED, return_reason=reason.strip()[:255]):
        return False
    PayoutItem.objects.filter(payout=payout).update(is_live=False)
    record(action="payouts.cancelled", target=payout, actor=actor, data={"reason": reason.strip()[:255]})
    return True


@transaction.atomic
def note_export(*, payout_ids: Sequence[int], actor: User) -> list[Payout]:
    """The approved ones of these payouts, for a file to the bank. Who took which account numbers is written down.

    Raises NotAllowed for everybody but operators, DomainError when none of them is approved, or when a shop or its
    account was blocked meanwhile.
    """
    _require_operator(actor)
    payouts = lock_rows(
        Payout.objects.filter(
            pk__in=list(payout_ids), status=Status.APPROVED, channel=Payout.Channel.BANK
        ).select_related("vendor", "account")
    )
    if not payouts:
        raise DomainError(_("Choose at least one approved payout."), code="nothing_to_export")
    for payout in payouts:
        _check_still_right(payout)
    Payout.objects.filter(pk__in=[payout.pk for payout in payouts]).update(exported_at=timezone.now())
    for payout in payouts:
        record(action="payouts.exported", target=payout, actor=actor, data={"account": payout.account_id})
    return payouts


@transaction.atomic
def mark_sent(*, payout_id: int, actor: User, now: datetime | None = None) -> bool:
    """The bank has the order. From here on the money is no longer in the shop's balance. False when known already."""
    _require_operator(actor)
    payout = _lock(payout_id)
    if payout.status == Status.SENT:
        return False
    _check_still_right(payout)
    moment = now or timezone.now()
    if not Payout.MACHINE.advance(payout, Status.SENT, sent_at=moment):
        return False
    post_entry(
        kind=SENT,
        reference=payout.number,
        postings=[
            Line(Account.VENDOR_PAYABLE, payout.amount, payout.vendor_id),
            Line(Account.PAYOUT_IN_TRANSIT, -payout.amount, payout.vendor_id),
        ],
        occurred_at=moment,
    )
    record(action="payouts.sent", target=payout, actor=actor, data={"amount": payout.amount})
    if payout.channel == Payout.Channel.STRIPE:
        enqueue(topic=TRANSFER_TOPIC, key=payout.number, payload={"payout_id": payout.pk})
    notices.tell_of_payout(payout=payout, kind="payout_sent")
    return True


@transaction.atomic
def mark_paid(*, payout_id: int, actor: User | None, reference: str, now: datetime | None = None) -> bool:
    """The bank has done it, with its reference. False when that is known already. No actor: the provider said so.

    Raises DomainError without a reference, or with one that another payout has.
    """
    _require_operator(actor)
    reference = " ".join(reference.split())[:80]
    if not reference:
        raise DomainError(
            _("Copy the bank's reference of the transfer; it proves the payout."),
            code="no_reference",
            field="reference",
        )
    payout = _lock(payout_id)
    _refuse_by_hand(payout, actor)
    if payout.status == Status.PAID and payout.bank_reference == reference:
        return False
    if payout.status != Status.SENT:
        raise IllegalTransition(
            _("Only a payout that is on its way can be marked as paid. Reload the page."), code="payout.not_sent"
        )
    moment = now or timezone.now()
    try:
        with transaction.atomic():
            Payout.MACHINE.advance(payout, Status.PAID, paid_at=moment, bank_reference=reference)
    except IntegrityError:
        raise DomainError(
            _("Another payout has this reference already. Look at the bank statement again."),
            code="reference_taken",
            field="reference",
        ) from None
    source = Account.GATEWAY_CLEARING if payout.channel == Payout.Channel.STRIPE else Account.BANK
    post_entry(
        kind=PAID,
        reference=payout.number,
        postings=[
            Line(Account.PAYOUT_IN_TRANSIT, payout.amount, payout.vendor_id),
            Line(source, -payout.amount),
        ],
        occurred_at=moment,
    )
    record(action="payouts.paid", target=payout, actor=actor, data={"amount": payout.amount, "reference": reference})
    notices.tell_of_payout(payout=payout, kind="payout_paid")
    return True


@transaction.atomic
def mark_returned(*, payout_id: int, actor: User | None, reason: str, now: datetime | None = None) -> bool:
    """The money came back: what was booked is taken back, the shop is owed it again, its account is checked anew.

    What went to a Stripe account is asked back there; without an actor the provider said so itself. Returns False when
    that is known already. Raises DomainError without a reason.
    """
    _require_operator(actor)
    if not reason.strip():
        raise DomainError(
            _("Write what the bank gave as the reason. The owner reads this."), code="no_reason", field="reason"
        )
    payout = _lock(payout_id)
    moment = now or timezone.now()
    _refuse_by_hand(payout, actor)
    if actor is not None and payout.channel == Payout.Channel.STRIPE and payout.status == Status.PAID:
        enqueue(topic=REVERSAL_TOPIC, key=payout.number, payload={"payout_id": payout.pk})
    if not Payout.MACHINE.advance(payout, Status.RETURNED, returned_at=moment, return_reason=reason.strip()[:255]):
        return False
    for entry in JournalEntry.objects.filter(kind__in=(SENT, PAID), reference=payout.number).order_by("-pk"):
        reverse_entry(entry=entry, occurred_at=moment)
    PayoutItem.objects.filter(payout=payout).update(is_live=False)
    if payout.account_id:
        BankAccount.objects.filter(pk=payout.account_id, replaced_at=None).update(
            check_result=BankAccount.Check.WAITING, check_note=reason.strip()[:255]
        )
    record(action="payouts.returned", target=payout, actor=actor, data={"reason": reason.strip()[:255]})
    notices.tell_of_payout(payout=payout, kind="payout_returned")
    return True


def _refuse_by_hand(payout: Payout, actor: User | None) -> None:
    """While the provider is at it, only its own answer counts: nobody must pay or take back what it is moving."""
    if actor is not None and payout.channel == Payout.Channel.STRIPE and payout.status == Status.SENT:
        raise DomainError(
            _("Stripe is moving this payout and answers by itself. Look again in a minute."), code="provider_at_it"
        )


def _check_still_right(payout: Payout) -> None:
    """What was so when it was prepared must be so still: a shop may be suspended or its account changed since."""
    if payout.status not in (Status.DRAFT, Status.APPROVED):
        return
    current = current_account(vendor_id=payout.vendor_id)
    by_stripe = payout.channel == Payout.Channel.STRIPE
    if by_stripe and not has_stripe(vendor_id=payout.vendor_id):
        reason = _("Its account at Stripe can't receive money now.")
    else:
        reason = why_not(vendor=payout.vendor, account=current, now=timezone.now(), by_stripe=by_stripe)
    if not reason and not by_stripe and current is not None and current.pk != payout.account_id:
        reason = _("The shop has named another bank account since.")
    if not reason and _is_contested(payout):
        reason = _("Something in it has been contested since.")
    if reason:
        raise DomainError(
            _("%(number)s can't go on: %(reason)s Call it off and prepare it again.")
            % {"number": payout.number, "reason": reason},
            code="not_payable",
        )


def _is_contested(payout: Payout) -> bool:
    """Whether money in it is for a part about which something is open now; what a shop owes is taken all the same."""
    contested = PayoutItem.objects.filter(payout=payout, suborder__is_contested=True)
    return contested.order_by().values("suborder").annotate(total=Sum("amount")).filter(total__gt=0).exists()


def _write_items(payout: Payout, postings: Sequence[Posting]) -> None:
    PayoutItem.objects.bulk_create(
        PayoutItem(
            payout=payout,
            suborder_id=posting.order_part,
            posting=posting,
            kind=_kind(posting.entry.kind),
            amount=-posting.amount,
        )
        for posting in postings
    )


def _kind(entry_kind: str) -> str:
    if entry_kind.startswith("refund."):
        return Kind.REFUND
    return KINDS.get(entry_kind, Kind.CORRECTION)


def _require_operator(actor: User | None) -> None:
    """None is the system: the provider's answer."""
    if actor is None:
        return
    allowed, reason = may_run_payouts(user=actor)
    if not allowed:
        raise NotAllowed(reason)


def _lock(payout_id: int) -> Payout:
    """Lock the shop before its payout, as every write of this slice does."""
    vendor_id = Payout.objects.values_list("vendor_id", flat=True).get(pk=payout_id)
    vendor = lock_vendor(vendor_id)
    payout = lock_rows(Payout.objects.filter(pk=payout_id).select_related("account"))[0]
    payout.vendor = vendor
    return payout


def _create(**fields: Any) -> Payout:
    """A draft under the next number. When two are made at once, the unique number decides, the other counts on."""
    for attempt in count(1):
        number = _next_number(fields["prepared_at"])
        try:
            with transaction.atomic():
                return Payout.objects.create(number=number, **fields)
        except IntegrityError:
            if attempt == MOST_TRIES or not Payout.objects.filter(number=number).exists():
                raise
    raise AssertionError("counted to no end")


def _next_number(now: datetime) -> str:
    """`CR-2611-00042`: year and month, then counted."""
    prefix = f"CR-{timezone.localtime(now):%y%m}-"
    last = Payout.objects.filter(number__startswith=prefix).order_by("-number").values_list("number", flat=True).first()
    return f"{prefix}{(int(last.removeprefix(prefix)) if last else 0) + 1:05d}"
