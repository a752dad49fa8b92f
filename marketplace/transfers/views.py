"""The buyer's page of direct transfers. Whoever has an order's address, which nobody can guess, acts for the buyer."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from marketplace.carts.visitor import person_of
from marketplace.catalogue.images import avatar_addresses
from marketplace.core.exceptions import DomainError
from marketplace.core.ratelimit import throttle
from marketplace.core.refusals import show_refusal
from marketplace.orders.access import keep_private, order_or_404
from marketplace.orders.models import Order
from marketplace.transfers import services
from marketplace.transfers.forms import ProofForm
from marketplace.transfers.models import TransferRequest
from marketplace.transfers.policies import may_call_off
from marketplace.transfers.qris import picture
from marketplace.transfers.selectors import proof_for_order, transfers_of
from marketplace.transfers.serving import proof_response

CALLED_OFF = gettext_noop("Called off by the buyer")


@require_GET
@never_cache
def detail(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Whom to pay what, by account or QR code, and the proofs with their answers."""
    return _page(request, order_or_404(number, token))


@require_POST
@never_cache
@throttle("transfer-proof", rate="10/h")
def send_proof(request: HttpRequest, number: str, token: str, pk: int) -> HttpResponse:
    """The buyer shows a proof for one shop's part."""
    order = order_or_404(number, token)
    transfer = _transfer_or_404(order, pk)
    form = ProofForm(request.POST, request.FILES, prefix=f"t{pk}")
    if form.is_valid():
        try:
            services.send_proof(
                request_id=transfer.pk,
                file=form.cleaned_data["file"],
                sender_name=form.cleaned_data["sender_name"],
                actor=person_of(request),
            )
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(
                request, _("Sent. %(shop)s checks it and answers by mail.") % {"shop": transfer.suborder.vendor.name}
            )
            return redirect("transfers:detail", number, token)
    return _page(request, order, refused=form, refused_for=pk)


@require_POST
@never_cache
@throttle("order-action", rate="20/m")
def call_off(request: HttpRequest, number: str, token: str, pk: int) -> HttpResponse:
    """The buyer does not want one shop's part any more, before paying it."""
    transfer = _transfer_or_404(order_or_404(number, token), pk)
    allowed, reason = may_call_off(transfer=transfer)
    person = person_of(request)
    if not allowed:
        messages.error(request, reason)
    elif services.end_transfer(request_id=transfer.pk, actor=person, note=CALLED_OFF):
        messages.success(request, _("Called off. Nothing has to be paid to this shop."))
    return redirect("transfers:detail", number, token)


@require_GET
def proof(request: HttpRequest, number: str, token: str, pk: int) -> FileResponse:
    """The buyer's own proof."""
    return proof_response(proof_for_order(order=order_or_404(number, token), pk=pk))


def _transfer_or_404(order: Order, pk: int) -> TransferRequest:
    transfer = next((row for row in transfers_of(order=order) if row.pk == pk), None)
    if transfer is None:
        raise Http404("this order has no such transfer")
    return transfer


def _page(
    request: HttpRequest, order: Order, *, refused: ProofForm | None = None, refused_for: int = 0
) -> HttpResponse:
    transfers = transfers_of(order=order)
    if not transfers:
        raise Http404("this order is not paid by transfer")
    avatars = avatar_addresses(transfer.suborder.vendor for transfer in transfers)
    context = {
        "order": order,
        "rows": [
            _row(
                transfer, avatars.get(transfer.suborder.vendor_id, ""), refused if transfer.pk == refused_for else None
            )
            for transfer in transfers
        ],
        "open_count": sum(transfer.status in TransferRequest.LIVE for transfer in transfers),
        "waiting_count": sum(transfer.status == TransferRequest.Status.WAITING for transfer in transfers),
    }
    response = render(request, "transfers/detail.html", context, status=422 if refused else 200)
    return keep_private(response)


def _row(transfer: TransferRequest, shop_picture: str, refused: ProofForm | None) -> dict[str, Any]:
    is_waiting = transfer.status == TransferRequest.Status.WAITING
    proofs = list(transfer.proofs.all())
    return {
        "transfer": transfer,
        "vendor": transfer.suborder.vendor,
        "picture": shop_picture,
        # What a shop reads as "waiting for the buyer" is the reader here.
        "badge_label": _("Waiting for your payment") if is_waiting else capfirst(transfer.get_status_display()),
        "badge_kind": {
            TransferRequest.Status.WAITING: "due",
            TransferRequest.Status.CHECKING: "office",
            TransferRequest.Status.CONFIRMED: "permit",
        }.get(TransferRequest.Status(transfer.status), ""),
        # Made by segno from our own payload, nothing of it typed by anybody.
        "code": mark_safe(picture(transfer.qris_payload)) if is_waiting and transfer.qris_payload else "",  # noqa: S308
        "proofs": proofs,
        "last_refusal": next((row.reason for row in reversed(proofs) if row.answer == row.Answer.REFUSED), ""),
        "form": (refused or ProofForm(prefix=f"t{transfer.pk}")) if is_waiting else None,
    }
