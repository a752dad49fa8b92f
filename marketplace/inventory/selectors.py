"""Questions about stock."""

from collections.abc import Iterable

from django.db.models import F, Sum

from marketplace.inventory.models import StockItem, StockReservation


def stock_left_by_product(*, product_ids: Iterable[int]) -> dict[int, int]:
    """How many of each product can be bought now, over its variants on sale."""
    rows = (
        StockItem.objects.filter(variant__product_id__in=product_ids, variant__is_active=True)
        .values("variant__product_id")
        .annotate(left=Sum(F("on_hand") - F("reserved")))
        .values_list("variant__product_id", "left")
    )
    found = dict(rows)
    return {product_id: found.get(product_id) or 0 for product_id in product_ids}


def stock_out_of_step() -> list[tuple[int, int, int]]:
    """Rows whose `reserved` isn't the sum of their held promises: (stock id, reserved, sum). Empty when all is well."""
    held = dict(
        StockReservation.objects.filter(state=StockReservation.State.HELD)
        .values("stock_id")
        .annotate(total=Sum("quantity"))
        .values_list("stock_id", "total")
    )
    rows = StockItem.objects.filter(reserved__gt=0).values_list("pk", "reserved")
    found = {pk: (reserved, held.pop(pk, 0)) for pk, reserved in rows}
    found.update({pk: (0, total) for pk, total in held.items()})
    return [(pk, reserved, total) for pk, (reserved, total) in sorted(found.items()) if reserved != total]
