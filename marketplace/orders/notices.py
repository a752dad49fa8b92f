"""What follows a change of an order, by outbox handlers: each person is told each thing once; cards count the sale."""

from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import override

from marketplace.core.money import format_rupiah
from marketplace.notifications.services import notify
from marketplace.orders.agreement import agreement_of
from marketplace.orders.models import Order, OrderNotice, SubOrder
from marketplace.orders.selectors import order_at
from marketplace.orders.services import CASH_METHODS, recount_sales
from marketplace.orders.tracking import pickup_code, quote_of
from marketplace.orders.vouchers import voucher_label
from umkm.registration.selectors import public_badges
from umkm.vendors.models import VendorMember

Status = SubOrder.Status


def on_placed(payload: dict[str, Any]) -> None:
    """An order was placed: the buyer gets its link; with cash, the shops get to work."""
    order = Order.objects.select_related("buyer").get(pk=payload["order_id"])
    with transaction.atomic():
        _tell_buyer(
            order,
            "order_placed",
            pays_cash=order.payment_method in CASH_METHODS,
            agreement=_agreement(order),
        )
        if order.payment_method in CASH_METHODS:
            _tell_shops(order, "vendor_new_order")
    recount_sales(order_id=order.pk)


def on_paid(payload: dict[str, Any]) -> None:
    """An order was paid: the buyer can rest, the shops get to work."""
    order = Order.objects.select_related("buyer").get(pk=payload["order_id"])
    with transaction.atomic():
        parts = list(order.suborders.select_related("vendor").order_by("pk")) if order.discount_total else []
        with override(order.language):
            label = voucher_label(order, parts)
        _tell_buyer(order, "order_paid", voucher=label, discount=format_rupiah(order.discount_total))
        _tell_shops(order, "vendor_new_order")
    recount_sales(order_id=order.pk)


def on_expired(payload: dict[str, Any]) -> None:
    """Nobody paid in time. The shops never heard of the order."""
    order = Order.objects.select_related("buyer").get(pk=payload["order_id"])
    with transaction.atomic():
        _tell_buyer(order, "order_expired")


def on_cancelled(payload: dict[str, Any]) -> None:
    """The buyer called an order off: the shops that were told of it must stop."""
    order = Order.objects.select_related("buyer").get(pk=payload["order_id"])
    with transaction.atomic():
        _tell_buyer(order, "order_cancelled")
        if order.payment_method in CASH_METHODS:
            _tell_shops(order, "vendor_order_cancelled")
    recount_sales(order_id=order.pk)


def on_advanced(payload: dict[str, Any]) -> None:
    """A shop moved its part on: the buyer hears of what matters to them."""
    part = SubOrder.objects.select_related("order__buyer", "vendor").get(pk=payload["suborder_id"])
    kind = {
        Status.SHIPPED: "order_shipped",
        Status.READY_FOR_PICKUP: "order_ready",
        Status.CANCELLED: "order_part_cancelled",
    }.get(payload["status"])
    if payload["status"] in (Status.CANCELLED, Status.RETURNED):
        recount_sales(order_id=part.order_id)
    if kind is None:
        return
    event = part.events.filter(status=payload["status"]).last()
    quote = quote_of(part)
    with transaction.atomic():
        _tell_buyer(
            part.order,
            kind,
            about=f":{part.pk}",
            shop=part.vendor.name,
            courier=part.courier,
            tracking_number=part.tracking_number,
            reason=event.note if event else "",
            code=pickup_code(part.order, part),
            place=", ".join(text for text in (quote.place, quote.address) if text),
            hours=quote.hours,
        )


def _agreement(order: Order) -> list[dict[str, Any]]:
    """What was agreed, in the words of the order's language, for a mail that the buyer can keep."""
    found = order_at(number=order.number, token=order.token) or order
    parts = list(found.suborders.all())
    badges = public_badges([part.vendor_id for part in parts])
    with override(order.language):
        items = agreement_of(order=found, parts=parts, badges=badges)
    return [{"title": item.title, "lines": list(item.lines)} for item in items]


def _tell_buyer(order: Order, kind: str, *, about: str = "", **context: Any) -> None:
    if not _once(order, f"{kind}:{order.pk}{about}"):
        return
    with override(order.language):
        url = order.get_absolute_url()
    words = {
        "number": order.number,
        "recipient": order.recipient_name,
        "total": format_rupiah(order.total),
        **context,
    }
    if order.buyer is not None:
        notify(kind=kind, user=order.buyer, language=order.language, url=url, context=words)
    if order.buyer is None or order.buyer.email.lower() != order.email.lower():
        notify(kind=kind, email=order.email, language=order.language, url=url, context=words)


def _tell_shops(order: Order, kind: str) -> None:
    parts = list(order.suborders.select_related("vendor").order_by("pk"))
    members: dict[int, list[VendorMember]] = {}
    for member in VendorMember.objects.filter(
        vendor_id__in=[part.vendor_id for part in parts], is_active=True
    ).select_related("user"):
        members.setdefault(member.vendor_id, []).append(member)
    for part in parts:
        for member in members.get(part.vendor_id, []):
            if not _once(order, f"{kind}:{part.pk}:{member.user_id}"):
                continue
            with override(member.user.language):
                url = reverse("portal:order", args=[part.vendor.slug, part.pk])
            notify(
                kind=kind,
                user=member.user,
                url=url,
                context={
                    "number": order.number,
                    "shop": part.vendor.name,
                    "total": format_rupiah(part.gross),
                    "voucher": order.voucher_code if part.discount_total else "",
                    "own_discount": format_rupiah(part.own_discount) if part.own_discount else "",
                    "site_discount": format_rupiah(part.site_discount) if part.site_discount else "",
                },
            )


def _once(order: Order, key: str) -> bool:
    """Whether nobody was told this before; from now on somebody was."""
    try:
        with transaction.atomic():
            OrderNotice.objects.create(order=order, key=key)
    except IntegrityError:
        return False
    return True


def send_order_link(*, order: Order) -> None:
    """Mail the order's address to the buyer, who asked for it by number and mail address."""
    with override(order.language):
        url = order.get_absolute_url()
    notify(
        kind="order_link",
        email=order.email,
        language=order.language,
        url=url,
        key=f"order_link:{order.pk}",
        context={"number": order.number, "recipient": order.recipient_name},
    )
