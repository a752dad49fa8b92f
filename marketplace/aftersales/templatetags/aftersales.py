"""Requests on the pages of an order, which know nothing of this slice."""

from typing import Any

from django import template

from marketplace.aftersales.pages import badge_of
from marketplace.aftersales.policies import is_paid, may_ask, may_cancel_part
from marketplace.aftersales.selectors import requests_of_order
from marketplace.orders.models import Order
from marketplace.payments.selectors import refunds_of

register = template.Library()


@register.simple_tag
def order_after_sale(order: Order) -> dict[str, Any]:
    """Everything about an order's refunds: `refunds`, and by part the requests and what may be done. Three queries."""
    asked: dict[int, list[dict[str, Any]]] = {}
    for row in requests_of_order(order=order):
        label, kind = badge_of(row)
        asked.setdefault(row.suborder_id, []).append({"row": row, "label": label, "kind": kind})
    parts = {}
    for part in order.suborders.all():
        mine = asked.get(part.pk, [])
        has_open = any(entry["row"].is_open for entry in mine)
        parts[part.pk] = {
            "requests": mine,
            "can_ask": may_ask(order=order, part=part, has_open_request=has_open)[0],
            "can_cancel": may_cancel_part(order=order, part=part)[0] and not has_open,
            "is_paid": is_paid(order=order, part=part),
        }
    return {"parts": parts, "refunds": list(refunds_of(order=order))}


@register.filter
def of_part(after_sale: dict[str, Any], pk: int) -> dict[str, Any]:
    """The entry of one part."""
    found: dict[str, Any] = after_sale["parts"].get(pk, {})
    return found
