"""Addresses of the project itself."""

from tests.permissions.matrix_row import PUBLIC, Row, shape

ROWS = [
    Row("healthz", PUBLIC),
    Row("readyz", PUBLIC),
    # Only with METRICS_TOKEN, which no person has: tests/core/test_health.py.
    Row("metrics", shape(404)),
    Row("set_language", shape(302), method="POST", data={"language": "en"}),
]
