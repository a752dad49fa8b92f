"""Where shipping meets the admin."""

from wagtail import hooks

from marketplace.shipping.viewsets import ShippingGroup


@hooks.register("register_admin_viewset")
def shipping() -> ShippingGroup:
    return ShippingGroup()
