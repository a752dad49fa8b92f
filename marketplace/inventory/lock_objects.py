"""Locks of stock, always taken in primary key order."""

from collections.abc import Iterable

from marketplace.core.locking import lock_rows
from marketplace.inventory.models import StockItem, StockReservation


def lock_stock(*, variant_ids: Iterable[int]) -> list[StockItem]:
    """Lock the stock of these variants and return it freshly read."""
    return lock_rows(StockItem.objects.filter(variant_id__in=variant_ids))


def lock_stock_items(*, stock_ids: Iterable[int]) -> list[StockItem]:
    """Lock these rows of stock and return them freshly read."""
    return lock_rows(StockItem.objects.filter(pk__in=stock_ids))


def lock_reservations(*, references: Iterable[str]) -> list[StockReservation]:
    """Lock the promises made to these references. Lock their stock first: that's the order everywhere."""
    return lock_rows(StockReservation.objects.filter(reference__in=references))
