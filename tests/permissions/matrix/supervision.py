"""Looking after businesses: officers of the agency and operators; another region's business does not exist."""

from tests.permissions.matrix_row import SIGN_IN, Row, shape
from tests.roles import Scene
from umkm.vendors.services import close_vendor, suspend_vendor

NOBODY_ELSE = (SIGN_IN, 302, 403)
LISTS = shape(NOBODY_ELSE, officer=200, other_officer=200, operator=200)
SUPERVISORS = shape(NOBODY_ELSE, officer=200, other_officer=404, operator=200)
SUPERVISORS_POST = SUPERVISORS | {"officer": 302, "operator": 302}


def shop(scene: Scene) -> dict[str, str]:
    return {"slug": scene.vendor.slug}


def suspended_shop(scene: Scene) -> dict[str, str]:
    suspend_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="P-IRT dicabut.")
    return shop(scene)


def closed_shop(scene: Scene) -> dict[str, str]:
    close_vendor(vendor_id=scene.vendor.pk, actor=scene.officer, reason="Bubar.")
    return shop(scene)


ROWS = [
    Row("verification:vendors", LISTS),
    Row("verification:vendors_results", LISTS),
    Row("verification:vendor", SUPERVISORS, kwargs=shop),
    Row("verification:vendor_suspend", SUPERVISORS, kwargs=shop),
    Row("verification:vendor_suspend", SUPERVISORS | {"officer": 422, "operator": 422}, kwargs=shop, method="POST"),
    Row("verification:vendor_suspend", SUPERVISORS_POST, kwargs=shop, method="POST", data={"reason": "P-IRT dicabut."}),
    Row("verification:vendor_reopen", SUPERVISORS, kwargs=suspended_shop),
    Row("verification:vendor_reopen", SUPERVISORS_POST, kwargs=suspended_shop, method="POST", data={"reason": "Ada."}),
    Row("verification:vendor_close", SUPERVISORS, kwargs=shop),
    Row("verification:vendor_close", SUPERVISORS | {"officer": 422, "operator": 422}, kwargs=shop, method="POST"),
    Row(
        "verification:vendor_close",
        SUPERVISORS_POST,
        kwargs=shop,
        method="POST",
        data={"reason": "Bubar.", "name": "Keripik Bu Sri"},
    ),
    # Officers are told why not and go back to the page of the business.
    Row("verification:vendor_restore", SUPERVISORS | {"officer": 302}, kwargs=closed_shop),
    Row("verification:vendor_restore", SUPERVISORS_POST, kwargs=closed_shop, method="POST", data={"reason": "Ada."}),
]
