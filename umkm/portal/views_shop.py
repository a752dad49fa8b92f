"""What the shop says of itself, and its papers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from marketplace.catalogue.images import picture_address, rendition_addresses, store_photo
from marketplace.core.exceptions import DomainError
from umkm.portal.access import frame, member_view
from umkm.portal.forms import ShopForm
from umkm.portal.services import save_shop
from umkm.registration.models import LegalDocument
from umkm.vendors.models import VendorMember


@member_view
@require_http_methods(["GET", "POST"])
def shop(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Picture, cover, story, address, hours, ways to deliver."""
    vendor = member.vendor
    status = 200
    if request.method == "POST":
        form = ShopForm(request.POST, request.FILES)
        if form.is_valid() and _save(member, form):
            messages.success(request, _("Saved."))
            return redirect("portal:shop", vendor.slug)
        status = 422
    else:
        initial = {name: getattr(vendor, name) for name in ShopForm.TEXTS}
        form = ShopForm(initial=initial | {"position": vendor.position})
    made = rendition_addresses(pk for pk in (vendor.avatar_id, vendor.cover_id) if pk)
    context = {
        **frame(member, "shop"),
        "form": form,
        "cover_url": picture_address(vendor.cover, 960, made) if vendor.cover else "",
        "papers": LegalDocument.objects.filter(vendor=vendor, is_current=True)
        .select_related("kind", "checked_by__agency")
        .order_by("kind__position"),
    }
    return render(request, "portal/shop.html", context, status=status)


def _save(member: VendorMember, form: ShopForm) -> bool:
    """Store new pictures and save; a refused picture stands at its field and nothing is changed."""
    changes: dict[str, Any] = {name: form.cleaned_data[name] for name in ShopForm.TEXTS}
    changes["latitude"], changes["longitude"] = form.cleaned_data["position"] or (None, None)
    for name in ("avatar", "cover"):
        file = form.cleaned_data.get(name)
        if not file:
            continue
        try:
            changes[name] = store_photo(file=file, title=member.vendor.name, actor=member.user, alt=member.vendor.name)
        except DomainError as error:
            form.add_error(name, str(error))
    if form.errors:
        return False
    save_shop(vendor=member.vendor, actor=member.user, changes=changes)  # type: ignore[arg-type]
    return True
