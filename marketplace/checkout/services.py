"""Placing an order: the one write at the sale that spans slices, in one transaction."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from marketplace.accounts.models import User
from marketplace.audit.services import record
from marketplace.carts.models import Cart, CartLine
from marketplace.carts.selectors import Line, cart_contents
from marketplace.carts.services import set_voucher
from marketplace.catalogue.models import Product
from marketplace.checkout.destinations import destination, full_name
from marketplace.checkout.drafts import Address, Contact
from marketplace.checkout.plans import Part, Plan, delivery_field, make_plan
from marketplace.core.exceptions import DomainError
from marketplace.core.locking import lock_rows
from marketplace.core.money import format_rupiah
from marketplace.inventory.services import take_stock
from marketplace.orders.models import Order, OrderLine, PaymentMethod, SubOrder, SubOrderEvent
from marketplace.orders.services import CASH_METHODS
from marketplace.outbox.services import enqueue
from marketplace.payments.services import create_attempt
from marketplace.payouts.commission import Commission, CommissionRules
from marketplace.promotions.services import redeem_voucher
from marketplace.reference.models import Region
from marketplace.transfers.services import request_transfers

# Letters and digits that cannot be mistaken for each other when somebody reads the number out.
NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


@transaction.atomic
def place_order(
    *,
    cart_id: int,
    buyer: User | None,
    contact: Contact,
    address: Address,
    deliveries: Mapping[int, str],
    payment_method: str,
    checkout_key: str,
    language: str,
    expected_total: int | None = None,
    seen: Plan | None = None,
    voucher_code: str = "",
) -> Order:
    """Turn what can be ordered of a basket into an order: stock promised, parts frozen, payment attempt written.

    Lines that cannot be ordered (sold out, shop closed) stay in the basket. The same `checkout_key` again returns the
    order that it placed before.

    Arguments:
        deliveries: for each shop's id the key of the quote that the buyer chose.
        expected_total: what the buyer saw; when it would now be something else, nothing is placed.
        seen: the plan that the same request made a moment ago. Its place and rates, which no lock guards anyway, are
            not read twice; the basket, prices and stock are.
        voucher_code: a voucher that the buyer typed; with one that takes nothing off nothing is placed.

    Raises DomainError, and then nothing has changed: `cart_empty`, `changed`, `insufficient_stock`, or with the form's
    field for a delivery or payment that is not possible.
    """
    cart = next(iter(lock_rows(Cart.objects.filter(pk=cart_id))), None)
    # After the lock: a second post of the same form waits for the first and then finds its order.
    number, placed = _new_number(checkout_key)
    if placed is not None:
        return placed
    known = seen.region if seen else None
    region = known if known and known.code == address.region_code else destination(address.region_code)
    plan = make_plan(
        contents=cart_contents(cart),
        region=region,
        deliveries=deliveries,
        rates=seen.rates if seen else None,
        voucher_code=voucher_code,
    )
    _check(plan, deliveries=deliveries, payment_method=payment_method, region=region, expected_total=expected_total)
    order = _write_order(
        plan,
        number=number,
        buyer=buyer,
        contact=contact,
        address=address if plan.needs_address else Address(note=address.note),
        region=region if plan.needs_address else None,
        payment_method=payment_method,
        checkout_key=checkout_key,
        language=language,
    )
    # Paid in cash at the handover: the shops get their parts, and sell their stock, at once.
    is_cash = payment_method in CASH_METHODS
    lines = _write_parts(order, plan, is_confirmed=is_cash)
    create_attempt(order=order, method=payment_method, is_open=is_cash)
    _redeem(plan, order=order, cart=cart, email=buyer.email if buyer else contact.email)
    # Late, so that the rows that everybody wants are locked for the shortest time.
    take_stock(
        items=[(line.variant_id, line.quantity, line.stock_reference) for line in lines if line.variant_id],
        product_ids=[line.product_id for line in lines if line.product_id],
        expires_at=order.expires_at,
        is_sold=is_cash,
    )
    if payment_method == PaymentMethod.MANUAL_TRANSFER:
        request_transfers(order=order)
    CartLine.objects.filter(pk__in=[line.pk for line in _ordered(plan)]).delete()
    record(action="orders.placed", target=order, actor=buyer, data={"method": payment_method, "total": order.total})
    enqueue(topic="order.placed", key=str(order.pk), payload={"order_id": order.pk})
    return order


def _redeem(plan: Plan, *, order: Order, cart: Cart | None, email: str) -> None:
    """Hold the voucher for the order; the basket has done with it."""
    if plan.voucher is None:
        return
    redeem_voucher(voucher_id=plan.voucher.pk, reference=order.number, email=email, amount=plan.discount_total)
    if cart is not None:
        set_voucher(cart=cart, code="")


def _check(
    plan: Plan,
    *,
    deliveries: Mapping[int, str],
    payment_method: str,
    region: Region | None,
    expected_total: int | None,
) -> None:
    if not plan.parts:
        raise DomainError(
            _("Nothing in your basket can be ordered now. Look at the basket: each line says why."), code="cart_empty"
        )
    if plan.offer is not None and plan.offer.refusal:
        raise DomainError(plan.offer.refusal, code="voucher_refused", field="voucher")
    for part in plan.parts:
        _check_part(part, wanted=deliveries.get(part.group.vendor.pk, ""), region=region)
    if expected_total is not None and plan.total != expected_total:
        raise DomainError(
            _("Something changed while you were here: the total is now %(total)s. Look it over, then order again.")
            % {"total": format_rupiah(plan.total)},
            code="changed",
        )
    reason = plan.reason_against(payment_method)
    if reason:
        raise DomainError(reason, code="payment_not_possible", field="payment_method")


def _check_part(part: Part, *, wanted: str, region: Region | None) -> None:
    shop = {"shop": part.group.vendor.name}
    field = delivery_field(part.group.vendor.pk)
    if part.chosen is None:
        if region is None:
            raise DomainError(_("Choose where it goes first."), code="address_missing", field="region_query")
        raise DomainError(
            _("%(shop)s can't get its part to you. Take its things out of the basket, or choose another address.")
            % shop,
            code="no_delivery",
            field=field,
        )
    if part.chosen.key != wanted:
        raise DomainError(
            _("Choose how you get the things from %(shop)s.") % shop, code="delivery_missing", field=field
        )
    if part.chosen.needs_address and region is None:
        raise DomainError(_("Choose where it goes first."), code="address_missing", field="region_query")


def _write_order(
    plan: Plan,
    *,
    number: str,
    buyer: User | None,
    contact: Contact,
    address: Address,
    region: Region | None,
    payment_method: str,
    checkout_key: str,
    language: str,
) -> Order:
    return Order.objects.create(
        number=number,
        buyer=buyer,
        checkout_key=checkout_key,
        language=language,
        payment_method=payment_method,
        email=contact.email,
        recipient_name=contact.name,
        phone=contact.phone,
        address=address.street,
        region=region,
        region_name=full_name(region) if region else "",
        postal_code=address.postal_code or (region.postal_code if region else ""),
        note=address.note,
        items_total=plan.items_total,
        shipping_total=plan.shipping_total,
        discount_total=plan.discount_total,
        voucher_code=plan.voucher.code if plan.voucher else "",
        total=plan.total,
    )


def _new_number(checkout_key: str) -> tuple[str, Order | None]:
    """A number that no order has, and the order that was placed with this key before, if there is one.

    `LN-2611-7KQ3XM`: year and month, then six signs that tell nobody how much the site sells.
    """
    while True:
        signs = "".join(secrets.choice(NUMBER_ALPHABET) for _sign in range(6))
        number = f"LN-{timezone.localtime():%y%m}-{signs}"
        found = list(Order.objects.filter(Q(checkout_key=checkout_key) | Q(number=number)))
        placed = next((order for order in found if order.checkout_key == checkout_key), None)
        if placed is not None or not found:
            return number, placed


def _write_parts(order: Order, plan: Plan, *, is_confirmed: bool) -> list[OrderLine]:
    steps = [SubOrder.Status.PENDING, *([SubOrder.Status.CONFIRMED] if is_confirmed else [])]
    start = {"status": steps[-1], "confirmed_at": timezone.now() if is_confirmed else None}
    suborders = SubOrder.objects.bulk_create(
        _suborder(order, part, commission, start)
        for part, commission in zip(plan.parts, _commissions(plan), strict=True)
    )
    SubOrderEvent.objects.bulk_create(
        SubOrderEvent(suborder=suborder, status=status) for status in steps for suborder in suborders
    )
    return OrderLine.objects.bulk_create(
        _order_line(suborder, line, discount)
        for suborder, part in zip(suborders, plan.parts, strict=True)
        for line, discount in part.discounted_lines
    )


def _commissions(plan: Plan) -> list[Commission]:
    """What the site keeps of each part by the rules of today."""
    rules = CommissionRules()
    product_ids = {line.product.pk for line in _ordered(plan)} if rules.asks_for_categories else set()
    paths = dict(Product.objects.filter(pk__in=product_ids).values_list("pk", "category__path")) if product_ids else {}
    return [
        rules.commission(
            vendor_id=part.group.vendor.pk,
            # What a shop takes off itself brings no commission; what the site takes off is not the shop's loss.
            goods=[
                (line.total - (0 if part.is_discount_sites else discount), paths.get(line.product.pk, ""))
                for line, discount in part.discounted_lines
            ],
        )
        for part in plan.parts
    ]


def _suborder(order: Order, part: Part, commission: Commission, start: dict[str, Any]) -> SubOrder:
    assert part.chosen is not None  # noqa: S101  checked before; for the type checker
    gross = part.total
    # Never more than the buyer pays for the goods: all of it can go back with a refund.
    kept = min(commission.amount, part.items_total - part.discount)
    quote = part.chosen.as_json()
    if commission.site_sends and part.chosen.kind == SubOrder.Delivery.SHIPPING:
        quote["paid_to"] = "site"
    return SubOrder(
        order=order,
        vendor=part.group.vendor,
        delivery=part.chosen.kind,
        shipping_quote=quote,
        items_total=part.items_total,
        shipping_total=part.shipping,
        discount_total=part.discount,
        site_discount=part.site_discount,
        gross=gross,
        **start,
        commission_rate=commission.rate,
        commission=kept,
        net=gross - kept,
    )


def _order_line(suborder: SubOrder, line: Line, discount: int) -> OrderLine:
    return OrderLine(
        suborder=suborder,
        variant=line.variant,
        product=line.product,
        name=line.product.name,
        name_en=line.product.name_en,
        variant_label=line.variant.label,
        picture=line.picture,
        unit_price=line.price,
        quantity=line.quantity,
        total=line.total,
        discount_total=discount,
        weight_grams=line.variant.weight_grams,
    )


def _ordered(plan: Plan) -> list[Line]:
    return [line for part in plan.parts for line in part.group.countable]
