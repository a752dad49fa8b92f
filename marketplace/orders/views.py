"""The buyer's pages of orders. Whoever has an order's address, which nobody can guess, acts for the buyer."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.carts.visitor import person_of
from marketplace.catalogue.images import avatar_addresses
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.orders import services
from marketplace.orders.access import keep_private, order_or_404
from marketplace.orders.agreement import agreement_of, receipt_pdf
from marketplace.orders.forms import FindOrderForm
from marketplace.orders.models import Order, PaymentMethod, SubOrder
from marketplace.orders.notices import send_order_link
from marketplace.orders.policies import may_cancel, may_confirm_receipt
from marketplace.orders.selectors import order_for_link, orders_of
from marketplace.orders.tracking import badge_of, headline, pickup_code, quote_of, timeline
from marketplace.orders.vouchers import voucher_label
from umkm.registration.selectors import public_badges

PER_PAGE = 20


@require_GET
@never_cache
def detail(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Where everything is, what was paid, what the buyer can do, and what was agreed."""
    order = order_or_404(number, token)
    return keep_private(render(request, "orders/detail.html", _context(order)))


@require_GET
@never_cache
def receipt(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """The agreement with its nine items, to print or keep."""
    order = order_or_404(number, token)
    return keep_private(render(request, "orders/receipt.html", _context(order)))


@require_GET
@never_cache
@throttle("receipt-file", rate="30/m", method="GET")
def receipt_file(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """The same as PDF."""
    order = order_or_404(number, token)
    parts = list(order.suborders.all())
    badges = public_badges([part.vendor_id for part in parts])
    response = HttpResponse(receipt_pdf(order=order, parts=parts, badges=badges), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{order.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return keep_private(response)


def _context(order: Order) -> dict[str, Any]:
    parts = list(order.suborders.all())
    badges = public_badges([part.vendor_id for part in parts])
    avatars = avatar_addresses(part.vendor for part in parts)
    return {
        "order": order,
        "agreement": agreement_of(order=order, parts=parts, badges=badges),
        "headline": headline(order, parts),
        "parcels": [
            _parcel(order, part, badges.get(part.vendor_id, [])) | {"picture": avatars.get(part.vendor_id, "")}
            for part in parts
        ],
        "can_pay": order.status == Order.Status.PENDING and order.payment_method == PaymentMethod.STRIPE,
        "pays_shops": order.payment_method == PaymentMethod.MANUAL_TRANSFER,
        "can_cancel": may_cancel(order=order, parts=parts)[0],
        "is_cash": order.payment_method in services.CASH_METHODS,
        "needs_address": any(quote_of(part).needs_address for part in parts),
        "voucher_label": voucher_label(order, parts),
        "quantity": sum(line.quantity for part in parts for line in part.lines.all()),
        "shop_count": len(parts),
    }


def _parcel(order: Order, part: SubOrder, badges: list[Any]) -> dict[str, Any]:
    label, kind = badge_of(part)
    return {
        "part": part,
        "vendor": part.vendor,
        "lines": list(part.lines.all()),
        "quote": quote_of(part),
        "voucher_label": voucher_label(order, [part]),
        "badge_label": label,
        "badge_kind": kind,
        "steps": timeline(order, part),
        "permits": [badge for badge in badges if badge.is_valid],
        "code": pickup_code(order, part) if part.status == SubOrder.Status.READY_FOR_PICKUP else "",
        "can_confirm": may_confirm_receipt(part=part)[0],
    }


@require_POST
@never_cache
@throttle("order-action", rate="20/m")
def received(request: HttpRequest, number: str, token: str, pk: int) -> HttpResponse:
    """The buyer has a part in their hands."""
    order = order_or_404(number, token)
    part = next((part for part in order.suborders.all() if part.pk == pk), None)
    if part is None:
        raise Http404("there is no such part")
    try:
        services.confirm_receipt(suborder_id=part.pk, actor=person_of(request))
        messages.success(request, _("Thank you. If something is wrong with it, tell us within a week."))
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(order.get_absolute_url())


@require_POST
@never_cache
@throttle("order-action", rate="20/m")
def cancel(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """The buyer calls a cash order off before a shop has packed."""
    order = order_or_404(number, token)
    try:
        allowed, reason = may_cancel(order=order, parts=list(order.suborders.all()))
        if not allowed:
            raise DomainError(reason)
        services.cancel(order_id=order.pk, actor=person_of(request), reason=_("Cancelled by the buyer"))
        messages.success(request, _("Cancelled. The shops know, and nothing has to be paid."))
    except DomainError as refused:
        messages.error(request, str(refused))
    return redirect(order.get_absolute_url())


@require_http_methods(["GET", "POST"])
@never_cache
@throttle("order-find", rate="5/m")
def find(request: HttpRequest) -> HttpResponse:
    """Find an order again: we mail its link. The answer is the same whether or not there is such an order."""
    form = FindOrderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        order = order_for_link(number=form.cleaned_data["number"], email=form.cleaned_data["email"])
        if order is not None:
            send_order_link(order=order)
        return render(request, "orders/find.html", {"form": FindOrderForm(), "sent_to": form.cleaned_data["email"]})
    return render(request, "orders/find.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@never_cache
def mine(request: HttpRequest) -> HttpResponse:
    """A person's own orders; visitors find theirs by number."""
    person = person_of(request)
    if person is None:
        return redirect("orders:find")
    page = Paginator(orders_of(buyer=person), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "order": order,
            "headline": headline(order, list(order.suborders.all())),
            "shops": [part.vendor.name for part in order.suborders.all()],
            "names": [line.display_name for part in order.suborders.all() for line in part.lines.all()],
        }
        for order in page.object_list
    ]
    return render(request, "orders/mine.html", {"page_obj": page, "rows": rows})
