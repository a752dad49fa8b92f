"""The benchmark's own reckoning: ratios, shortfalls, forms."""

import pytest

from tools.bench import load, targets

pytestmark = pytest.mark.once


def page(rate: float, queries: int = 5, p95: float = 20.0) -> dict[str, float]:
    return {"per_second": rate, "queries": queries, "p95_ms": p95}


@pytest.fixture
def found() -> dict:
    pages = {f"{name}, uncached": page(200) for name in targets.PAGES}
    pages |= {f"{name}, cached": page(2000) for name in targets.PAGES}
    return {
        "floors": {"empty page": page(340), "plain view": page(4600)},
        "pages": {**pages, "suggestions": page(500), "add to basket": page(320, queries=9)},
        "checkout": {
            "orders_per_second": 31.0,
            "queries_to_place": 35,
            "hot": {"sold": 5, "answer_p95_ms": 400.0},
        },
        "worker_megabytes": [101, 99],
    }


def test_all_met(found: dict):
    rows = targets.judge(found)
    assert len(rows) == 5 * 4 + 3 + 4 + 2
    assert all(row["met"] for row in rows)
    assert "SHORT" not in targets.table(rows)


def test_a_shortfall_is_marked(found: dict):
    found["pages"]["home, uncached"] = page(100, queries=14, p95=80)
    found["checkout"]["hot"]["sold"] = 6
    short = {row["what"] for row in targets.judge(found) if not row["met"]}
    assert short == {
        "home, uncached: × empty page",
        "home, uncached: queries",
        "home, uncached: p95",
        "last 5 of one product: sold",
    }
    assert targets.table(targets.judge(found)).count("SHORT") == 4


def test_a_part_alone_is_judged_alone(found: dict):
    assert [row["what"] for row in targets.judge({"checkout": found["checkout"]})] == [
        "checkout, 40 buyers: orders/s",
        "checkout, 3 shops: queries",
        "last 5 of one product: sold",
        "last 5 of one product: answer p95",
    ]


def test_a_form_is_read_as_a_browser_would_send_it():
    reader = load.FormReader("checkout_key")
    reader.feed(
        """<form><input name="q" value="kopi"></form>
        <form><input type="hidden" name="checkout_key" value="k"><input type="radio" name="delivery-1" value="a">
        <input type="radio" name="delivery-1" value="b" checked>
        <input type="radio" name="pay" value="x" checked disabled>
        <input type="checkbox" name="c" value="1"><input name="note"></form>"""
    )
    assert reader.found == {"checkout_key": "k", "delivery-1": "b", "note": ""}
