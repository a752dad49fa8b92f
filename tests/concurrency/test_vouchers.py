"""20 buyers for a voucher that is given out 5 times, and one buyer who orders 8 times at once."""

import threading

import pytest
from django.db import transaction

from marketplace.core.exceptions import DomainError
from marketplace.promotions.models import Voucher, VoucherRedemption
from marketplace.promotions.services import redeem_voucher
from tests.concurrency.threads import at_once
from tests.factories.vouchers import make_voucher

pytestmark = pytest.mark.django_db(transaction=True)
BUYERS, VOUCHERS = 20, 5


def redeem(voucher, number: int, *, email: str = "") -> VoucherRedemption:
    return redeem_voucher(
        voucher_id=voucher.pk, reference=f"LN-{number}", email=email or f"p{number}@contoh.id", amount=1_000
    )


def test_no_more_than_there_are(db):
    voucher = make_voucher(limit_total=VOUCHERS)
    results = at_once(BUYERS, lambda number: redeem(voucher, number))
    assert sum(isinstance(result, VoucherRedemption) for result in results) == VOUCHERS
    refused = [result for result in results if not isinstance(result, VoucherRedemption)]
    assert all(isinstance(error, DomainError) and error.code == "voucher_used_up" for error in refused), refused
    voucher.refresh_from_db()
    assert voucher.used == VoucherRedemption.objects.count() == VOUCHERS


def test_no_more_than_a_buyer_may(db):
    voucher = make_voucher(limit_per_buyer=2)
    results = at_once(8, lambda number: redeem(voucher, number, email="sinta@contoh.id"))
    assert sum(isinstance(result, VoucherRedemption) for result in results) == 2
    assert {error.code for error in results if isinstance(error, DomainError)} == {"voucher_had"}
    voucher.refresh_from_db()
    # Those who were refused took none.
    assert voucher.used == 2


def test_without_the_guard_the_race_is_lost(db):
    """The control: look first, then write. If only five came of this, the tests above would prove nothing."""
    voucher = make_voucher(limit_total=VOUCHERS)
    everyone_has_looked = threading.Barrier(BUYERS)

    def careless(number: int) -> bool:
        seen = Voucher.objects.get(pk=voucher.pk)
        if seen.is_used_up:
            return False
        everyone_has_looked.wait(timeout=60)
        with transaction.atomic():
            Voucher.objects.filter(pk=voucher.pk).update(used=seen.used + 1)
            VoucherRedemption.objects.create(voucher=voucher, reference=f"LN-{number}", buyer=str(number), amount=1_000)
        return True

    assert at_once(BUYERS, careless).count(True) == BUYERS
    assert VoucherRedemption.objects.count() > VOUCHERS
