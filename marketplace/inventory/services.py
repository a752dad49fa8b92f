"""Writes to stock: one conditional UPDATE over rows locked in pk order, the CHECK in the database as second guard."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.catalogue.models import Variant
from marketplace.catalogue.services import set_listings_stock
from marketplace.core.exceptions import DomainError
from marketplace.inventory.lock_objects import lock_reservations, lock_stock, lock_stock_items
from marketplace.inventory.models import StockItem, StockReservation
from marketplace.inventory.selectors import stock_left_by_product

State = StockReservation.State


class InsufficientStock(DomainError):
    """There is not enough. `shortages` tells how many of each variant were left."""

    def __init__(self, shortages: Mapping[int, int]) -> None:
        super().__init__(
            _("There is not enough left of something in your basket. Check the marked lines."),
            code="insufficient_stock",
        )
        self.shortages = dict(shortages)


@transaction.atomic
def set_stock(*, variant_id: int, on_hand: int, actor: User | None) -> StockItem:
    """Set how many pieces there are, as the vendor counted them.

    Raises DomainError for a negative number and for fewer than are promised to buyers already.
    """
    if on_hand < 0:
        raise DomainError(
            _("Stock cannot be below zero. Write 0 when it is sold out."), code="negative_stock", field="stock"
        )
    variant = Variant.objects.get(pk=variant_id)
    StockItem.objects.get_or_create(variant_id=variant_id)
    (stock,) = lock_stock(variant_ids=[variant_id])
    if stock.on_hand == on_hand:
        return stock
    changed = StockItem.objects.filter(pk=stock.pk, reserved__lte=on_hand).update(on_hand=on_hand)
    if not changed:
        raise DomainError(
            _("%(count)d are promised to buyers already. Set at least that many.") % {"count": stock.reserved},
            code="below_reserved",
            field="stock",
        )
    record(action="inventory.stock_set", target=stock, actor=actor, data={"from": stock.on_hand, "to": on_hand})
    stock.on_hand = on_hand
    _tell_listings([variant.product_id])
    return stock


@transaction.atomic
def reserve_stock(*, items: Sequence[tuple[int, int, str]], expires_at: datetime | None) -> None:
    """Promise stock to order lines: all of them or none.

    Arguments:
        items: (variant id, quantity, reference) with a reference per order line. One that is held or consumed already
            stays as it is; one that was released is promised anew (money that arrives late).
        expires_at: until when the promise is held; None means until somebody consumes or releases it.

    Raises InsufficientStock, and then nothing changed.
    """
    stock_of = {
        stock.variant_id: stock for stock in lock_stock(variant_ids={variant_id for variant_id, _q, _r in items})
    }
    known = {row.reference: row for row in lock_reservations(references=[reference for _v, _q, reference in items])}
    wanted = [item for item in items if item[2] not in known or known[item[2]].state == State.RELEASED]
    if not wanted:
        return
    need: dict[int, int] = defaultdict(int)
    for variant_id, quantity, _reference in wanted:
        need[variant_id] += quantity
    missing = {variant_id: 0 for variant_id in need if variant_id not in stock_of}
    by_stock = {stock_of[variant_id].pk: quantity for variant_id, quantity in need.items() if variant_id not in missing}
    if missing or not _take(by_stock):
        raise InsufficientStock(missing | _shortages(need, stock_of))
    StockReservation.objects.bulk_create(
        StockReservation(
            stock=stock_of[variant_id], reference=reference, quantity=quantity, state=State.HELD, expires_at=expires_at
        )
        for variant_id, quantity, reference in wanted
        if reference not in known
    )
    again = [known[reference].pk for _v, _q, reference in wanted if reference in known]
    if again:
        StockReservation.objects.filter(pk__in=again).update(state=State.HELD, expires_at=expires_at)
    _tell_listings_of_variants(need)


@transaction.atomic
def take_stock(
    *, items: Sequence[tuple[int, int, str]], product_ids: Iterable[int], expires_at: datetime | None, is_sold: bool
) -> None:
    """Promise stock to lines that were written a moment ago, in this transaction: all of them or none.

    Fewer statements than `reserve_stock`, since nobody else can know these lines yet.

    Arguments:
        items: (variant id, quantity, reference) with a new reference per order line.
        product_ids: of these variants.
        expires_at: until when the promise is held.
        is_sold: the pieces are sold at once (paid in cash at the handover), as after `consume_reservations`.

    Raises InsufficientStock, and then nothing changed.
    """
    need: dict[int, int] = defaultdict(int)
    for variant_id, quantity, _reference in items:
        need[variant_id] += quantity
    stock_of = {stock.variant_id: stock for stock in lock_stock(variant_ids=need)}
    missing = {variant_id: 0 for variant_id in need if variant_id not in stock_of}
    amount = _per_stock({stock.pk: need[variant_id] for variant_id, stock in stock_of.items()})
    change = {"on_hand": F("on_hand") - amount} if is_sold else {"reserved": F("reserved") + amount}
    enough = StockItem.objects.filter(variant_id__in=need, on_hand__gte=F("reserved") + amount)
    if missing or enough.update(**change) != len(need):
        raise InsufficientStock(missing | _shortages(need, stock_of))
    StockReservation.objects.bulk_create(
        StockReservation(
            stock=stock_of[variant_id],
            reference=reference,
            quantity=quantity,
            state=State.CONSUMED if is_sold else State.HELD,
            expires_at=None if is_sold else expires_at,
        )
        for variant_id, quantity, reference in items
    )
    _tell_listings(product_ids)


@transaction.atomic
def consume_reservations(*, references: Iterable[str]) -> int:
    """Turn held promises into sales: the pieces are no longer there. Returns how many promises changed."""
    held = _lock_in_state(references, State.HELD)
    if not held:
        return 0
    totals = _totals(held)
    StockItem.objects.filter(pk__in=totals).update(
        on_hand=F("on_hand") - _per_stock(totals), reserved=F("reserved") - _per_stock(totals)
    )
    # What can be bought does not change: the pieces were promised before. So no listing changes either.
    return StockReservation.objects.filter(pk__in=[row.pk for row in held]).update(
        state=State.CONSUMED, expires_at=None
    )


@transaction.atomic
def release_reservations(*, references: Iterable[str]) -> int:
    """Give held promises back to the shelf. Returns how many promises changed."""
    held = _lock_in_state(references, State.HELD)
    if not held:
        return 0
    totals = _totals(held)
    StockItem.objects.filter(pk__in=totals).update(reserved=F("reserved") - _per_stock(totals))
    changed = StockReservation.objects.filter(pk__in=[row.pk for row in held]).update(
        state=State.RELEASED, expires_at=None
    )
    _tell_listings_of_stock(totals)
    return changed


@transaction.atomic
def return_stock(*, references: Iterable[str]) -> int:
    """Put sold pieces back on the shelf: the sale was cancelled before it left the shop. Returns how many changed."""
    consumed = _lock_in_state(references, State.CONSUMED)
    if not consumed:
        return 0
    totals: dict[int, int] = defaultdict(int)
    for row in consumed:
        totals[row.stock_id] += row.quantity - row.returned
    StockItem.objects.filter(pk__in=totals).update(on_hand=F("on_hand") + _per_stock(totals))
    changed = StockReservation.objects.filter(pk__in=[row.pk for row in consumed]).update(
        state=State.RELEASED, returned=0
    )
    _tell_listings_of_stock(totals)
    return changed


@transaction.atomic
def return_pieces(*, pieces: Mapping[str, int]) -> int:
    """Put some of the sold pieces back on the shelf. Returns how many pieces came back.

    Arguments:
        pieces: for each reference how many; more than were sold and not returned yet are left out.
    """
    sold = _lock_in_state(pieces, State.CONSUMED)
    totals: dict[int, int] = defaultdict(int)
    for row in sold:
        count = min(pieces[row.reference], row.quantity - row.returned)
        if count > 0:
            StockReservation.objects.filter(pk=row.pk).update(returned=F("returned") + count)
            totals[row.stock_id] += count
    if totals:
        StockItem.objects.filter(pk__in=totals).update(on_hand=F("on_hand") + _per_stock(totals))
        _tell_listings_of_stock(totals)
    return sum(totals.values())


def _take(by_stock: Mapping[int, int]) -> bool:
    """Raise `reserved` where enough is left, in one statement; True when every row had enough."""
    amount = _per_stock(by_stock)
    taken = StockItem.objects.filter(pk__in=by_stock, on_hand__gte=F("reserved") + amount).update(
        reserved=F("reserved") + amount
    )
    return taken == len(by_stock)


def _per_stock(totals: Mapping[int, int]) -> Combinable:
    return Case(
        *(When(pk=pk, then=Value(quantity)) for pk, quantity in totals.items()),
        default=Value(0),
        output_field=IntegerField(),
    )


def _shortages(need: Mapping[int, int], stock_of: Mapping[int, StockItem]) -> dict[int, int]:
    return {
        variant_id: stock_of[variant_id].available
        for variant_id, quantity in need.items()
        if variant_id in stock_of and stock_of[variant_id].available < quantity
    }


def _lock_in_state(references: Iterable[str], state: str) -> list[StockReservation]:
    """Lock stock first, then its promises, and return those that are in `state` by then."""
    wanted = list(references)
    stock_ids = set(
        StockReservation.objects.filter(reference__in=wanted, state=state).values_list("stock_id", flat=True)
    )
    if not stock_ids:
        return []
    lock_stock_items(stock_ids=stock_ids)
    return [row for row in lock_reservations(references=wanted) if row.state == state and row.stock_id in stock_ids]


def recount_listing(payload: dict[str, Any]) -> None:
    """Outbox handler for "catalogue.variants_changed": other variants are on sale, so the card counts anew."""
    with transaction.atomic():
        _tell_listings([payload["product_id"]])


def _totals(reservations: Iterable[StockReservation]) -> dict[int, int]:
    totals: dict[int, int] = defaultdict(int)
    for row in reservations:
        totals[row.stock_id] += row.quantity
    return dict(totals)


def _tell_listings_of_variants(variant_ids: Iterable[int]) -> None:
    _tell_listings(Variant.objects.filter(pk__in=variant_ids).values_list("product_id", flat=True))


def _tell_listings_of_stock(stock_ids: Iterable[int]) -> None:
    _tell_listings(StockItem.objects.filter(pk__in=stock_ids).values_list("variant__product_id", flat=True))


def _tell_listings(product_ids: Iterable[int]) -> None:
    """Cards and search show what is left: changed in the same transaction, in one order against deadlocks."""
    set_listings_stock(stock_left=stock_left_by_product(product_ids=sorted(set(product_ids))))
