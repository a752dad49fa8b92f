"""What a business sells, on its page in the admin: how many products stand where, and the way to take one off sale."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.ui.components import Component

from marketplace.catalogue.models import Product
from marketplace.catalogue.policies import may_moderate
from marketplace.catalogue.querysets import ProductState
from umkm.vendors.models import Vendor

SHOWN = 12


class ProductsPanel(Component):
    """Three queries for any number of products, and those of the policy."""

    name = "vendor_products"
    template_name = "catalogue_admin/vendor_panel.html"
    order = 10

    def __init__(self, request: HttpRequest, vendor: Vendor) -> None:
        self.request = request
        self.vendor = vendor

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        products = Product.objects.filter(vendor=self.vendor)
        counts = products.with_review().count_states()
        on_sale = products.filter(live=True, archived_at=None).select_related("listing").order_by("name", "pk")
        allowed, _why_not = may_moderate(user=self.request.user, product=Product(vendor=self.vendor))
        return {
            "states": [(state.label, counts[state.value]) for state in ProductState if counts[state.value]],
            "in_review": counts[ProductState.IN_REVIEW.value],
            "products": list(on_sale[:SHOWN]),
            "more": max(0, counts[ProductState.ON_SALE.value] - SHOWN),
            "shop_is_open": self.vendor.is_open,
            "may_take_down": allowed,
        }
