"""How the shop sends: days to pack, couriers, its own delivery area, pickup points. Owner and staff alike."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from marketplace.core.exceptions import DomainError
from marketplace.core.refusals import show_refusal
from marketplace.shipping import services
from marketplace.shipping.models import VendorShipping
from umkm.portal.access import frame, member_view
from umkm.portal.forms_orders import DeliveryAreaForm, PickupPointForm, VendorShippingForm, area_label
from umkm.vendors.models import VendorMember


@member_view
@require_http_methods(["GET", "POST"])
def shipping(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Everything about sending on one page; a POST saves days and couriers."""
    if request.method != "POST":
        return _page(request, member)
    form = VendorShippingForm(request.POST)
    if form.is_valid() and _saved(form, services.save_vendor_shipping, member, **form.cleaned_data):
        messages.success(request, _("Saved."))
        return redirect("portal:shipping", member.vendor.slug)
    return _page(request, member, settings_form=form)


@member_view
@require_POST
def shipping_area(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Add an area of the shop's own delivery, or change its price."""
    form = DeliveryAreaForm(request.POST)
    if form.is_valid() and _saved(form, services.save_delivery_area, member, **form.cleaned_data):
        messages.success(request, _("Saved. Buyers there see it from now on."))
        return redirect("portal:shipping", member.vendor.slug)
    return _page(request, member, area_form=form)


@member_view
@require_POST
def shipping_area_remove(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """No longer deliver to an area."""
    if services.remove_delivery_area(vendor=member.vendor, actor=member.user, area_id=pk):
        messages.success(request, _("Removed. Orders that are placed keep their delivery."))
    return redirect("portal:shipping", member.vendor.slug)


@member_view
@require_POST
def shipping_point(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Add a pickup point, or change the one of that name."""
    form = PickupPointForm(request.POST)
    if form.is_valid() and _saved(form, services.save_pickup_point, member, **form.cleaned_data):
        messages.success(request, _("Saved. Buyers can fetch there from now on."))
        return redirect("portal:shipping", member.vendor.slug)
    return _page(request, member, point_form=form)


@member_view
@require_POST
def shipping_point_close(request: HttpRequest, member: VendorMember, pk: int) -> HttpResponse:
    """No longer offer a pickup point."""
    if services.close_pickup_point(vendor=member.vendor, actor=member.user, point_id=pk):
        messages.success(request, _("Closed. Orders that are placed keep their pickup point."))
    return redirect("portal:shipping", member.vendor.slug)


def _saved(form: forms.Form, save: Any, member: VendorMember, **arguments: Any) -> bool:
    """Save, or put the refusal beside its field."""
    try:
        save(vendor=member.vendor, actor=member.user, **arguments)
    except DomainError as refused:
        show_refusal(form, refused)
        return False
    return True


def _page(
    request: HttpRequest,
    member: VendorMember,
    *,
    settings_form: VendorShippingForm | None = None,
    area_form: DeliveryAreaForm | None = None,
    point_form: PickupPointForm | None = None,
) -> HttpResponse:
    vendor = member.vendor
    row = VendorShipping.objects.filter(vendor=vendor).first() or VendorShipping(vendor=vendor)
    refused = any(form is not None for form in (settings_form, area_form, point_form))
    context = {
        **frame(member, "orders"),
        "settings_form": settings_form
        or VendorShippingForm(initial={"handling_days": row.handling_days, "uses_courier": row.uses_courier}),
        "area_form": area_form or DeliveryAreaForm(),
        "point_form": point_form or PickupPointForm(initial={"address": vendor.address}),
        "areas": [
            {"area": area, "label": area_label(area.region)}
            for area in vendor.delivery_areas.select_related("region__parent")
        ],
        "points": vendor.pickup_points.filter(is_active=True),
    }
    return render(request, "portal/orders/shipping.html", context, status=422 if refused else 200)
