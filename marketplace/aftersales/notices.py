"""Telling both sides of each step: in the site and by mail, in their own language."""

from typing import Any

from django.urls import reverse
from django.utils.translation import override

from marketplace.accounts.models import OPERATORS
from marketplace.accounts.selectors import people_in
from marketplace.aftersales.models import RefundRequest, RequestEvent
from marketplace.core.dates import format_local_date
from marketplace.core.money import format_rupiah
from marketplace.notifications.services import notify
from umkm.vendors.models import VendorMember

Kind = RequestEvent.Kind
By = RequestEvent.By
# Payments tells the buyer itself that the money is back.
NOT_FOR_BUYER = (Kind.ASKED, Kind.SENT_BACK, Kind.REFUNDED)
NOT_FOR_SHOP = (Kind.APPROVED, Kind.OFFERED, Kind.RECEIVED)
FOR_OPERATORS = (Kind.ESCALATED, Kind.FAILED)


def tell(request: RefundRequest, *, kind: str, by: str, note: str = "") -> None:
    """Everybody whom a step concerns and who did not do it."""
    if by != By.BUYER and kind not in NOT_FOR_BUYER:
        _tell_buyer(request, kind, note)
    if by != By.SHOP and (kind not in NOT_FOR_SHOP or by == By.OPERATOR):
        _tell_shop(request, kind, note)
    if kind in FOR_OPERATORS:
        _tell_operators(request, kind, note)


def remind(request: RefundRequest) -> None:
    """The term of whoever's turn it is ends tomorrow."""
    if request.status == RefundRequest.Status.RETURNING:
        _tell_buyer(request, "reminder", "")
    else:
        _tell_shop(request, "reminder", "")


def _tell_buyer(request: RefundRequest, kind: str, note: str) -> None:
    order = request.suborder.order
    with override(order.language):
        url = reverse("aftersales:request", args=[order.number, order.token, request.pk])
        words = _words(request, kind, note)
    if order.buyer is not None:
        notify(kind="refund_request_buyer", user=order.buyer, language=order.language, url=url, context=words)
    if order.buyer is None or order.buyer.email.lower() != order.email.lower():
        notify(kind="refund_request_buyer", email=order.email, language=order.language, url=url, context=words)


def _tell_shop(request: RefundRequest, kind: str, note: str) -> None:
    vendor = request.suborder.vendor
    for member in VendorMember.objects.filter(vendor=vendor, is_active=True).select_related("user"):
        with override(member.user.language):
            url = reverse("portal:request", args=[vendor.slug, request.pk])
            words = _words(request, kind, note)
        notify(kind="refund_request_shop", user=member.user, url=url, context=words)


def _tell_operators(request: RefundRequest, kind: str, note: str) -> None:
    for person in people_in(OPERATORS):
        with override(person.language):
            url = reverse("aftersales_admin:request", args=[request.pk])
            words = _words(request, kind, note)
        notify(kind="refund_request_operator", user=person, url=url, context=words)


def _words(request: RefundRequest, kind: str, note: str) -> dict[str, Any]:
    return {
        "what": str(kind),
        "status": str(request.status),
        "number": request.suborder.order.number,
        "shop": request.suborder.vendor.name,
        "recipient": request.suborder.order.recipient_name,
        "amount": format_rupiah(request.amount),
        "note": note,
        "due": format_local_date(request.due_at, "weekday") if request.due_at else "",
        "is_final": request.is_final,
        "by_operator": request.is_final,
    }
