"""Writes to vouchers. Limits hold by one conditional UPDATE and a unique use per buyer, however many order at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.catalogue.models import Product
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from marketplace.promotions.models import Voucher, VoucherRedemption
from marketplace.promotions.rules import had_it, used_up
from marketplace.promotions.selectors import COUNTING, buyer_key, clean_code
from marketplace.reference.models import Category
from umkm.vendors.models import Vendor

State = VoucherRedemption.State


@dataclass(frozen=True)
class VoucherDraft:
    """What somebody says a voucher should be. `amount`: of a fixed one; of a percentage the most it takes off."""

    code: str
    kind: str
    percent: int | None
    amount: int | None
    min_basket: int
    valid_from: datetime
    valid_until: datetime | None
    limit_total: int | None
    limit_per_buyer: int | None
    categories: Iterable[Category] = ()
    products: Iterable[Product] = ()


@transaction.atomic
def save_voucher(*, voucher_id: int | None, vendor: Vendor | None, draft: VoucherDraft, actor: User) -> Voucher:
    """Make a voucher, or change one. A code that buyers have used keeps its name and what it is worth.

    Arguments:
        vendor: the shop that gives it out; None for the site's own.

    Raises DomainError with the form's field, Voucher.DoesNotExist for a voucher of somebody else.
    """
    code = clean_code(draft.code)
    same = Voucher.objects.filter(code=code)
    if (same if voucher_id is None else same.exclude(pk=voucher_id)).exists():
        raise DomainError(_("This code is taken. Choose another one."), code="code_taken", field="code")
    if draft.valid_until is not None and draft.valid_until <= draft.valid_from:
        raise DomainError(
            _("It ends before it begins. Choose a later day."), code="dates_not_in_order", field="valid_until"
        )
    fields: dict[str, Any] = {
        "code": code,
        "kind": draft.kind,
        "percent": draft.percent if draft.kind == Voucher.Kind.PERCENT else None,
        "amount": draft.amount,
        "min_basket": draft.min_basket,
        "valid_from": draft.valid_from,
        "valid_until": draft.valid_until,
        "limit_total": draft.limit_total,
        "limit_per_buyer": draft.limit_per_buyer,
    }
    if voucher_id is None:
        voucher = Voucher.objects.create(vendor=vendor, created_by=actor, **fields)
    else:
        locked = lock_rows(Voucher.objects.filter(pk=voucher_id, vendor=vendor))
        if not locked:
            raise Voucher.DoesNotExist
        voucher = locked[0]
        _check_change(voucher, fields)
        Voucher.objects.filter(pk=voucher.pk).update(**fields)
        voucher.refresh_from_db()
    voucher.categories.set(draft.categories)
    voucher.products.set(draft.products)
    record(action="promotions.voucher_saved", target=voucher, actor=actor, data={"code": code, "worth": voucher.worth})
    return voucher


def _check_change(voucher: Voucher, fields: dict[str, Any]) -> None:
    limit = fields["limit_total"]
    if isinstance(limit, int) and limit < voucher.used:
        raise DomainError(
            _("%(count)d are given out already. Set at least that many, or stop the voucher.")
            % {"count": voucher.used},
            code="limit_below_used",
            field="limit_total",
        )
    if voucher.used and any(fields[name] != getattr(voucher, name) for name in ("code", "kind", "percent", "amount")):
        raise DomainError(
            _("Buyers have used it: code and worth stay. Stop it and make a new one instead."), code="voucher_in_use"
        )


@transaction.atomic
def set_voucher_active(*, voucher_id: int, vendor: Vendor | None, is_active: bool, actor: User) -> bool:
    """Stop a voucher, or let it run on. Orders that hold it keep it. False when it was so already."""
    voucher = Voucher.objects.get(pk=voucher_id, vendor=vendor)
    changed = Voucher.objects.filter(pk=voucher.pk).exclude(is_active=is_active).update(is_active=is_active)
    if changed:
        action = "promotions.voucher_resumed" if is_active else "promotions.voucher_stopped"
        record(action=action, target=voucher, actor=actor, data={"code": voucher.code})
    return bool(changed)


@transaction.atomic
def redeem_voucher(*, voucher_id: int, reference: str, email: str, amount: int) -> VoucherRedemption:
    """Hold a voucher for an order that is being placed, in its transaction. Lock stock after it, never before.

    Raises DomainError when the last one went to somebody else meanwhile, or this buyer has had it as often as allowed.
    """
    if not _count(voucher_id):
        raise DomainError(used_up(), code="voucher_used_up", field="voucher")
    key = buyer_key(email)
    limit = Voucher.objects.values_list("limit_per_buyer", flat=True).get(pk=voucher_id)
    counting = VoucherRedemption.objects.filter(voucher_id=voucher_id, buyer=key, state__in=COUNTING, is_counted=True)
    taken = set(counting.values_list("slot", flat=True))
    slot = next(number for number in range(1, len(taken) + 2) if number not in taken)
    if limit is not None and len(taken) >= limit:
        raise _had_it()
    try:
        with transaction.atomic():
            return VoucherRedemption.objects.create(
                voucher_id=voucher_id, reference=reference, buyer=key, slot=slot, amount=amount
            )
    except IntegrityError:
        raise _had_it() from None


@transaction.atomic
def use_voucher(*, reference: str) -> bool:
    """The order is paid. One that had been released is taken again; where none is left, it stands beside the limits.

    Returns False when there was nothing to do.
    """
    held = _lock(reference)
    if held is None or held.state == State.USED:
        return False
    if held.state == State.HELD:
        return bool(VoucherRedemption.objects.filter(pk=held.pk, state=State.HELD).update(state=State.USED))
    is_counted = _count(held.voucher_id)
    taken = set(
        VoucherRedemption.objects.filter(
            voucher_id=held.voucher_id, buyer=held.buyer, state__in=COUNTING, is_counted=True
        ).values_list("slot", flat=True)
    )
    slot = next(number for number in range(1, len(taken) + 2) if number not in taken)
    VoucherRedemption.objects.filter(pk=held.pk).update(state=State.USED, is_counted=is_counted, slot=slot)
    return True


@transaction.atomic
def release_voucher(*, reference: str) -> bool:
    """The order ended unpaid: the voucher can be used again. A used one stays used. False when nothing was held."""
    held = _lock(reference)
    if held is None or held.state != State.HELD:
        return False
    VoucherRedemption.objects.filter(pk=held.pk).update(state=State.RELEASED)
    Voucher.objects.filter(pk=held.voucher_id, used__gt=0).update(used=F("used") - 1)
    return True


def _count(voucher_id: int) -> bool:
    """Give one out, if there is one: a single statement, so nobody gets in between."""
    now = timezone.now()
    free = Q(limit_total__isnull=True) | Q(used__lt=F("limit_total"))
    valid = Q(valid_from__lte=now) & (Q(valid_until__isnull=True) | Q(valid_until__gt=now))
    return bool(Voucher.objects.filter(free, valid, pk=voucher_id, is_active=True).update(used=F("used") + 1))


def _lock(reference: str) -> VoucherRedemption | None:
    """Lock the voucher first, then its use: that is the order everywhere."""
    found = VoucherRedemption.objects.filter(reference=reference).values_list("voucher_id", flat=True).first()
    if found is None:
        return None
    lock_rows(Voucher.objects.filter(pk=found))
    return next(iter(lock_rows(VoucherRedemption.objects.filter(reference=reference))), None)


def _had_it() -> DomainError:
    return DomainError(
        had_it(),
        code="voucher_had",
        field="voucher",
    )
