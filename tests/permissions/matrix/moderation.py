"""Product moderation: officers of the shop's agency, and operators who stand in for them."""

from tests.factories import catalogue
from tests.permissions.matrix_row import SIGN_IN, Row, shape
from tests.roles import Scene

NOBODY_ELSE = (SIGN_IN, 302, 403, 404)
MODERATORS = shape(NOBODY_ELSE, officer=200, other_officer=200, operator=200)
OF_THE_REGION = shape(NOBODY_ELSE, officer=200, other_officer=404, operator=200)


def waiting(scene: Scene) -> dict[str, int]:
    product = catalogue.submitted_product(scene.vendor, scene.vendor_owner)
    return {"pk": catalogue.waiting_task(product).pk}


def on_sale(scene: Scene) -> dict[str, int]:
    return {"pk": scene.product.pk}


ROWS = [
    Row("moderation:queue", MODERATORS),
    Row("moderation:next", shape(NOBODY_ELSE, officer=302, other_officer=302, operator=302)),
    Row("moderation:product", OF_THE_REGION, kwargs=waiting),
    # What does not wait for somebody is no longer there when they post; they are told so on the list.
    Row(
        "moderation:product",
        shape(NOBODY_ELSE, officer=302, other_officer=302, operator=302),
        method="POST",
        kwargs=waiting,
        data={"action": "approve"},
    ),
    Row("moderation:take_down", OF_THE_REGION, kwargs=on_sale),
    Row(
        "moderation:take_down",
        OF_THE_REGION | {"officer": 302, "operator": 302},
        method="POST",
        kwargs=on_sale,
        data={"comment": "Klaim kesehatan."},
    ),
]
