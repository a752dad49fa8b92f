"""Money that goes back, for the shop: what buyers ask, the answer, goods that came back, and giving back unasked."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.aftersales import pages, policies, selectors, services
from marketplace.aftersales.forms import AnswerForm, NoteForm, OfferForm, ReceivedForm
from marketplace.aftersales.models import RefundRequest
from marketplace.aftersales.serving import photo_response
from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.orders.models import PaymentMethod
from umkm.portal.access import frame, member_view
from umkm.portal.views_orders import part_or_404
from umkm.vendors.models import VendorMember

PER_PAGE = 20


def _request_or_404(member: VendorMember, pk: int) -> RefundRequest:
    row = selectors.request_of_vendor(vendor=member.vendor, pk=pk)
    if row is None:
        raise Http404("this shop has no such request")
    return row


@member_view
@require_GET
def request_list(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """The open requests, what waits for the shop first; or all of them."""
    only_open = request.GET.get("semua") != "1"
    found = selectors.requests_of_vendor(vendor=member.vendor, only_open=only_open)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = []
    for row in page.object_list:
        label, kind = pages.badge_of(row)
        rows.append({"row": row, "label": label, "kind": kind, "turn": pages.waiting_for(row)})
    tabs = [
        {"label": _("Open"), "url": "?", "is_current": only_open, "count": None},
        {"label": _("All"), "url": "?semua=1", "is_current": not only_open, "count": None},
    ]
    context = {**frame(member, "orders"), "rows": rows, "page_obj": page, "tabs": tabs}
    return render(request, "portal/requests/list.html", context)


@member_view
@require_GET
def request_detail(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """One request: what is asked, what happened, and what the shop can do now."""
    return render(request, "portal/requests/detail.html", _context(member, _request_or_404(member, pk)))


def _context(member: VendorMember, row: RefundRequest, **forms: Any) -> dict[str, Any]:
    return {
        **frame(member, "orders"),
        **pages.facts(row),
        "order": row.suborder.order,
        "can_answer": policies.may_answer(user=member.user, request=row)[0],
        "can_receive": row.status == RefundRequest.Status.SENT_BACK,
        "hand_refund": services.hand_refund_of(request=row)
        if row.status == RefundRequest.Status.REFUNDING and row.due_at
        else None,
        "answer_form": forms.get("answer_form") or AnswerForm(request=row),
        "received_form": forms.get("received_form") or ReceivedForm(),
        "note_form": forms.get("note_form") or NoteForm(),
    }


@member_view
@require_POST
def request_answer(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The shop agrees, wholly or in part, at once or after the return; or refuses with its reason."""
    row = _request_or_404(member, pk)
    form = AnswerForm(request.POST, request=row)
    if form.is_valid():
        values = form.cleaned_data
        try:
            if values["answer"] == AnswerForm.REFUSE:
                services.decline_request(request_id=row.pk, actor=member.user, note=values["note"])
            else:
                services.approve_request(
                    request_id=row.pk,
                    actor=member.user,
                    note=values["note"],
                    amount=values["amount"],
                    needs_return=values["answer"] == AnswerForm.AGREE_AFTER_RETURN,
                )
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Sent. The buyer gets a mail."))
            return redirect("portal:request", member.vendor.slug, pk)
    return render(request, "portal/requests/detail.html", _context(member, row, answer_form=form), status=422)


@member_view
@require_POST
def request_received(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The goods are back; the money goes back now."""
    row = _request_or_404(member, pk)
    form = ReceivedForm(request.POST)
    if form.is_valid():
        try:
            services.note_received(request_id=row.pk, actor=member.user, **form.cleaned_data)
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Noted. The money goes back to the buyer."))
            return redirect("portal:request", member.vendor.slug, pk)
    return render(request, "portal/requests/detail.html", _context(member, row, received_form=form), status=422)


@member_view
@require_POST
def request_paid(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The shop has paid the buyer back by hand."""
    row = _request_or_404(member, pk)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            services.note_paid_by_hand(request_id=row.pk, actor=member.user, note=form.cleaned_data["note"])
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Noted. The buyer gets a mail and can object."))
            return redirect("portal:request", member.vendor.slug, pk)
    return render(request, "portal/requests/detail.html", _context(member, row, note_form=form), status=422)


@member_view
@require_GET
def request_photo(request: HttpRequest, member: VendorMember, pk: int, photo_id: int) -> FileResponse:
    """A photo of a request to this shop."""
    return photo_response(_request_or_404(member, pk), photo_id)


@member_view
@require_http_methods(["GET", "POST"])
def refund_offer(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The shop gives money of one part back without being asked."""
    part = part_or_404(member, pk)
    existing = selectors.open_request_of_part(suborder_id=part.pk)
    if existing is not None:
        return redirect("portal:request", member.vendor.slug, existing.pk)
    allowed, why_not = policies.may_offer(user=member.user, order=part.order, part=part, has_open_request=False)
    if not allowed:
        messages.info(request, why_not)
        return redirect("portal:order", member.vendor.slug, pk)
    form = OfferForm(request.POST or None, part=part)
    if request.method == "POST" and form.is_valid():
        try:
            offered = services.offer_refund(
                suborder_id=part.pk, actor=member.user, note=form.cleaned_data["note"], **form.what
            )
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Done. The buyer gets a mail."))
            return redirect("portal:request", member.vendor.slug, offered.pk)
    context = {
        **frame(member, "orders"),
        "part": part,
        "order": part.order,
        "form": form,
        "is_by_hand": part.order.payment_method != PaymentMethod.STRIPE,
    }
    return render(request, "portal/requests/offer.html", context, status=422 if form.errors else 200)
