"""How buyers may pay the shop directly, and the transfers that it has to check."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.transfers import services as transfers
from marketplace.transfers.forms import AnswerForm, PaymentMethodsForm
from marketplace.transfers.models import TransferAccount, TransferRequest
from marketplace.transfers.qris import check_code, names_agree, picture, read_photo
from marketplace.transfers.selectors import proof_for_vendor, waiting_for_shop
from marketplace.transfers.serving import proof_response
from umkm.portal.access import frame, member_view, owner_view
from umkm.portal.services import save_shop
from umkm.registration.files import check_upload
from umkm.vendors.models import Vendor, VendorIdentity, VendorMember

PER_PAGE = 20


@owner_view
@never_cache
@require_http_methods(["GET", "POST"])
def payment_methods(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Cash with its limit, bank account and QRIS. The owner's alone: it says where the money goes."""
    account = TransferAccount.objects.filter(vendor=member.vendor).first() or TransferAccount(vendor=member.vendor)
    has_qris = bool(account.qris_payload)
    if request.method != "POST":
        return _methods_page(request, member, account, _filled(member.vendor, account))
    form = PaymentMethodsForm(request.POST, request.FILES, has_qris=has_qris)
    if _save(member, account, form):
        messages.success(request, _("Saved. Orders that are placed keep what they show."))
        return redirect("portal:payment-methods", member.vendor.slug)
    return _methods_page(request, member, account, form)


def _filled(vendor: Vendor, account: TransferAccount) -> PaymentMethodsForm:
    return PaymentMethodsForm(
        has_qris=bool(account.qris_payload),
        initial={
            "accepts_cod": vendor.accepts_cod,
            "cod_limit": vendor.cod_limit,
            "is_offered": vendor.accepts_transfer,
            "bank_name": account.bank_name,
            "account_number": account.account_number,
            "account_holder": account.account_holder,
        },
    )


def _save(member: VendorMember, account: TransferAccount, form: PaymentMethodsForm) -> bool:
    """Save all of it, or put every refusal beside its field: the photo is read even if something else is wrong."""
    form.full_clean()
    data = form.cleaned_data
    try:
        payload = _payload(member.vendor, account, form)
        if form.errors:
            return False
        transfers.save_account(
            vendor=member.vendor,
            actor=member.user,
            bank_name=data["bank_name"],
            account_number=data["account_number"],
            account_holder=data["account_holder"],
            qris_payload=payload,
            is_offered=data["is_offered"],
        )
        save_shop(
            vendor=member.vendor,
            actor=member.user,
            changes={"accepts_cod": data["accepts_cod"], "cod_limit": data["cod_limit"]},
        )
    except DomainError as refused:
        show_refusal(form, refused)
        return False
    return True


def _payload(vendor: Vendor, account: TransferAccount, form: PaymentMethodsForm) -> str:
    """The code that will stand: a new one from its photo, the old one, or none. A strange name must be agreed to."""
    photo = form.cleaned_data.get("qris_photo")
    if not photo:
        return "" if form.cleaned_data.get("remove_qris") else account.qris_payload
    code = check_code(read_photo(_photo_of_code(photo)))
    known = [vendor.name, *VendorIdentity.objects.filter(vendor=vendor).values_list("owner_name", flat=True)]
    if not names_agree(code.merchant_name, *known) and not form.cleaned_data.get("name_is_right"):
        form.asks_about_name = True
        form.add_error(
            "qris_photo",
            _(
                "This code pays “%(name)s” (%(city)s), not a name we know of your shop. Is it yours? Tick the box "
                "below and choose the photo once more."
            )
            % {"name": code.merchant_name, "city": code.city},
        )
    return code.payload


def _photo_of_code(photo: UploadedFile) -> bytes:
    """The photo, checked. Other uploads of the shop may be a PDF; a code must be a photo."""
    try:
        checked = check_upload(photo)
    except DomainError as refused:
        message = refused.message
        if refused.code == "file.not_a_photo":
            message = _("This file is no photo that can be read. Photograph the code, or choose a JPG or PNG.")
        raise DomainError(message, code=refused.code, field="qris_photo") from refused
    if not checked.content_type.startswith("image/"):
        raise DomainError(
            _("This is a PDF. Choose a photo of the code instead, JPG or PNG."),
            code="qris.not_a_photo",
            field="qris_photo",
        )
    return checked.content


def _methods_page(
    request: HttpRequest, member: VendorMember, account: TransferAccount, form: PaymentMethodsForm
) -> HttpResponse:
    context = {
        **frame(member, "shop"),
        "form": form,
        "account": account,
        # Made by segno from a payload that was checked, nothing of it markup.
        "code": mark_safe(picture(account.qris_payload)) if account.qris_payload else "",  # noqa: S308
    }
    return render(request, "portal/payment_methods.html", context, status=422 if form.errors else 200)


@member_view
@never_cache
@require_GET
def transfer_list(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """What buyers say they paid, the longest waiting first; below it what is still to be paid."""
    return _list(request, member)


@member_view
@require_POST
def transfer_confirm(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The money is there."""
    transfer = _transfer_or_404(member, pk)
    try:
        transfers.confirm_transfer(request_id=transfer.pk, actor=member.user)
    except DomainError as refused:
        messages.error(request, str(refused))
        return redirect("portal:transfers", member.vendor.slug)
    messages.success(request, _("Confirmed. Pack it now; the buyer has been told."))
    return redirect("portal:order", member.vendor.slug, transfer.suborder_id)


@member_view
@require_POST
def transfer_refuse(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """The money is not there; the buyer reads why."""
    transfer = _transfer_or_404(member, pk)
    form = AnswerForm(request.POST, prefix=f"t{pk}")
    if form.is_valid():
        transfers.refuse_proof(request_id=transfer.pk, actor=member.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("The buyer reads your answer and can show another proof."))
        return redirect("portal:transfers", member.vendor.slug)
    return _list(request, member, refused=form, refused_for=pk)


@member_view
@require_GET
def transfer_proof(request: HttpRequest, member: VendorMember, pk: int) -> FileResponse:
    """A buyer's proof. The look is written down."""
    proof = proof_for_vendor(vendor=member.vendor, pk=pk)
    response = proof_response(proof)
    if proof is not None:
        transfers.record_proof_view(proof=proof, viewer=member.user)
    return response


def _transfer_or_404(member: VendorMember, pk: int) -> TransferRequest:
    transfer = TransferRequest.objects.filter(pk=pk, suborder__vendor=member.vendor).first()
    if transfer is None:
        raise Http404("this shop has no such transfer")
    return transfer


def _list(
    request: HttpRequest, member: VendorMember, *, refused: AnswerForm | None = None, refused_for: int = 0
) -> HttpResponse:
    page = Paginator(waiting_for_shop(vendor=member.vendor), PER_PAGE).get_page(request.GET.get("page"))
    rows: list[dict[str, Any]] = []
    for transfer in page.object_list:
        proof = next((row for row in transfer.proofs.all() if row.answer == row.Answer.OPEN), None)
        form = AnswerForm(prefix=f"t{transfer.pk}") if proof else None
        rows.append(
            {
                "transfer": transfer,
                "lines": list(transfer.suborder.lines.all()),
                "proof": proof,
                "form": refused if refused is not None and transfer.pk == refused_for else form,
            }
        )
    context = {**frame(member, "orders"), "page_obj": page, "rows": rows}
    return render(request, "portal/transfers.html", context, status=422 if refused else 200)
