"""Who stands in the portal and for which shop. Every page of the portal starts here."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from marketplace.catalogue.images import picture_address, rendition_addresses
from marketplace.core.ratelimit import throttle
from marketplace.notifications.selectors import unread_count
from marketplace.orders.models import SubOrder
from umkm.vendors.models import Vendor, VendorMember

View = Callable[..., HttpResponseBase]

# What the shop itself has to do something about; parcels on their way need nothing.
TO_DO = (SubOrder.Status.CONFIRMED, SubOrder.Status.PACKED)


def get_member_or_404(user: Any, vendor_slug: str) -> VendorMember:
    """The active membership of `user` in this shop, with the shop loaded; another shop does not exist for them.

    A closed shop stays open to its people: they fulfil what was ordered, and see their money.
    """
    member = (
        VendorMember.objects.filter(user=user, is_active=True, vendor__slug=vendor_slug)
        .select_related("vendor__village__parent__parent", "vendor__agency", "vendor__avatar", "vendor__cover")
        .first()
    )
    if member is None:
        raise Http404
    member.user = user
    return member


def member_view(view: View) -> View:
    """A page of one shop, for its owner and staff. The address's `vendor_slug` becomes the argument `member`.

    Whatever is sent to these pages counts towards one throttle for each person; a form that mails or stores more than a
    shop's day needs has one of its own besides.
    """

    @wraps(view)
    @login_required
    @throttle("portal-save", rate="120/m", by="user")
    def for_member(request: HttpRequest, vendor_slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, get_member_or_404(request.user, vendor_slug), *args, **kwargs)

    return for_member


def owner_view(view: View) -> View:
    """A page of one shop for its owner only; staff are told why not (403)."""

    @wraps(view)
    def for_owner(request: HttpRequest, member: VendorMember, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_owner(member):
            raise PermissionDenied(_("Only the shop's owner may do this. Ask them."))
        return view(request, member, *args, **kwargs)

    return member_view(for_owner)


def is_owner(member: VendorMember) -> bool:
    """Whether this member owns the shop."""
    return member.role == VendorMember.Role.OWNER


def shop_picture(vendor: Vendor) -> str:
    """The address of the shop's own picture, or nothing."""
    if vendor.avatar is None:
        return ""
    return picture_address(vendor.avatar, 240, rendition_addresses([vendor.avatar.pk]))


def frame(member: VendorMember, section: str) -> dict[str, Any]:
    """What the frame of every portal page shows: shop, menu, and what waits (three queries at most).

    Arguments:
        section: the lit entry of the menu: today, orders, products, shop, team.
    """
    return {
        "vendor": member.vendor,
        "member": member,
        "is_owner": is_owner(member),
        "section": section,
        "shop_picture": shop_picture(member.vendor),
        "orders_waiting": SubOrder.objects.filter(vendor=member.vendor, status__in=TO_DO).count(),
        "unread_count": unread_count(member.user),
    }
