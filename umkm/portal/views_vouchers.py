"""The shop's vouchers: what they gave so far, a new one, changing and stopping one. The owner's alone."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.promotions import services
from marketplace.promotions.forms import VoucherForm
from marketplace.promotions.models import Voucher
from marketplace.promotions.selectors import vouchers_of_shop
from umkm.portal.access import frame, owner_view
from umkm.vendors.models import VendorMember

PER_PAGE = 20


@owner_view
@require_GET
def voucher_list(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Every voucher with its worth, its limits and how often it was given, those in use first."""
    page = Paginator(vouchers_of_shop(vendor=member.vendor), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "portal/vouchers/list.html", {**frame(member, "shop"), "page_obj": page})


@owner_view
@require_http_methods(["GET", "POST"])
def voucher_create(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """A new voucher."""
    return _edit(request, member, None)


@owner_view
@require_http_methods(["GET", "POST"])
def voucher_edit(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Change a voucher of this shop."""
    return _edit(request, member, _voucher_or_404(member, pk))


@owner_view
@require_POST
def voucher_switch(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """Stop a voucher, or let it run on."""
    voucher = _voucher_or_404(member, pk)
    is_active = request.POST.get("is_active") == "1"
    services.set_voucher_active(voucher_id=voucher.pk, vendor=member.vendor, is_active=is_active, actor=member.user)
    messages.success(request, _("It runs again.") if is_active else _("Stopped. Orders that have it keep it."))
    return redirect("portal:vouchers", member.vendor.slug)


def _voucher_or_404(member: VendorMember, pk: int) -> Voucher:
    """A voucher of this shop; another shop's does not exist."""
    voucher = Voucher.objects.of_shop(member.vendor).filter(pk=pk).first()
    if voucher is None:
        raise Http404("this shop has no such voucher")
    return voucher


def _edit(request: HttpRequest, member: VendorMember, voucher: Voucher | None) -> HttpResponse:
    data: Any = request.POST if request.method == "POST" else None
    form = VoucherForm(data, vendor=member.vendor, voucher=voucher)
    if data is not None and form.is_valid():
        try:
            services.save_voucher(
                voucher_id=voucher.pk if voucher else None,
                vendor=member.vendor,
                draft=form.draft(),
                actor=member.user,
            )
        except DomainError as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("Saved. Tell your buyers the code."))
            return redirect("portal:vouchers", member.vendor.slug)
    context = {**frame(member, "shop"), "form": form, "voucher": voucher}
    return render(request, "portal/vouchers/edit.html", context, status=422 if form.errors else 200)
