"""Transitions, money and throttles: the mechanisms that every slice uses."""

import pytest
from django.db import DatabaseError, transaction
from hypothesis import given
from hypothesis import strategies as st

from marketplace.audit.models import AuditEvent
from marketplace.audit.selectors import events_about
from marketplace.audit.services import record
from marketplace.core.exceptions import IllegalTransition
from marketplace.core.money import format_rupiah, split_by_largest_remainder
from tests.factories.base import UserFactory
from tests.roles import make_vendor
from umkm.vendors.models import Vendor


@pytest.fixture
def vendor(db) -> Vendor:
    return make_vendor(UserFactory(), name="Dapur Tempe", village_code="35.73.01.1002")


def test_a_step_of_the_table_is_made_once(vendor):
    stale = Vendor.objects.get(pk=vendor.pk)

    assert Vendor.MACHINE.advance(vendor, Vendor.Status.SUSPENDED, status_reason="izin habis") is True
    assert Vendor.MACHINE.advance(stale, Vendor.Status.SUSPENDED, status_reason="lain") is False

    vendor.refresh_from_db()
    assert (vendor.status, vendor.status_reason) == (Vendor.Status.SUSPENDED, "izin habis")


def test_a_step_that_the_table_does_not_have_changes_nothing(vendor):
    Vendor.MACHINE.advance(vendor, Vendor.Status.CLOSED)

    with pytest.raises(IllegalTransition) as refusal:
        Vendor.MACHINE.advance(vendor, Vendor.Status.SUSPENDED)

    assert refusal.value.code == "vendor.closed.suspended"
    vendor.refresh_from_db()
    assert vendor.status == Vendor.Status.CLOSED


def test_only_from_narrows_the_table(vendor):
    with pytest.raises(IllegalTransition):
        Vendor.MACHINE.advance(vendor, Vendor.Status.CLOSED, only_from=[Vendor.Status.SUSPENDED])


def test_the_database_itself_keeps_the_audit_trail(vendor):
    actor = UserFactory()
    event = record(action="test.done", target=vendor, actor=actor, data={"why": "because"})

    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(action="test.undone")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()

    assert [(e.action, e.actor, e.data) for e in events_about(vendor)] == [("test.done", actor, {"why": "because"})]


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "Rp0"), (-163_000, "−Rp163.000"), (15_000, "Rp15.000"), (1_250_000, "Rp1.250.000")]
)
def test_rupiah_are_written_whole(amount: int, text: str):
    assert format_rupiah(amount) == text


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=20))
def test_parts_always_add_up(total: int, weights: list[int]):
    parts = split_by_largest_remainder(total, weights)

    assert sum(parts) == total
    assert min(parts) >= 0
    if sum(weights):
        assert all(abs(part - total * weight / sum(weights)) <= 1 for part, weight in zip(parts, weights, strict=True))


@pytest.mark.parametrize(("total", "weights"), [(10, []), (10, [-1, 2]), (-1, [1])])
def test_nonsense_cannot_be_split(total: int, weights: list[int]):
    with pytest.raises(ValueError, match="weights and total"):
        split_by_largest_remainder(total, weights)


def test_a_form_that_is_abused_answers_429_with_what_to_do(client, settings, db):
    settings.RATELIMIT_ENABLE = True
    for _attempt in range(30):
        response = client.post("/akun/login/", {"login": "x@example.com", "password": "wrong"})

    assert response.status_code in {200, 429}
    statuses = {client.post("/akun/login/", {"login": "x@example.com", "password": "w"}).status_code for _ in range(3)}
    assert statuses == {429}
