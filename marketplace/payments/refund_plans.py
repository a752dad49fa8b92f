"""What a refund consists of, to the rupiah: whole parts, single lines, or an amount spread over what is left.

Pure arithmetic over parts that are loaded with their lines; nothing is written here. A line is worth what was paid for
it, which is its price less its share of a discount.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from marketplace.core.exceptions import DomainError
from marketplace.core.money import format_rupiah, split_by_largest_remainder
from marketplace.orders.models import OrderLine, SubOrder


@dataclass(frozen=True)
class RefundItem:
    """One row of a refund. Without a line it is the delivery of the part."""

    suborder_id: int
    line_id: int | None
    quantity: int
    amount: int
    commission: int = 0


@dataclass(frozen=True)
class Remaining:
    """What is left of a part, by line and for its delivery."""

    lines: dict[int, int]
    shipping: int

    @property
    def total(self) -> int:
        return sum(self.lines.values()) + self.shipping


def paid_values(part: SubOrder) -> tuple[dict[int, int], int]:
    """What was paid for each line and for the delivery, after the discount; together the gross of the part."""
    lines = list(part.lines.all())
    on_goods = min(part.discount_total, part.items_total)
    shares = [line.discount_total for line in lines]
    if sum(shares) != on_goods:
        # A discount that no voucher split at the sale.
        shares = split_by_largest_remainder(on_goods, [line.total for line in lines]) if lines else []
        shares = _within([line.total for line in lines], shares)
    values = {line.pk: line.total - share for line, share in zip(lines, shares, strict=True)}
    return values, part.shipping_total - (part.discount_total - on_goods)


def remaining_of(part: SubOrder) -> Remaining:
    """What could still go back of a part."""
    values, shipping = paid_values(part)
    lines = {line.pk: values[line.pk] - line.refunded_amount for line in part.lines.all()}
    return Remaining(lines, shipping - part.refunded_shipping)


def whole(parts: Iterable[SubOrder]) -> list[RefundItem]:
    """Everything that is left of these parts, delivery included."""
    items: list[RefundItem] = []
    for part in parts:
        left = remaining_of(part)
        for line in part.lines.all():
            items.append(_line_item(line, line.quantity - line.refunded_quantity, left.lines[line.pk]))
        items.append(RefundItem(part.pk, None, 0, left.shipping))
    return with_commission(parts, items)


def of_lines(part: SubOrder, quantities: Mapping[int, int], *, with_shipping: bool = False) -> list[RefundItem]:
    """Some pieces of some lines; the last piece of a line takes what is left of it.

    Raises DomainError for more pieces than there are left, and for nothing at all.
    """
    values, _shipping = paid_values(part)
    left = remaining_of(part)
    items: list[RefundItem] = []
    for line in part.lines.all():
        count = quantities.get(line.pk, 0)
        free = line.quantity - line.refunded_quantity
        if count < 0 or count > free:
            raise DomainError(
                _("Of %(name)s only %(count)d are left to refund.") % {"name": line.display_name, "count": free},
                code="too_many_pieces",
            )
        if count:
            share = left.lines[line.pk] if count == free else values[line.pk] * count // line.quantity
            items.append(_line_item(line, count, min(share, left.lines[line.pk])))
    if with_shipping:
        items.append(RefundItem(part.pk, None, 0, left.shipping))
    items = with_commission([part], items)
    if not items:
        raise DomainError(_("Choose at least one thing to refund."), code="nothing_chosen")
    return items


def of_amount(parts: Sequence[SubOrder], amount: int) -> list[RefundItem]:
    """An amount, spread over what is left of these parts by largest remainder, goods and delivery alike.

    Raises DomainError for an amount that is not positive or more than is left.
    """
    lefts = [remaining_of(part) for part in parts]
    total = sum(left.total for left in lefts)
    if amount <= 0:
        raise DomainError(_("Write an amount above zero."), code="amount_not_positive", field="amount")
    if amount > total:
        raise DomainError(
            _("At most %(amount)s can go back here.") % {"amount": format_rupiah(total)},
            code="amount_too_high",
            field="amount",
        )
    slots: list[tuple[int, OrderLine | None, int]] = []
    for part, left in zip(parts, lefts, strict=True):
        slots += [(part.pk, line, left.lines[line.pk]) for line in part.lines.all()]
        slots.append((part.pk, None, left.shipping))
    weights = [free for _pk, _line, free in slots]
    shares = _within(weights, split_by_largest_remainder(amount, weights))
    items = []
    for (part_id, line, free), share in zip(slots, shares, strict=True):
        # A line whose whole price is back counts as refunded piece by piece.
        quantity = line.quantity - line.refunded_quantity if line is not None and share == free else 0
        items.append(RefundItem(part_id, line.pk if line is not None else None, quantity, share))
    return with_commission(parts, items)


def with_commission(parts: Iterable[SubOrder], items: Iterable[RefundItem]) -> list[RefundItem]:
    """The same items with the commission that goes back in each; items of nothing are left out.

    Commission is on the goods: of the goods' price as large a share is given back as of the goods themselves, in all
    refunds together, so that the last one gives back what is left of it.
    """
    of_part: dict[int, list[RefundItem]] = {}
    for item in items:
        if item.amount:
            of_part.setdefault(item.suborder_id, []).append(item)
    result = []
    for part in parts:
        mine = of_part.get(part.pk, [])
        values, _shipping = paid_values(part)
        paid = sum(values.values())
        before = sum(line.refunded_amount for line in part.lines.all())
        goods = [item.amount if item.line_id is not None else 0 for item in mine]
        back = 0
        if sum(goods) and paid:
            back = part.commission * (before + sum(goods)) // paid - part.refunded_commission
        back = max(0, min(back, sum(goods)))
        shares = _within(goods, split_by_largest_remainder(back, goods)) if back else [0] * len(mine)
        result += [
            RefundItem(item.suborder_id, item.line_id, item.quantity, item.amount, share)
            for item, share in zip(mine, shares, strict=True)
        ]
    return result


def by_part(items: Iterable[RefundItem]) -> dict[int, int]:
    """What each part gives back of these rows."""
    amounts: dict[int, int] = {}
    for item in items:
        amounts[item.suborder_id] = amounts.get(item.suborder_id, 0) + item.amount
    return amounts


def total_of(items: Iterable[RefundItem]) -> int:
    """What goes back to the buyer."""
    return sum(item.amount for item in items)


def _line_item(line: OrderLine, quantity: int, amount: int) -> RefundItem:
    return RefundItem(line.suborder_id, line.pk, quantity, amount)


def _within(limits: Sequence[int], shares: Sequence[int]) -> list[int]:
    """The shares, none above its limit: a rupiah too many moves on to the next that has room."""
    kept = [min(share, limit) for share, limit in zip(shares, limits, strict=True)]
    over = sum(shares) - sum(kept)
    for index, limit in enumerate(limits):
        moved = min(over, limit - kept[index])
        kept[index] += moved
        over -= moved
    return kept
