"""Vouchers for tests."""

from typing import Any

from marketplace.promotions.models import Voucher


def make_voucher(code: str = "KOPI10", **fields: Any) -> Voucher:
    """Ten per cent off everything, from the site, as often as anybody likes."""
    return Voucher.objects.create(
        **{"code": code, "kind": Voucher.Kind.PERCENT, "percent": 10, "limit_per_buyer": None, **fields}
    )
