"""Monitoring: every officer, each with their own agency's numbers."""

from tests.permissions.matrix_row import OFFICERS, Row

LISTS = ("cases", "vendors", "sales", "papers")
ROWS = [
    Row("monitoring:dashboard", OFFICERS),
    Row("monitoring:table", OFFICERS, kwargs={"key": "indikator"}, data={"export": "csv"}),
    *(Row(f"monitoring:{name}", OFFICERS) for name in LISTS),
    *(Row(f"monitoring:{name}", OFFICERS, data={"export": "xlsx"}) for name in LISTS),
    *(Row(f"monitoring:{name}_results", OFFICERS) for name in LISTS),
]
