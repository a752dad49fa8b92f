"""What orders add to the officers' pages."""

from django.utils.translation import ngettext
from wagtail import hooks

from marketplace.orders.models import SubOrder
from umkm.vendors.models import Vendor


@hooks.register("vendor_close_warnings")
def orders_under_way(vendor: Vendor) -> str:
    """Says how many paid orders the shop still has to fulfil; nothing when there is none."""
    count = SubOrder.objects.filter(vendor=vendor, status__in=SubOrder.OPEN_STATUSES).count()
    if not count:
        return ""
    return ngettext(
        "%(count)s order is still under way. Settle with its owner who fulfils it or pays it back.",
        "%(count)s orders are still under way. Settle with its owner who fulfils them or pays them back.",
        count,
    ) % {"count": count}
