"""Money that goes back: the buyer by the order's address, the shop through itself, operators in the admin."""

from django.core.files.base import ContentFile

from marketplace.aftersales.models import RefundRequest, RequestPhoto
from marketplace.orders.models import Order, SubOrder
from tests.permissions.matrix.buying import MEMBERS_POST, order_of, shop, wrong_address
from tests.permissions.matrix_row import MEMBERS_ONLY, OPERATOR_ONLY, PUBLIC, Row, shape
from tests.roles import Scene


def delivered(scene: Scene) -> Order:
    """A cash order over both shops that was handed over and paid."""
    order = order_of(scene)
    order.suborders.update(status=SubOrder.Status.DELIVERED, delivered_at=order.placed_at)
    Order.objects.filter(pk=order.pk).update(status=Order.Status.PAID, paid_at=order.placed_at)
    return order


def request_of(scene: Scene, *, other: bool = False, **fields: object) -> RefundRequest:
    """A request about the part of scene.vendor, or of the other shop."""
    part = delivered(scene).suborders.get(vendor=scene.other_vendor if other else scene.vendor)
    return RefundRequest.objects.create(
        suborder=part,
        **{"asked_by": "buyer", "reason": "damaged", "scope": "whole", "amount_asked": part.gross, **fields},
    )


def by_address(scene: Scene, **fields: object) -> dict[str, object]:
    row = request_of(scene, **fields)
    return {"number": row.suborder.order.number, "token": row.suborder.order.token, "pk": row.pk}


def part_by_address(scene: Scene) -> dict[str, object]:
    order = delivered(scene)
    return {"number": order.number, "token": order.token, "pk": order.suborders.get(vendor=scene.vendor).pk}


def of_shop(scene: Scene, **fields: object) -> dict[str, object]:
    return shop(scene) | {"pk": request_of(scene, **fields).pk}


def of_another_shop(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"pk": request_of(scene, other=True).pk}


def photo(row: RefundRequest) -> int:
    made = RequestPhoto(request=row, size=3, sha256="0" * 64)
    made.file.save("photo.jpg", ContentFile(b"jpg"))
    return made.pk


def photo_by_address(scene: Scene) -> dict[str, object]:
    row = request_of(scene)
    return {
        "number": row.suborder.order.number,
        "token": row.suborder.order.token,
        "pk": row.pk,
        "photo_id": photo(row),
    }


def photo_of_shop(scene: Scene) -> dict[str, object]:
    row = request_of(scene)
    return shop(scene) | {"pk": row.pk, "photo_id": photo(row)}


def photo_of_another_shop(scene: Scene) -> dict[str, object]:
    row = request_of(scene, other=True)
    return shop(scene) | {"pk": row.pk, "photo_id": photo(row)}


def photo_in_admin(scene: Scene) -> dict[str, object]:
    row = request_of(scene)
    return {"pk": row.pk, "photo_id": photo(row)}


def part_of_shop(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"pk": delivered(scene).suborders.get(vendor=scene.vendor).pk}


NOT_THIS_SHOP = MEMBERS_ONLY | {"vendor_owner": 404, "vendor_staff": 404}
ONLY_OPERATOR_POSTS = OPERATOR_ONLY | {"operator": 302}

ROWS = [
    Row("aftersales:cancel", shape(404), method="POST", kwargs=lambda scene: wrong_address(scene) | {"pk": 1}),
    Row("aftersales:cancel", shape(302), method="POST", kwargs=part_by_address),
    Row("aftersales:ask", PUBLIC, kwargs=part_by_address),
    Row("aftersales:ask", shape(404), kwargs=lambda scene: part_by_address(scene) | {"token": "guessed"}),
    Row("aftersales:ask", shape(404), kwargs=lambda scene: part_by_address(scene) | {"pk": 0}),
    Row("aftersales:request", PUBLIC, kwargs=by_address),
    Row("aftersales:request", shape(404), kwargs=lambda scene: by_address(scene) | {"token": "guessed"}),
    Row("aftersales:photo", PUBLIC, kwargs=photo_by_address),
    Row("aftersales:photo", shape(404), kwargs=lambda scene: photo_by_address(scene) | {"token": "guessed"}),
    Row("aftersales:act", shape(302), method="POST", kwargs=lambda scene: by_address(scene) | {"step": "tarik"}),
    Row(
        "aftersales:act",
        shape(404),
        method="POST",
        kwargs=lambda scene: by_address(scene) | {"step": "tarik", "token": "guessed"},
    ),
    Row("portal:requests", MEMBERS_ONLY, kwargs=shop),
    Row("portal:request", MEMBERS_ONLY, kwargs=of_shop),
    Row("portal:request", NOT_THIS_SHOP, kwargs=of_another_shop),
    Row(
        "portal:request-answer",
        MEMBERS_POST,
        method="POST",
        kwargs=of_shop,
        data={"answer": "refuse", "note": "Foto tidak jelas."},
    ),
    Row("portal:request-answer", NOT_THIS_SHOP, method="POST", kwargs=of_another_shop, data={"answer": "agree"}),
    Row("portal:request-received", MEMBERS_POST, method="POST", kwargs=lambda scene: of_shop(scene, status="done")),
    Row("portal:request-received", NOT_THIS_SHOP, method="POST", kwargs=of_another_shop),
    Row(
        "portal:request-paid",
        MEMBERS_ONLY | {"vendor_owner": 422, "vendor_staff": 422},
        method="POST",
        kwargs=of_shop,
        data={"note": "Tunai"},
    ),
    Row("portal:request-paid", NOT_THIS_SHOP, method="POST", kwargs=of_another_shop, data={"note": "x"}),
    Row("portal:request-photo", MEMBERS_ONLY, kwargs=photo_of_shop),
    Row("portal:request-photo", NOT_THIS_SHOP, kwargs=photo_of_another_shop),
    Row("portal:refund-offer", MEMBERS_ONLY, kwargs=part_of_shop),
    Row(
        "portal:refund-offer",
        NOT_THIS_SHOP,
        kwargs=lambda scene: shop(scene) | {"pk": delivered(scene).suborders.get(vendor=scene.other_vendor).pk},
    ),
    Row("aftersales_admin:list", OPERATOR_ONLY),
    Row("aftersales_admin:request", OPERATOR_ONLY, kwargs=lambda scene: {"pk": request_of(scene).pk}),
    Row(
        "aftersales_admin:take-over",
        ONLY_OPERATOR_POSTS,
        method="POST",
        kwargs=lambda scene: {"pk": request_of(scene, status="escalated").pk},
        data={"note": "x"},
    ),
    Row("aftersales_admin:photo", OPERATOR_ONLY, kwargs=photo_in_admin),
]
