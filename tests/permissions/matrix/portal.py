"""The owner's pages: members of the shop only; for everyone else, officers and operators too, they do not exist."""

from tests.factories import registration
from tests.permissions.matrix_row import LOGIN, MEMBERS_ONLY, SIGN_IN, Row, shape
from tests.roles import Scene


def shop(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug}


def product(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug, "pk": scene.product.pk}


def somebody_elses_product(scene: Scene) -> dict[str, object]:
    """The own shop's address with another shop's product."""
    return {"vendor_slug": scene.vendor.slug, "pk": scene.other_product.pk}


def staff_member(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug, "pk": scene.vendor.members.get(user=scene.vendor_staff).pk}


def kind_of_paper(scene: Scene) -> dict[str, object]:
    return {"vendor_slug": scene.vendor.slug, "kind": registration.kind("pirt").slug}


MEMBERS_POST = MEMBERS_ONLY | {"vendor_owner": 302, "vendor_staff": 302}
NOBODY = shape(404, visitor=SIGN_IN)
# Only the owner decides about people; staff are told so.
OWNER_POST = shape(404, visitor=SIGN_IN, vendor_owner=302, vendor_staff=403)
OWNER_PAGE = OWNER_POST | {"vendor_owner": 200}

ROWS = [
    # Owners of one shop go straight to it.
    Row("portal:home", LOGIN, vendor_owner=302, vendor_staff=302, other_owner=302),
    Row("portal:invitation", shape(404, visitor=SIGN_IN), kwargs={"token": "tidak-ada"}),
    Row("portal:today", MEMBERS_ONLY, kwargs=shop),
    Row("portal:products", MEMBERS_ONLY, kwargs=shop),
    Row("portal:product-create", MEMBERS_ONLY, kwargs=shop),
    Row("portal:product-create", MEMBERS_ONLY, kwargs=shop, method="POST", vendor_owner=422, vendor_staff=422),
    Row("portal:product-edit", MEMBERS_ONLY, kwargs=product),
    Row("portal:product-edit", NOBODY, kwargs=somebody_elses_product),
    Row("portal:product-edit", NOBODY, kwargs=somebody_elses_product, method="POST"),
    Row("portal:product-preview", MEMBERS_ONLY, kwargs=product),
    Row("portal:product-preview", NOBODY, kwargs=somebody_elses_product),
    Row("portal:product-stock", MEMBERS_ONLY, kwargs=product),
    Row("portal:product-stock", NOBODY, kwargs=somebody_elses_product, method="POST"),
    *(
        row
        for name in ("submit", "withdraw", "archive", "restore")
        for row in (
            Row(f"portal:product-{name}", MEMBERS_POST, kwargs=product, method="POST"),
            Row(f"portal:product-{name}", NOBODY, kwargs=somebody_elses_product, method="POST"),
            Row(
                f"portal:product-{name}",
                shape(404, visitor=SIGN_IN, vendor_owner=405, vendor_staff=405),
                kwargs=product,
            ),
        )
    ),
    Row("portal:photo-upload", MEMBERS_ONLY, kwargs=shop, method="POST", vendor_owner=400, vendor_staff=400),
    Row("portal:shop", MEMBERS_ONLY, kwargs=shop),
    Row("portal:papers", OWNER_PAGE, kwargs=shop),
    Row("portal:paper-renew", OWNER_PAGE, kwargs=kind_of_paper),
    Row("portal:paper-renew", OWNER_PAGE | {"vendor_owner": 422}, kwargs=kind_of_paper, method="POST"),
    Row(
        "portal:paper-withdraw",
        OWNER_POST,
        kwargs=lambda scene: {"vendor_slug": scene.vendor.slug, "pk": 1},
        method="POST",
    ),
    Row("portal:team", MEMBERS_ONLY, kwargs=shop),
    Row("portal:team-invite", OWNER_POST, kwargs=shop, method="POST", data={"email": "baru@contoh.id"}),
    Row("portal:team-remove", OWNER_POST, kwargs=staff_member, method="POST"),
    Row(
        "portal:team-withdraw",
        OWNER_POST,
        kwargs=lambda scene: {"vendor_slug": scene.vendor.slug, "pk": 1},
        method="POST",
    ),
]
