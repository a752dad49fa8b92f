"""The owner's registration. Whoever's it is not, for them it does not exist."""

from tests.factories import registration
from tests.permissions.matrix_row import LOGIN, PUBLIC, SIGN_IN, Row, shape
from tests.roles import Scene
from umkm.registration.models import VendorApplication


def draft(scene: Scene) -> VendorApplication:
    return registration.draft(owner=scene.buyer, village=scene.vendor.village)


def submitted(scene: Scene) -> VendorApplication:
    return registration.send(draft(scene))


def code_of_draft(scene: Scene) -> dict[str, str]:
    return {"code": draft(scene).code}


def code_of_submitted(scene: Scene) -> dict[str, str]:
    return {"code": submitted(scene).code}


def code_of_returned(scene: Scene) -> dict[str, str]:
    return {"code": registration.give_back(submitted(scene), {"address": "RT berbeda."}).code}


def paper_of_draft(scene: Scene) -> dict[str, str]:
    return {"code": draft(scene).code, "kind": "npwp"}


def paper(scene: Scene) -> dict[str, int]:
    return {"pk": submitted(scene).documents.get(kind__slug="ktp").pk}


OWN = shape(404, visitor=SIGN_IN, buyer=200)
"""A page of the buyer's own registration."""
OWN_ACTION = OWN | {"buyer": 302}

ROWS = [
    Row("registration:start", PUBLIC),
    Row("registration:begin", shape(405, visitor=SIGN_IN)),
    Row("registration:begin", shape(302, visitor=SIGN_IN), method="POST"),
    Row("registration:villages", LOGIN),
    Row("registration:kbli", LOGIN),
    Row("registration:status", OWN, kwargs=code_of_submitted),
    Row("registration:identity", OWN, kwargs=code_of_draft),
    Row("registration:identity", OWN | {"buyer": 422}, method="POST", kwargs=code_of_draft),
    Row("registration:business", OWN, kwargs=code_of_draft),
    Row("registration:business", OWN | {"buyer": 422}, method="POST", kwargs=code_of_draft),
    Row("registration:papers", OWN, kwargs=code_of_draft),
    Row("registration:papers", OWN_ACTION, method="POST", kwargs=code_of_draft),
    Row("registration:paper", shape(405, visitor=SIGN_IN), kwargs=paper_of_draft),
    Row("registration:paper", OWN_ACTION, method="POST", kwargs=paper_of_draft),
    Row("registration:paper_remove", OWN_ACTION, method="POST", kwargs=paper_of_draft),
    Row("registration:paper_help", OWN_ACTION, method="POST", kwargs=paper_of_draft),
    Row("registration:review", OWN, kwargs=code_of_draft),
    Row("registration:submit", OWN, kwargs=code_of_draft),
    Row("registration:submit", OWN_ACTION, method="POST", kwargs=code_of_draft, data={"consents": "on"}),
    Row("registration:correct", OWN, kwargs=code_of_returned),
    Row("registration:correct", OWN_ACTION, method="POST", kwargs=code_of_returned, data={"address": "Jl. Baru 2"}),
    Row("registration:withdraw", OWN, kwargs=code_of_submitted),
    Row("registration:withdraw", OWN_ACTION, method="POST", kwargs=code_of_submitted),
    # Officers of the agency that checks it open the papers too; each look is written down.
    Row("registration:document", OWN | {"officer": 200}, kwargs=paper),
    Row("registration:document_preview", OWN, kwargs=paper),
]
