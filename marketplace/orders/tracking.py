"""How an order stands, in words and steps, for its buyer and its vendor. Reads only what is loaded already."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.core.dates import format_local_date
from marketplace.orders.models import Order, PaymentMethod, SubOrder, SubOrderEvent
from marketplace.orders.services import CASH_METHODS
from marketplace.shipping.quotes import Quote

Status = SubOrder.Status
Delivery = SubOrder.Delivery
RECEIVED = (Status.DELIVERED, Status.COMPLETED)
# Digits and letters that nobody mistakes for each other over a counter.
# The shops begin when the money is there.
PAID_FIRST = (PaymentMethod.STRIPE, PaymentMethod.MANUAL_TRANSFER)
CODE_ALPHABET = "23456789ACDEFHJKMNPRTUVWXY"


@dataclass(frozen=True)
class Step:
    """A step of a timeline, as components/timeline.html takes it."""

    title: str
    note: str
    state: str
    icon_name: str


def quote_of(part: SubOrder) -> Quote:
    """The delivery as it was promised at the checkout."""
    return Quote.from_json(part.shipping_quote or {})


def pickup_code(order: Order, part: SubOrder) -> str:
    """Four signs that the buyer shows and the shop compares, from the secret part of the order's address."""
    digest = hashlib.sha256(f"{order.token}:{part.pk}".encode()).digest()
    signs = [CODE_ALPHABET[byte % len(CODE_ALPHABET)] for byte in digest[:4]]
    return f"{signs[0]}{signs[1]} {signs[2]}{signs[3]}"


def timeline(order: Order, part: SubOrder, *, for_vendor: bool = False) -> list[Step]:
    """What happened with a part, happens now and is still ahead, in words for its buyer or its vendor."""
    when = {event.status: event for event in part.events.all()}
    planned = _planned(order, part, for_vendor=for_vendor)
    reached = _reached(order, part, [status for status, _title, _icon in planned])
    steps = []
    for position, (status, title, icon_name) in enumerate(planned):
        event = when.get(status)
        note = _moment(event.happened_at, event.note) if event else ""
        state = "done" if position < reached else "now" if position == reached else "ahead"
        if status == Status.SHIPPED and event and part.courier:
            note = " · ".join(text for text in (part.courier, part.tracking_number, note) if text)
        if state == "now" and not event:
            title = _going_on(part, status) or title
        if not event and state != "done" and status == _promised(part):
            note = quote_of(part).promise
        steps.append(Step(title, note, state, icon_name))
    if part.status in (Status.CANCELLED, Status.RETURNED):
        return _stopped(part, steps, when)
    return steps


def _going_on(part: SubOrder, status: str) -> str:
    """What a step is called while it is not reached yet but next; empty where its own name will do."""
    if status == Status.PACKED:
        return _("Being packed")
    if status == Status.READY_FOR_PICKUP:
        return _("Being put ready")
    if status == Status.SHIPPED and part.delivery == Delivery.SHIPPING:
        return _("Waiting for the courier")
    if status == Status.SHIPPED and part.delivery == Delivery.OWN_DELIVERY:
        return _("About to leave the shop")
    return ""


def _promised(part: SubOrder) -> str:
    """The step that the promise of the checkout is about."""
    return Status.READY_FOR_PICKUP if part.delivery == Delivery.PICKUP else Status.DELIVERED


def _planned(order: Order, part: SubOrder, *, for_vendor: bool = False) -> list[tuple[str, str, str]]:
    """The steps of this kind of delivery: status that the step ends with, title, icon."""
    first = _("Waiting for payment") if part.status == Status.PENDING else _paid_step(order, for_vendor=for_vendor)
    steps = [(str(Status.CONFIRMED), first, "receipt")]
    if part.delivery == Delivery.DIGITAL:
        return [
            *steps,
            (Status.SHIPPED, _("Sent by mail"), "envelope-simple"),
            (Status.DELIVERED, _("Received"), "check"),
        ]
    steps.append((Status.PACKED, _("Packed"), "package"))
    if part.delivery == Delivery.PICKUP:
        return [
            *steps,
            (Status.READY_FOR_PICKUP, _("Ready to fetch"), "storefront"),
            (Status.DELIVERED, _("Fetched"), "check"),
        ]
    way = _("On its way with the shop") if part.delivery == Delivery.OWN_DELIVERY else _("Handed to the courier")
    return [
        *steps,
        (Status.SHIPPED, way, "moped"),
        (Status.DELIVERED, _("With the buyer") if for_vendor else _("At your address"), "house"),
    ]


