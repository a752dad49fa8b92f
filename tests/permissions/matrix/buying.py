"""Basket, checkout, orders of buyers, and a shop's orders and ways to send."""

from marketplace.carts.services import add_to_cart
from marketplace.orders.models import Order
from marketplace.orders.services import confirm_unpaid
from tests.factories.orders import make_order
from tests.permissions.matrix_row import LOGIN, MEMBERS_ONLY, POST_ONLY, PUBLIC, Row, shape
from tests.roles import Scene


def order_of(scene: Scene) -> Order:
    """A cash order over both shops, placed by `scene.buyer` and handed to the shops."""
    order = make_order(
        [(scene.variant, 1), (scene.other_variant, 1)], buyer=scene.buyer, method="cod", delivery="own_delivery"
    )
    confirm_unpaid(order_id=order.pk)
    return order


def order_address(scene: Scene) -> dict[str, str]:
    order = order_of(scene)
    return {"number": order.number, "token": order.token}


def wrong_address(scene: Scene) -> dict[str, str]:
    return {"number": order_of(scene).number, "token": "t" * 32}


def shop(scene: Scene) -> dict[str, str]:
    return {"vendor_slug": scene.vendor.slug}


def part(scene: Scene) -> dict[str, object]:
    """The part of scene.vendor."""
    return shop(scene) | {"pk": order_of(scene).suborders.get(vendor=scene.vendor).pk}


def part_of_another_shop(scene: Scene) -> dict[str, object]:
    """The other shop's part, asked for through scene.vendor."""
    return shop(scene) | {"pk": order_of(scene).suborders.get(vendor=scene.other_vendor).pk}


def line_of_a_visitor(scene: Scene) -> dict[str, int]:
    """A line in the basket of somebody else than any of the roles."""
    cart = add_to_cart(cart=None, user=None, variant_id=scene.variant.pk, quantity=1).cart
    return {"line_id": cart.lines.get().pk}


def variant(scene: Scene) -> dict[str, int]:
    return {"variant": scene.variant.pk, "quantity": 1}


# A shop's own post leads back to its page.
MEMBERS_POST = MEMBERS_ONLY | {"vendor_owner": 302, "vendor_staff": 302}
NOBODYS_LINE = shape(404)

ROWS = [
    # Everyone buys, officers and vendors, too.
    Row("carts:detail", PUBLIC),
    Row("carts:badge", PUBLIC),
    Row("carts:add", shape(302), method="POST", data=variant),
    Row("carts:add", POST_ONLY),
    Row("carts:voucher", POST_ONLY),
    Row("carts:voucher", shape(302), method="POST", data={"voucher": "KOPI10"}),
    Row("carts:voucher-remove", POST_ONLY),
    Row("carts:voucher-remove", shape(302), method="POST"),
    Row("carts:update", NOBODYS_LINE, method="POST", kwargs=line_of_a_visitor, data={"quantity": 2}),
    Row("carts:remove", NOBODYS_LINE, method="POST", kwargs=line_of_a_visitor),
    Row("carts:restore", NOBODYS_LINE, method="POST", kwargs=line_of_a_visitor),
    Row("checkout:start", shape(302)),  # an empty basket leads back to the basket
    Row("checkout:start", shape(302), method="POST"),
    Row("checkout:options", POST_ONLY),
    Row("checkout:options", shape(302), method="POST"),
    # Whoever has the address of an order may see it; without its token there is none.
    Row("orders:detail", PUBLIC, kwargs=order_address),
    Row("orders:detail", shape(404), kwargs=wrong_address),
    Row("orders:receipt", PUBLIC, kwargs=order_address),
    Row("orders:receipt-file", PUBLIC, kwargs=order_address),
    Row("orders:receipt-file", shape(404), kwargs=wrong_address),
    Row("orders:receipt", shape(404), kwargs=wrong_address),
    Row("orders:cancel", shape(302), method="POST", kwargs=order_address),
    Row("orders:cancel", shape(404), method="POST", kwargs=wrong_address),
    Row("orders:received", shape(404), method="POST", kwargs=lambda scene: wrong_address(scene) | {"pk": 1}),
    Row("orders:received", shape(404), method="POST", kwargs=lambda scene: order_address(scene) | {"pk": 0}),
    Row("orders:find", PUBLIC),
    Row("orders:mine", LOGIN | {"visitor": 302}),
    # A shop's pages are its owner's and staff's.
    Row("portal:orders", MEMBERS_ONLY, kwargs=shop),
    Row("portal:order", MEMBERS_ONLY, kwargs=part),
    Row("portal:order", MEMBERS_ONLY | {"vendor_owner": 404, "vendor_staff": 404}, kwargs=part_of_another_shop),
    Row("portal:order-slip", MEMBERS_ONLY, kwargs=part),
    Row("portal:order-slip", MEMBERS_ONLY | {"vendor_owner": 404, "vendor_staff": 404}, kwargs=part_of_another_shop),
    Row("portal:order-step", MEMBERS_POST, method="POST", kwargs=part, data={"to": "packed"}),
    Row(
        "portal:order-step",
        MEMBERS_ONLY | {"vendor_owner": 404, "vendor_staff": 404},
        method="POST",
        kwargs=part_of_another_shop,
        data={"to": "packed"},
    ),
    Row("portal:shipping", MEMBERS_ONLY, kwargs=shop),
    Row("portal:shipping", MEMBERS_POST, method="POST", kwargs=shop, data={"handling_days": 1}),
    Row(
        "portal:shipping-area",
        MEMBERS_POST,
        method="POST",
        kwargs=shop,
        data={"region": "35.73", "price": 8000, "days": 0},
    ),
    Row("portal:shipping-area-remove", MEMBERS_POST, method="POST", kwargs=lambda scene: shop(scene) | {"pk": 0}),
    Row(
        "portal:shipping-point",
        MEMBERS_POST,
        method="POST",
        kwargs=shop,
        data={"name": "Kios", "address": "Jalan Contoh 1"},
    ),
    Row("portal:shipping-point-close", MEMBERS_POST, method="POST", kwargs=lambda scene: shop(scene) | {"pk": 0}),
]
