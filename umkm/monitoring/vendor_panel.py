"""What a business sold, on its page in the admin. Figures only, nothing of the buyers."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest
from django.urls import reverse
from wagtail.admin.ui.components import Component

from marketplace.orders.models import SubOrder
from marketplace.orders.turnover import turned_over
from umkm.monitoring.scope import start_of
from umkm.monitoring.selectors import last_year
from umkm.vendors.models import Vendor
from umkm.verification.looking import officer_looking


class SalesPanel(Component):
    """Sales of twelve months, the last one, and what buyers still wait for: one query."""

    name = "vendor_sales"
    template_name = "monitoring/vendor_panel.html"
    order = 20

    def __init__(self, request: HttpRequest, vendor: Vendor) -> None:
        self.vendor = vendor
        self.is_watched = (officer := officer_looking(request)) is not None and officer.agency_id == vendor.agency_id

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        since, _until = last_year()
        recent = Q(confirmed_at__gte=start_of(since))
        figures = turned_over(SubOrder.objects.filter(vendor=self.vendor)).aggregate(
            orders=Count("pk", filter=recent),
            sales=Sum("remaining", filter=recent, default=0),
            last=Max("confirmed_at"),
            to_fulfil=Count("pk", filter=Q(status__in=SubOrder.OPEN_STATUSES)),
        )
        query = urlencode({"q": self.vendor.name, "sejak": since.isoformat()})
        rows = f"{reverse('monitoring:sales')}?{query}" if self.is_watched and figures["orders"] else ""
        return {**figures, "since": since, "rows_url": rows}
