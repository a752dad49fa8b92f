"""Giving roles, and agencies: for operators; for others in the admin they do not exist."""

from tests.permissions.matrix_row import OPERATOR_ONLY, SIGN_IN, Row, shape
from tests.roles import Scene

NOBODY = shape((SIGN_IN, 302, 403, 404))
OPERATOR_POSTS = OPERATOR_ONLY | {"operator": 302}


def editor_role(scene: Scene) -> dict[str, object]:
    return {"pk": scene.editor.pk, "role": "redaksi"}


def no_such_role(scene: Scene) -> dict[str, object]:
    return {"pk": scene.editor.pk, "role": "raja"}


def agency(scene: Scene) -> dict[str, object]:
    return {"pk": scene.vendor.agency.pk}


ROWS = [
    Row("people:list", OPERATOR_ONLY),
    # An empty form comes back with what is missing.
    Row("people:list", OPERATOR_ONLY | {"operator": 422}, method="POST"),
    Row("people:end_role", OPERATOR_ONLY, kwargs=editor_role),
    Row("people:end_role", OPERATOR_ONLY | {"operator": 404}, kwargs=no_such_role),
    Row("people:end_role", OPERATOR_POSTS, kwargs=editor_role, method="POST"),
    Row("agencies:index", OPERATOR_ONLY),
    Row("agencies:index_results", OPERATOR_ONLY),
    Row("agencies:edit", OPERATOR_ONLY, kwargs=agency),
    Row("agencies:edit", OPERATOR_ONLY, kwargs=agency, method="POST"),
    *(Row(f"agencies:{view}", OPERATOR_ONLY, kwargs=agency) for view in ("history", "history_results", "usage")),
    # Agencies come with the regions that the site serves; the records of businesses hang on them.
    Row("agencies:add", NOBODY),
    Row("agencies:delete", NOBODY, kwargs=agency),
]