def _paid_step(order: Order, *, for_vendor: bool) -> str:
    if order.payment_method not in CASH_METHODS:
        return _("Paid")
    return _("Ordered, paid in cash") if for_vendor else _("Ordered, you pay on receipt")


def _reached(order: Order, part: SubOrder, statuses: list[str]) -> int:
    """The position of the step that is going on."""
    if part.status == Status.PENDING:
        return 0
    if part.status in RECEIVED:
        return len(statuses)
    if part.status in (Status.SHIPPED, Status.READY_FOR_PICKUP):
        # On its way, or waiting to be fetched: this very step goes on until the buyer has it.
        return statuses.index(part.status)
    if part.status in statuses:
        return statuses.index(part.status) + 1
    return 1


def _stopped(part: SubOrder, steps: list[Step], when: dict[str, SubOrderEvent]) -> list[Step]:
    """What had happened until then, and the end."""
    event = when.get(part.status)
    happened = [
        Step(step.title, step.note, "done", step.icon_name)
        for step, (status, _title, _icon) in zip(steps, _planned(part.order, part), strict=True)
        if status in when
    ]
    title = _("Cancelled") if part.status == Status.CANCELLED else _("Returned")
    return [*happened, Step(title, _moment(event.happened_at, event.note) if event else "", "stopped", "x")]


def _moment(at: datetime, note: str) -> str:
    text = format_local_date(at, "relative")
    return f"{text}. {note}" if note else text


def headline(order: Order, parts: list[SubOrder]) -> str:
    """The one sentence that says where everything is."""
    if order.status == Order.Status.PENDING and order.payment_method in PAID_FIRST:
        return _("We're waiting for your payment")
    if order.status == Order.Status.EXPIRED:
        return _("This order has ended: it wasn't paid in time")
    living = [part for part in parts if part.status not in (Status.CANCELLED, Status.RETURNED)]
    if order.status in (Order.Status.REFUNDING, Order.Status.REFUNDED):
        return _("You get your money back")
    if not living:
        was_received = any(part.status == Status.RETURNED and part.delivered_at for part in parts)
        return _("You get your money back") if was_received else _("This order was cancelled")
    if all(part.status in RECEIVED for part in living):
        return _("You have received everything")
    shipped = _count(living, Status.SHIPPED)
    ready = _count(living, Status.READY_FOR_PICKUP)
    packing = _count(living, Status.CONFIRMED, Status.PACKED)
    received = _count(living, *RECEIVED)
    if packing == len(living):
        return _("Your order is being packed")
    if ready == len(living):
        return _("Your order is waiting for you")
    return _sentence(
        [
            shipped and ngettext("%(count)d parcel on its way", "%(count)d parcels on their way", shipped),
            ready and ngettext("%(count)d waiting for you to fetch", "%(count)d waiting for you to fetch", ready),
            packing and ngettext("%(count)d being packed", "%(count)d being packed", packing),
            received and ngettext("%(count)d received", "%(count)d received", received),
        ],
        [shipped, ready, packing, received],
    )


def _count(parts: list[SubOrder], *statuses: str) -> int:
    return sum(part.status in statuses for part in parts)


def _sentence(pieces: list[str | int], counts: list[int]) -> str:
    text = ", ".join(str(piece) % {"count": count} for piece, count in zip(pieces, counts, strict=True) if count)
    return text[:1].upper() + text[1:]


def badge_of(part: SubOrder, *, for_vendor: bool = False) -> tuple[str, str]:
    """The word and the kind of badge (components/badge.html) for a part's status."""
    if part.status == Status.CONFIRMED:
        return (_("To be packed"), "now") if for_vendor else (_("Being packed"), "")
    return {
        Status.PENDING: (_("Waiting for payment"), "due"),
        Status.PACKED: (_("Packed"), "office"),
        Status.SHIPPED: (_("On its way"), "office"),
        Status.READY_FOR_PICKUP: (_("Ready to fetch"), "due"),
        Status.DELIVERED: (_("Received"), "permit"),
        Status.COMPLETED: (_("Completed"), "permit"),
        Status.CANCELLED: (_("Cancelled"), ""),
        Status.RETURNED: (_("Returned"), ""),
    }[SubOrder.Status(part.status)]
