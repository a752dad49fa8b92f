"""The owner's orders: the list by state, one order, its steps, the packing slip; all fetched through the shop."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from marketplace.aftersales.pages import requests_of_part
from marketplace.aftersales.policies import is_paid, may_offer
from marketplace.aftersales.services import cancel_parts
from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.orders.models import PaymentMethod, SubOrder
from marketplace.orders.policies import may_advance, vendor_steps
from marketplace.orders.selectors import suborder_counts, suborder_of, suborders_of
from marketplace.orders.services import CASH_METHODS, advance_suborder
from marketplace.orders.tracking import badge_of, pickup_code, quote_of, timeline
from marketplace.payments.selectors import disputes_of
from umkm.portal.access import frame, member_view
from umkm.portal.forms_orders import StepForm
from umkm.vendors.models import VendorMember

PER_PAGE = 20
OPEN = "open"
STATES = (
    SubOrder.Status.CONFIRMED,
    SubOrder.Status.PACKED,
    SubOrder.Status.SHIPPED,
    SubOrder.Status.READY_FOR_PICKUP,
    SubOrder.Status.DELIVERED,
    SubOrder.Status.COMPLETED,
    SubOrder.Status.CANCELLED,
    SubOrder.Status.RETURNED,
)


@member_view
@require_GET
def order_list(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """The shop's parts of orders by state; without a choice, what is to be done, oldest first."""
    asked = request.GET.get("status", OPEN)
    status = asked if asked in (OPEN, "", *STATES) else OPEN
    counts = suborder_counts(vendor=member.vendor)
    page = Paginator(suborders_of(vendor=member.vendor, status=status), PER_PAGE).get_page(request.GET.get("page"))
    rows = []
    for part in page.object_list:
        label, kind = badge_of(part, for_vendor=True)
        rows.append({"part": part, "lines": list(part.lines.all()), "label": label, "kind": kind})
    context = {
        **frame(member, "orders"),
        "page_obj": page,
        "rows": rows,
        "tabs": _tabs(status, counts),
        "has_orders": any(counts.values()),
        "status": status,
    }
    return render(request, "portal/orders/list.html", context)


def _tabs(status: str, counts: Any) -> list[dict[str, Any]]:
    to_do = sum(counts.get(each, 0) for each in SubOrder.OPEN_STATUSES)
    tabs = [{"label": _("To do"), "url": "?status=open", "is_current": status == OPEN, "count": to_do}]
    for state in STATES:
        if counts.get(state) or status == state:
            label, _kind = badge_of(SubOrder(status=state), for_vendor=True)
            tabs.append(
                {
                    "label": label,
                    "url": f"?status={state}",
                    "is_current": status == state,
                    "count": counts.get(state, 0),
                }
            )
    return [*tabs, {"label": _("All"), "url": "?status=", "is_current": status == "", "count": sum(counts.values())}]


def part_or_404(member: VendorMember, pk: int) -> SubOrder:
    """A part of this shop; another shop's does not exist."""
    part = suborder_of(vendor=member.vendor, pk=pk)
    if part is None:
        raise Http404("this shop has no such order")
    return part


@member_view
@require_GET
def order_detail(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """What to pack, for whom, where to, what it brings, and the next step."""
    part = part_or_404(member, pk)
    forms = [StepForm(part=part, step=step) for step in vendor_steps(part)]
    return render(request, "portal/orders/detail.html", _context(member, part, forms))


@member_view
@require_POST
def order_step(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Move the part a step on."""
    part = part_or_404(member, pk)
    steps = vendor_steps(part)
    wanted = request.POST.get("to", "")
    if part.status == wanted:
        return redirect("portal:order", member.vendor.slug, pk)
    if wanted not in steps:
        messages.error(request, _("This step is no longer possible. See how the order stands now."))
        return redirect("portal:order", member.vendor.slug, pk)
    form = StepForm(request.POST, part=part, step=wanted)
    if form.is_valid():
        try:
            _advance(member, part, form)
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _done_text(wanted))
            return redirect("portal:order", member.vendor.slug, pk)
    forms = [form if step == wanted else StepForm(part=part, step=step) for step in steps]
    return render(request, "portal/orders/detail.html", _context(member, part, forms), status=422)


def _advance(member: VendorMember, part: SubOrder, form: StepForm) -> None:
    allowed, reason = may_advance(user=member.user, part=part, to=form.step)
    if not allowed:
        raise DomainError(reason)
    if form.step == SubOrder.Status.CANCELLED:
        cancel_parts(
            order_id=part.order_id,
            suborder_ids=[part.pk],
            actor=member.user,
            note=form.cleaned_data["note"],
            by_shop=True,
        )
        return
    advance_suborder(
        suborder_id=part.pk,
        to=form.step,
        goods_are_back=form.step == SubOrder.Status.RETURNED,
        actor=member.user,
        note=form.cleaned_data.get("note", ""),
        courier=form.cleaned_data.get("courier", ""),
        tracking_number=form.cleaned_data.get("tracking_number", ""),
    )


def _done_text(step: str) -> str:
    return {
        SubOrder.Status.PACKED: _("Packed. Next: send it, or have it ready."),
        SubOrder.Status.SHIPPED: _("Sent. The buyer gets a mail."),
        SubOrder.Status.READY_FOR_PICKUP: _("Ready. The buyer gets a mail with the code."),
        SubOrder.Status.DELIVERED: _("Done. The buyer has it."),
        SubOrder.Status.RETURNED: _("Noted. The goods are back in your stock, and the order is closed."),
        SubOrder.Status.CANCELLED: _("Cancelled. The buyer gets your reason, the goods are back in your stock."),
    }[SubOrder.Status(step)]


@member_view
@require_GET
def packing_slip(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """A page to print and put into the parcel: no prices of other shops, no mail address."""
    part = part_or_404(member, pk)
    return render(request, "portal/orders/slip.html", _context(member, part, []))


def _context(member: VendorMember, part: SubOrder, forms: list[StepForm]) -> dict[str, Any]:
    order = part.order
    label, kind = badge_of(part, for_vendor=True)
    quote = quote_of(part)
    is_cash = order.payment_method in CASH_METHODS
    return {
        **frame(member, "orders"),
        "part": part,
        "order": order,
        "lines": list(part.lines.all()),
        "quantity": sum(line.quantity for line in part.lines.all()),
        "quote": quote,
        "steps": timeline(order, part, for_vendor=True),
        "label": label,
        "kind": kind,
        "forms": [form for form in forms if form.step not in (SubOrder.Status.CANCELLED, SubOrder.Status.RETURNED)],
        "refused_form": next((form for form in forms if form.step == SubOrder.Status.RETURNED), None),
        "requests": requests_of_part(part),
        "disputes": list(disputes_of(order=order)),
        "can_offer": may_offer(user=member.user, order=order, part=part, has_open_request=part.is_contested)[0],
        "is_paid_back": is_paid(order=order, part=part),
        "cancel_form": next((form for form in forms if form.step == SubOrder.Status.CANCELLED), None),
        "is_cash": is_cash,
        "is_to_collect": is_cash and not order.paid_at and part.status in SubOrder.OPEN_STATUSES,
        "is_online": order.payment_method == PaymentMethod.STRIPE,
        "code": pickup_code(order, part) if part.delivery == SubOrder.Delivery.PICKUP else "",
    }
