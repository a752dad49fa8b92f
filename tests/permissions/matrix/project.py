"""Addresses of the project itself."""

from tests.permissions.matrix_row import Row, shape

ROWS = [
    Row("set_language", shape(302), method="POST", data={"language": "en"}),
]
