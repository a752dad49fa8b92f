"""A region with businesses, cases and sales, and an officer who watches it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.accounts.models import Officer
from marketplace.orders.models import Order, SubOrder
from tests.factories import base
from tests.factories.orders import make_order, make_shop, make_variant
from tests.roles import sign_in
from tests.verification.conftest import appointed
from umkm.vendors.models import Vendor


@pytest.fixture
def ratna(db: None) -> Officer:
    """An officer of Kota Malang."""
    return appointed("Ratna Dewi")


@pytest.fixture
def ratna_client(ratna: Officer) -> Client:
    return sign_in(Client(), ratna.user, second_factor=True)


@pytest.fixture
def heru_client(db: None) -> Client:
    """An officer of Kabupaten Malang."""
    return sign_in(Client(), appointed("Heru Cahyono", base.MALANG_REGENCY).user, second_factor=True)


def shop(name: str, *, village: str = "35.73.01.1002", opened_days_ago: int = 400, **fields: Any) -> Vendor:
    """A shop that has been open for a while."""
    opened = timezone.now() - timedelta(days=opened_days_ago)
    return make_shop(name, village_code=village, opened_at=opened, **fields)


def sale(vendor: Vendor, *, price: int = 20_000, days_ago: int = 1, status: str = "completed") -> SubOrder:
    """Something that the shop sold `days_ago`."""
    variant = make_variant(vendor, f"Barang {Order.objects.count()}", price=price)
    order = make_order([(variant, 1)], shipping=0)
    moment = timezone.now() - timedelta(days=days_ago)
    Order.objects.filter(pk=order.pk).update(placed_at=moment, status="paid", paid_at=moment)
    SubOrder.objects.filter(order=order).update(status=status, confirmed_at=None if status == "pending" else moment)
    return SubOrder.objects.get(order=order)
