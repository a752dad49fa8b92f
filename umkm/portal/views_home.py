"""Where an owner arrives: the choice of a shop, and what there is to do today."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from marketplace.catalogue.images import picture_address, rendition_addresses
from umkm.portal.access import frame, member_view
from umkm.portal.selectors import done_today, latest_orders, tasks_of, week_of_sales
from umkm.registration.selectors import public_badges
from umkm.vendors.models import SizeClass, Vendor, VendorMember
from umkm.vendors.selectors import memberships_of


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The only shop at once, a choice between several, or the way to a first one."""
    everywhere = memberships_of(request.user)
    # A closed shop is opened by its own address; here only as long as there is no other.
    members = [member for member in everywhere if member.vendor.status != Vendor.Status.CLOSED] or everywhere
    if len(members) == 1:
        return redirect("portal:today", members[0].vendor.slug)
    images = {member.vendor.avatar_id: member.vendor.avatar for member in members if member.vendor.avatar_id}
    made = rendition_addresses(images) if images else {}
    shops = [
        {
            "vendor": member.vendor,
            "role": member.get_role_display(),
            "picture": picture_address(member.vendor.avatar, 240, made) if member.vendor.avatar else "",
        }
        for member in members
    ]
    return render(request, "portal/choose.html", {"shops": shops})


@member_view
@require_GET
def today(request: HttpRequest, member: VendorMember) -> HttpResponse:
    """Tasks by deadline, the newest orders, the week, and where the business stands."""
    vendor = member.vendor
    tasks = tasks_of(vendor)
    context = {
        **frame(member, "today"),
        "tasks": tasks,
        "done": done_today(vendor),
        "greeting": _greeting(member),
        "orders": latest_orders(vendor),
        "week": week_of_sales(vendor),
        "size_classes": _ladder(vendor),
        "badges": public_badges([vendor.pk])[vendor.pk],
        "has_products": vendor.products.exists(),
        "today": timezone.localdate(),
        "product_create_url": reverse("portal:product-create", args=[vendor.slug]),
    }
    return render(request, "portal/today.html", context)


def _greeting(member: VendorMember) -> str:
    hour = timezone.localtime().hour
    name = {"name": member.user.get_short_name()}
    if 4 <= hour < 11:
        return _("Good morning, %(name)s.") % name
    if 11 <= hour < 15:
        return _("Good day, %(name)s.") % name
    if 15 <= hour < 18:
        return _("Good afternoon, %(name)s.") % name
    return _("Good evening, %(name)s.") % name


def _ladder(vendor: Vendor) -> list[dict[str, Any]]:
    reached = list(SizeClass).index(SizeClass(vendor.size_class))
    return [
        {"label": size.label.capitalize(), "is_reached": position <= reached, "is_now": position == reached}
        for position, size in enumerate(SizeClass)
    ]
