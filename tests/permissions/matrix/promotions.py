"""Vouchers: a shop's are its owner's, the site's are the operators'."""

from tests.factories.vouchers import make_voucher
from tests.permissions.matrix_row import OPERATOR_ONLY, OWNER_ONLY, SIGN_IN, Row, shape
from tests.roles import Scene

OWNER_PAGE = OWNER_ONLY | {"vendor_staff": 403}
OWNER_POST = shape(404, visitor=SIGN_IN, vendor_owner=302, vendor_staff=403)
DRAFT = {"code": "BARU10", "kind": "percent", "percent": 10}


def shop(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug}


def own(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"pk": make_voucher(vendor=scene.vendor).pk}


def of_another(scene: Scene) -> dict[str, object]:
    return shop(scene) | {"pk": make_voucher(vendor=scene.other_vendor).pk}


def of_site(scene: Scene) -> dict[str, object]:
    return {"pk": make_voucher().pk}


NOBODYS = OWNER_PAGE | {"vendor_owner": 404}
ROWS = [
    Row("portal:vouchers", OWNER_PAGE, kwargs=shop),
    Row("portal:voucher-create", OWNER_PAGE, kwargs=shop),
    Row("portal:voucher-create", OWNER_POST, method="POST", kwargs=shop, data=DRAFT),
    Row("portal:voucher-edit", OWNER_PAGE, kwargs=own),
    Row("portal:voucher-edit", NOBODYS, kwargs=of_another),
    Row("portal:voucher-edit", NOBODYS, kwargs=lambda scene: shop(scene) | of_site(scene)),
    Row("portal:voucher-edit", OWNER_POST, method="POST", kwargs=own, data=DRAFT),
    Row("portal:voucher-switch", OWNER_POST, method="POST", kwargs=own, data={"is_active": "0"}),
    Row("portal:voucher-switch", NOBODYS, method="POST", kwargs=of_another, data={"is_active": "0"}),
    Row("promotions_admin:list", OPERATOR_ONLY),
    Row("promotions_admin:create", OPERATOR_ONLY),
    Row("promotions_admin:create", OPERATOR_ONLY | {"operator": 302}, method="POST", data=DRAFT),
    Row("promotions_admin:edit", OPERATOR_ONLY, kwargs=of_site),
    Row("promotions_admin:edit", OPERATOR_ONLY | {"operator": 302}, method="POST", kwargs=of_site, data=DRAFT),
    Row("promotions_admin:switch", OPERATOR_ONLY | {"operator": 302}, method="POST", kwargs=of_site),
]
