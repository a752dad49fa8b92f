"""Bank accounts of a person's shops as a holding (marketplace.accounts.privacy)."""

from typing import Any

from django.utils.translation import gettext_lazy

from marketplace.accounts.models import User
from marketplace.accounts.privacy import Holding
from marketplace.payouts.models import BankAccount, Payout, TaxDeclaration
from umkm.vendors.models import VendorMember


def _owned(user: User) -> list[int]:
    owned = VendorMember.objects.filter(user=user, role=VendorMember.Role.OWNER)
    return list(owned.values_list("vendor_id", flat=True))


def export(user: User) -> list[dict[str, Any]]:
    """Every account that payouts of the person's shops went to, and each payout."""
    shops = _owned(user)
    accounts = [
        {
            "shop": account.vendor.name,
            "bank": account.bank,
            "number": account.number or "",
            "holder": account.holder or "",
            "entered": account.created_at.isoformat(),
            "replaced": account.replaced_at.isoformat() if account.replaced_at else "",
            "payouts": [
                {"number": payout.number, "amount": payout.amount, "status": payout.status}
                for payout in account.payouts.all()
            ],
        }
        for account in BankAccount.objects.filter(vendor__in=shops).select_related("vendor").prefetch_related("payouts")
    ]
    declarations = TaxDeclaration.objects.filter(vendor__in=shops).values("year", "is_within_limit")
    return [*accounts, *({"tax_declaration": row["year"], "within": row["is_within_limit"]} for row in declarations)]


def erase(user: User) -> None:
    """Numbers and names go from accounts that no payout is on its way to; what was paid stays in the books."""
    busy = Payout.objects.filter(status__in=Payout.LIVE).values("account_id")
    accounts = BankAccount.objects.filter(vendor__in=_owned(user)).exclude(pk__in=busy)
    accounts.update(number=None, holder=None)


BANK_ACCOUNTS = Holding(
    key="bank_accounts",
    label=gettext_lazy("Bank accounts for your shop's payouts"),
    kept_after=gettext_lazy("Which sums were paid out and when, with the last digits of the account."),
    export=export,
    erase=erase,
    order=35,
)
