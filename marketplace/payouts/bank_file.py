"""The file with which a bank makes many transfers at once. Its columns: docs/payments.md."""

from collections.abc import Iterable

from marketplace.core.spreadsheets import csv_bytes
from marketplace.payouts.models import Payout

# Fixed and in English, so that a bank's template needs to be matched to them once.
COLUMNS = ("reference", "bank", "account_number", "account_holder", "amount", "currency", "description")


def bank_csv(*, payouts: Iterable[Payout]) -> bytes:
    """One line a payout. Account numbers stay texts with their leading zeros; the amount is whole rupiah."""
    rows = []
    for payout in payouts:
        account = payout.account
        assert account is not None  # noqa: S101  only payouts by bank come here; for the type checker
        rows.append(
            (
                payout.number,
                account.bank,
                account.number or "",
                account.holder or "",
                payout.amount,
                "IDR",
                f"Pencairan {payout.number}",
            )
        )
    return csv_bytes(COLUMNS, rows, has_mark=False)
