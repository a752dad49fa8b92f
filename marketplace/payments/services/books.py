"""The daily check of the books: what must add up, adds up, or an operator sees it, since when, and what was done."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.money import format_rupiah
from marketplace.inventory.selectors import stock_out_of_step
from marketplace.ledger.models import Account
from marketplace.ledger.selectors import balance, entries_out_of_balance, sum_of_all_postings
from marketplace.ledger.services import Line, post_entry
from marketplace.payments.models import Finding, PaymentAttempt, ProviderName, Refund
from marketplace.payments.providers import PROVIDERS
from marketplace.payments.providers.base import Movement
from marketplace.payments.selectors import is_stripe_configured
from marketplace.payments.services.boundaries import require_no_transaction

Kind = Finding.Kind
Found = dict[tuple[str, str], str]
# A refund takes up to ten days; a payment page is closed within the hour, a bank transfer comes within days.
REFUND_TAKES = timedelta(days=11)
PAYMENT_TAKES = timedelta(days=5)
INSIDE = (
    Kind.ENTRY_OUT_OF_BALANCE,
    Kind.BOOKS_OUT_OF_BALANCE,
    Kind.STOCK_OUT_OF_STEP,
    Kind.REFUNDS_OUT_OF_STEP,
    Kind.REFUND_STUCK,
    Kind.PAYMENT_STUCK,
)


@transaction.atomic
def check_books() -> int:
    """Look at everything that our own database can tell; return how many findings stand.

    Entries that do not add up, all postings together, promised stock, refunds against what was counted, and refunds and
    payments that take too long. A finding that is in order again is closed, a new one added, an old one keeps its day.
    """
    found: Found = {}
    for entry in entries_out_of_balance():
        found[Kind.ENTRY_OUT_OF_BALANCE, f"{entry.kind} {entry.reference}"] = f"entry {entry.pk}"
    if total := sum_of_all_postings():
        found[Kind.BOOKS_OUT_OF_BALANCE, "ledger"] = format_rupiah(total)
    for stock_id, reserved, held in stock_out_of_step():
        found[Kind.STOCK_OUT_OF_STEP, f"stock {stock_id}"] = f"{reserved} ≠ {held}"
    found.update(_refunds_out_of_step())
    found.update(_stuck())
    _note(INSIDE, found)
    return Finding.objects.filter(resolved_at=None).count()


def compare_balance() -> int | None:
    """Hold what the provider has for us against what the books say; return the difference. No transaction may be open.

    None when there is no provider. Raises ProviderUnavailable, and then nothing is noted. What the provider paid out to
    our own bank since the last time is booked first.
    """
    if not is_stripe_configured():
        return None
    require_no_transaction()
    snapshot = PROVIDERS[ProviderName.STRIPE].balance()
    with transaction.atomic():
        for movement in snapshot.payouts:
            book_own_payout(movement=movement)
        expected = expected_at_provider()
        found: Found = {}
        difference = None if snapshot.held is None else snapshot.held - expected
        if snapshot.held is None:
            found[Kind.CLEARING_DIFFERS, "stripe"] = "not in whole rupiah"
        elif difference:
            found[Kind.CLEARING_DIFFERS, "stripe"] = (
                f"{format_rupiah(snapshot.held)} − {format_rupiah(expected)} = {format_rupiah(difference)}"
            )
        _note((Kind.CLEARING_DIFFERS,), found)
    return difference


def expected_at_provider() -> int:
    """What the provider should hold by our books.

    Refunds that it has and has not finished are out of its balance already, and in our books on their way.
    """
    under_way = Refund.objects.filter(channel=Refund.Channel.PROVIDER, status=Refund.Status.SUBMITTED)
    return balance(account=Account.GATEWAY_CLEARING) - (under_way.aggregate(total=Sum("amount"))["total"] or 0)


def book_own_payout(*, movement: Movement) -> None:
    """From the provider to our own bank account, or back from there; a fee for it is the provider's."""
    if movement.amount is None or movement.fee is None:
        return
    post_entry(
        kind="provider.payout",
        reference=movement.movement_id,
        postings=[
            Line(Account.GATEWAY_CLEARING, movement.amount - movement.fee),
            Line(Account.BANK, -movement.amount),
            Line(Account.GATEWAY_FEE, movement.fee),
        ],
        occurred_at=timezone.now(),
    )


@transaction.atomic
def handle_finding(*, finding_id: int, actor: User, note: str) -> None:
    """An operator writes down what was done about a finding. It stays on the list until it is in order again."""
    Finding.objects.filter(pk=finding_id).update(handled_note=note[:500], handled_by=actor, handled_at=timezone.now())
    finding = Finding.objects.get(pk=finding_id)
    record(action="payments.finding_handled", target=finding, actor=actor, data={"note": note[:500]})


def _refunds_out_of_step() -> Found:
    counted = PaymentAttempt.objects.annotate(
        going=Coalesce(Sum("refunds__amount", filter=~Q(refunds__status=Refund.Status.FAILED)), 0)
    ).exclude(refunded=F("going"))
    return {
        (Kind.REFUNDS_OUT_OF_STEP, f"attempt {pk}"): f"{refunded} ≠ {going}"
        for pk, refunded, going in counted.values_list("pk", "refunded", "going")
    }


def _stuck() -> Found:
    now = timezone.now()
    refunds = Refund.objects.filter(
        status__in=(Refund.Status.REQUESTED, Refund.Status.SUBMITTED), created_at__lte=now - REFUND_TAKES
    )
    payments = PaymentAttempt.objects.filter(
        provider=ProviderName.STRIPE, status__in=PaymentAttempt.LIVE, created_at__lte=now - PAYMENT_TAKES
    )
    found = {
        (str(Kind.REFUND_STUCK), f"refund {row.pk}"): row.attempt.order.number
        for row in refunds.select_related("attempt__order")
    }
    found.update(
        {(str(Kind.PAYMENT_STUCK), f"attempt {row.pk}"): row.order.number for row in payments.select_related("order")}
    )
    return found


def _note(kinds: Iterable[str], found: Found) -> None:
    """Add what is new, see again what stands, close what is in order."""
    now = timezone.now()
    for finding in Finding.objects.filter(kind__in=list(kinds), resolved_at=None):
        detail = found.pop((finding.kind, finding.reference), None)
        fields = {"resolved_at": now} if detail is None else {"seen_at": now, "detail": detail[:255]}
        Finding.objects.filter(pk=finding.pk).update(**fields)
    Finding.objects.bulk_create(
        Finding(kind=kind, reference=reference, detail=detail[:255]) for (kind, reference), detail in found.items()
    )
