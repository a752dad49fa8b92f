"""Bank accounts of shops: entered by the owner, checked by an operator, every look written down."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.core.exceptions import DomainError, NotAllowed
from marketplace.core.locking import lock_rows
from marketplace.payouts import notices
from marketplace.payouts.balances import terms
from marketplace.payouts.models import BankAccount
from marketplace.payouts.policies import may_run_payouts
from umkm.vendors.lock_objects import lock_vendor
from umkm.vendors.models import VendorMember
from umkm.vendors.policies import can_manage_team


@transaction.atomic
def save_account(*, vendor_id: int, actor: User, bank: str, number: str, holder: str) -> BankAccount:
    """Let a shop's payouts go to this account from now on. Only its owner may; a repeat changes nothing.

    It is used once an operator has checked it and, when it replaces another, its hold period is over. All owners are
    told by mail. Raises NotAllowed, DomainError for a number that no bank has.
    """
    vendor = lock_vendor(vendor_id)
    allowed, reason = can_manage_team(user=actor, vendor=vendor)
    if not allowed:
        raise NotAllowed(reason)
    bank, holder = " ".join(bank.split()), " ".join(holder.split())
    digits = "".join(sign for sign in number if sign not in " .-")
    if not digits.isascii() or not digits.isdigit() or not 6 <= len(digits) <= 20:
        raise DomainError(
            _("An account number has 6 to 20 digits. Copy it from your bank's app."), code="bad_number", field="number"
        )
    if not bank or not holder:
        raise DomainError(_("Bank and account holder are needed, too."), code="missing", field="holder")
    before = BankAccount.objects.filter(vendor=vendor, replaced_at=None).first()
    if before is not None and (before.bank, before.number, before.holder) == (bank, digits, holder):
        return before
    now = timezone.now()
    hold = timedelta(days=terms().account_hold_days if before else 0)
    BankAccount.objects.filter(vendor=vendor, replaced_at=None).update(replaced_at=now)
    account = BankAccount.objects.create(
        vendor=vendor,
        bank=bank[:60],
        number=digits,
        holder=holder[:100],
        number_tail=digits[-4:],
        entered_by=actor,
        usable_from=now + hold,
    )
    record(
        action="payouts.account_entered",
        target=account,
        actor=actor,
        data={"vendor": vendor.pk, "bank": account.bank, "number_tail": account.number_tail, "changed": bool(before)},
    )
    notices.tell_owners(
        vendor=vendor,
        kind="bank_account_changed",
        context={
            "shop": vendor.name,
            "account": str(account),
            "person": actor.name or actor.email,
            "is_change": bool(before),
            "days": hold.days,
        },
        key=f"bank_account:{account.pk}",
    )
    return account


@transaction.atomic
def check_account(*, account_id: int, actor: User, is_right: bool, note: str = "") -> bool:
    """An operator says whether the account is the shop's. Returns False when that was said before.

    Raises NotAllowed for anybody else and for somebody of the shop, DomainError for a refusal without a reason.
    """
    account = lock_rows(BankAccount.objects.filter(pk=account_id))[0]
    allowed, reason = may_run_payouts(user=actor)
    if not allowed:
        raise NotAllowed(reason)
    if VendorMember.objects.filter(vendor_id=account.vendor_id, user=actor).exists():
        raise NotAllowed(_("You belong to this business. Another operator checks its account."))
    if not is_right and not note.strip():
        raise DomainError(_("Say what is wrong with it. The owner reads this."), code="no_reason", field="note")
    result = BankAccount.Check.PASSED if is_right else BankAccount.Check.REFUSED
    changed = (
        BankAccount.objects.filter(pk=account.pk, replaced_at=None)
        .exclude(check_result=result)
        .update(check_result=result, check_note=note.strip()[:255], checked_by=actor, checked_at=timezone.now())
    )
    if not changed:
        return False
    note = note.strip()[:255]
    record(action=f"payouts.account_{result}", target=account, actor=actor, data={"note": note})
    notices.tell_owners(
        vendor=account.vendor,
        kind="bank_account_checked",
        context={
            "shop": account.vendor.name,
            "account": str(account),
            "is_right": is_right,
            "note": note.strip()[:255],
        },
        key=f"bank_account:{account.pk}:{result}",
    )
    return True


def record_account_view(*, account: BankAccount, viewer: User) -> None:
    """Somebody saw a whole account number: personal finance, so each look is written down."""
    record(action="payouts.account_viewed", target=account, actor=viewer, data={"vendor": account.vendor_id})
