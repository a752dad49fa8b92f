"""Addresses of a person's own account."""

from tests.permissions.matrix_row import LOGIN, POST_ONLY, SIGN_IN, Row, shape

ROWS = [
    Row(
        "admin-login",
        shape(403, visitor=SIGN_IN, officer=SIGN_IN, other_officer=SIGN_IN, editor=SIGN_IN, operator=SIGN_IN),
    ),
    Row("accounts:home", LOGIN),
    Row("accounts:profile", LOGIN),
    Row(
        "accounts:profile",
        shape(302, visitor=SIGN_IN),
        method="POST",
        data={"name": "Rina", "phone": "", "language": "id"},
    ),
    Row("accounts:privacy", LOGIN),
    # The copy and the erasure ask for the password again, whoever it is.
    Row("accounts:privacy-download", shape(302, visitor=SIGN_IN)),
    Row("accounts:privacy-erase", LOGIN),
    Row("accounts:privacy-erase", shape(302, visitor=SIGN_IN), method="POST"),
    Row("notifications:list", LOGIN),
    Row("notifications:mark-all-read", POST_ONLY | {"visitor": SIGN_IN}),
    Row("notifications:mark-all-read", shape(302, visitor=SIGN_IN), method="POST"),
]
