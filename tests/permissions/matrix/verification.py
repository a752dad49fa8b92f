"""The officers' screens: for the agency of the region; for everybody else they do not exist or do not open."""

from tests.factories import registration, verification
from tests.permissions.matrix_row import OFFICER_ONLY, OFFICERS, SIGN_IN, Row, shape
from tests.roles import Scene
from umkm.registration.files import check_upload
from umkm.registration.models import VendorApplication
from umkm.verification.renewals import send_renewal

NOBODY_ELSE = (SIGN_IN, 302, 403, 404)
OFFICER_ACTION = OFFICER_ONLY | {"officer": 302}
FOR_OFFICERS_POST = shape(NOBODY_ELSE, officer=302, other_officer=302)


def waiting(scene: Scene) -> VendorApplication:
    return registration.send(registration.draft(owner=scene.buyer, village=scene.vendor.village))


def held(scene: Scene) -> VendorApplication:
    """Held by the officer of its region."""
    return verification.services.claim_case(application_id=waiting(scene).pk, officer=scene.officer.officer)


def code(scene: Scene) -> dict[str, str]:
    return {"code": held(scene).code}


def code_of_waiting(scene: Scene) -> dict[str, str]:
    return {"code": waiting(scene).code}


def code_and_check(scene: Scene) -> dict[str, str]:
    return {"code": held(scene).code, "key": "owner"}


def code_and_evidence(scene: Scene) -> dict[str, object]:
    case = held(scene)
    saved = verification.check(case, scene.officer.officer, "owner", evidence_file=registration.photo())
    return {"code": case.code, "pk": saved.pk}


def renewal(scene: Scene) -> dict[str, int]:
    sent = send_renewal(
        vendor_id=scene.vendor.pk,
        actor=scene.vendor_owner,
        kind_slug=registration.kind("nib").slug,
        checked=check_upload(registration.photo()),
    )
    return {"pk": sent.pk}


ROWS = [
    Row("verification:queue", OFFICERS),
    Row("verification:queue_results", OFFICERS),
    Row("verification:next", shape(NOBODY_ELSE, officer=405, other_officer=405)),
    Row("verification:next", FOR_OFFICERS_POST, method="POST"),
    Row("verification:case", OFFICER_ONLY, kwargs=code),
    Row("verification:claim", OFFICER_ACTION, method="POST", kwargs=code_of_waiting),
    Row("verification:release", OFFICER_ACTION, method="POST", kwargs=code),
    Row("verification:hand_over", OFFICER_ONLY, kwargs=code),
    Row("verification:hand_over", OFFICER_ONLY | {"officer": 422}, method="POST", kwargs=code),
    Row("verification:check", OFFICER_ACTION, kwargs=code_and_check),
    Row("verification:check", OFFICER_ONLY | {"officer": 422}, method="POST", kwargs=code_and_check),
    Row("verification:note", OFFICER_ACTION, kwargs=code),
    Row("verification:note", OFFICER_ACTION, method="POST", kwargs=code, data={"text": "Dapur bersih."}),
    Row("verification:identity", OFFICER_ACTION, kwargs=code),
    Row("verification:identity", OFFICER_ONLY, method="POST", kwargs=code),
    Row("verification:evidence", OFFICER_ONLY, kwargs=code_and_evidence),
    Row("verification:approve", OFFICER_ONLY, kwargs=code),
    Row("verification:approve", OFFICER_ONLY | {"officer": 422}, method="POST", kwargs=code),
    Row("verification:return", OFFICER_ONLY, kwargs=code),
    Row("verification:return", OFFICER_ONLY | {"officer": 422}, method="POST", kwargs=code),
    Row("verification:reject", OFFICER_ONLY, kwargs=code),
    Row("verification:reject", OFFICER_ONLY | {"officer": 422}, method="POST", kwargs=code),
    Row("verification:renewals", OFFICERS),
    Row("verification:renewals_results", OFFICERS),
    Row("verification:renewal", OFFICER_ONLY, kwargs=renewal),
    Row("verification:renewal", OFFICER_ONLY | {"officer": 422}, method="POST", kwargs=renewal),
    Row("verification:renewal", OFFICER_ACTION, method="POST", kwargs=renewal, data={"decision": "approve"}),
]
