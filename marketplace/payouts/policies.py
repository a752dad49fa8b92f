"""Who may do what with payouts, and why not."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marketplace.accounts.selectors import is_operator, officer_of
from marketplace.core.dates import format_local_date
from marketplace.payouts.models import BankAccount, Payout
from umkm.vendors.models import Vendor, VendorMember

Answer = tuple[bool, str]


def may_see_payouts(*, user: Any) -> Answer:
    """Whether this person works with payouts at all: operators, and officers for the shops of their region."""
    if is_operator(user) or officer_of(user) is not None:
        return True, ""
    return False, _("Only officers and operators see payouts.")


def may_run_payouts(*, user: Any) -> Answer:
    """Whether this person handles bank accounts, files for the bank and commission: operators."""
    if is_operator(user):
        return True, ""
    return False, _("Only operators handle bank accounts and files for the bank.")


def vendors_for(*, user: Any) -> QuerySet[Vendor]:
    """The shops whose payouts this person works with."""
    if is_operator(user):
        return Vendor.objects.all()
    officer = officer_of(user)
    return Vendor.objects.scoped_to(officer) if officer else Vendor.objects.none()


def payouts_for(*, user: Any) -> QuerySet[Payout]:
    """The payouts that this person works with."""
    return Payout.objects.filter(vendor__in=vendors_for(user=user))


def may_prepare(*, user: Any, vendor: Vendor) -> Answer:
    """Whether this person may prepare a payout of this shop."""
    if VendorMember.objects.filter(vendor=vendor, user_id=user.pk).exists():
        return False, _("You belong to this business. Somebody else prepares and approves its payouts.")
    if vendors_for(user=user).filter(pk=vendor.pk).exists():
        return True, ""
    return False, _("Only officers of the shop's region and operators may do this.")


def may_approve(*, user: Any, payout: Payout) -> Answer:
    """Whether this person may approve a payout: never the one who prepared it."""
    if payout.prepared_by_id == user.pk:
        return False, _("You prepared this payout. Somebody else has to approve it.")
    return may_prepare(user=user, vendor=payout.vendor)


def why_not(*, vendor: Vendor, account: BankAccount | None, now: datetime, by_stripe: bool = False) -> str:
    """Why nothing can be paid out to this shop now; empty when it can."""
    if vendor.status == Vendor.Status.SUSPENDED:
        return _("The shop is suspended. It is paid out when it is open again.")
    if by_stripe:
        return ""
    if account is None:
        return _("The shop has named no bank account yet.")
    if account.check_result == BankAccount.Check.REFUSED:
        return _("Its bank account was refused. The owner has to name another.")
    if not account.is_checked:
        return _("Its bank account waits for a check.")
    if account.usable_from > now:
        return _("Its bank account was changed. It is used from %(day)s on.") % {
            "day": format_local_date(account.usable_from)
        }
    return ""
