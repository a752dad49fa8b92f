"""docs/faults.md says for every fault of money which test survives it and which control proves that test."""

import pytest

from tests.architecture.promises import missing_tests, named_tests, table_rows

pytestmark = pytest.mark.once
ROWS = list(table_rows("docs/faults.md", "fault"))


def test_every_fault_has_a_test_and_a_control_that_exist():
    assert len(ROWS) >= 20
    assert not missing_tests((fault, tests) for fault, _outcome, tests, _controls in ROWS)
    assert not missing_tests((f"control of {fault}", controls) for fault, _outcome, _tests, controls in ROWS)


def test_a_control_is_no_test_of_the_same_row():
    for fault, _outcome, tests, controls in ROWS:
        assert not {*named_tests(tests)} & {*named_tests(controls)}, fault


def test_a_missing_test_would_be_noticed():
    here = "tests/architecture/test_faults.py"
    assert missing_tests([("it", f"`{here}::test_a_missing_test_would_be_noticed`")]) == []
    for cell in ("by hand", f"`{here}::test_of_nothing`", "`tests/architecture/nowhere.py::test_x`"):
        assert len(missing_tests([("it", cell)])) >= 1
