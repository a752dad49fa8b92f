"""Monitoring: every officer, each with their own agency's numbers."""

from search.insight.services import count_search
from tests.permissions.matrix_row import OFFICERS, SIGN_IN, Row, shape
from tests.roles import Scene

LISTS = ("cases", "vendors", "sales", "papers")
# What people search for belongs to no region: everybody who keeps the search words.
KEEPS_WORDS = shape((SIGN_IN, 302, 403, 404), officer=200, other_officer=200, editor=200, operator=200)


def asked(scene: Scene) -> dict[str, str]:
    count_search(text="kripik", results=1, times=3)
    return {"q": "kripik"}


ROWS = [
    Row("monitoring:dashboard", OFFICERS),
    Row("monitoring:table", OFFICERS, kwargs={"key": "indikator"}, data={"export": "csv"}),
    *(Row(f"monitoring:{name}", OFFICERS) for name in LISTS),
    *(Row(f"monitoring:{name}", OFFICERS, data={"export": "xlsx"}) for name in LISTS),
    *(Row(f"monitoring:{name}_results", OFFICERS) for name in LISTS),
    Row("searches:overview", KEEPS_WORDS),
    Row("searches:list", KEEPS_WORDS, data={"jenis": "tanpa-hasil"}),
    Row("searches:query", KEEPS_WORDS, data=asked),
    Row("searches:query", shape((SIGN_IN, 302, 403, 404)), data={"q": "tidak-ada"}),
    *(Row("searches:table", KEEPS_WORDS, kwargs={"key": key}, data={"export": "csv"}) for key in ("teratas", "hari")),
    Row("searches:table", shape((SIGN_IN, 302, 403, 404)), kwargs={"key": "lain"}),
]
