"""Work after the commit: done once, again after a failure, coalesced while it waits."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from marketplace.outbox import registry
from marketplace.outbox.models import OutboxMessage, PeriodicRun
from marketplace.outbox.services import (
    ABANDONED_AFTER,
    KEEP_DONE_FOR,
    MAX_ATTEMPTS,
    enqueue,
    process_due,
    purge_done_messages,
    run_periodic_jobs,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(monkeypatch) -> list[dict]:
    done: list[dict] = []
    monkeypatch.setitem(registry.handlers, "test.topic", done.append)
    return done


def test_a_message_is_done_once_and_forgets_what_it_was_about(seen):
    enqueue(topic="test.topic", payload={"id": 7})

    assert process_due() == 1
    assert process_due() == 0

    assert seen == [{"id": 7}]
    message = OutboxMessage.objects.get()
    assert (message.state, message.payload) == (OutboxMessage.State.DONE, {})


def test_messages_with_one_key_coalesce_while_they_wait(seen):
    enqueue(topic="test.topic", key="product-1", payload={"id": 1})
    enqueue(topic="test.topic", key="product-1", payload={"id": 1})
    enqueue(topic="test.topic", key="product-2", payload={"id": 2})

    process_due()
    enqueue(topic="test.topic", key="product-1", payload={"id": 1})
    process_due()

    assert seen == [{"id": 1}, {"id": 2}, {"id": 1}]


def test_a_change_during_the_work_is_not_lost(monkeypatch):
    seen = []

    def handler(payload: dict) -> None:
        seen.append(payload)
        if len(seen) == 1:
            enqueue(topic="test.topic", key="k", payload={"again": True})

    monkeypatch.setitem(registry.handlers, "test.topic", handler)
    enqueue(topic="test.topic", key="k", payload={"again": False})

    process_due()

    assert seen == [{"again": False}, {"again": True}]


def test_a_failure_is_kept_and_tried_again_later_then_given_up(monkeypatch):
    def broken(payload: dict) -> None:
        raise RuntimeError("no connection")

    monkeypatch.setitem(registry.handlers, "test.topic", broken)
    enqueue(topic="test.topic", payload={"id": 1})

    process_due()
    message = OutboxMessage.objects.get()
    assert message.state == OutboxMessage.State.PENDING
    assert message.available_at > timezone.now()
    assert "no connection" in message.last_error

    OutboxMessage.objects.update(available_at=timezone.now(), attempts=MAX_ATTEMPTS - 1)
    process_due()
    message.refresh_from_db()
    assert (message.state, message.payload) == (OutboxMessage.State.DEAD, {"id": 1})


def test_a_failure_that_a_newer_message_makes_good_forgets_what_it_was_about(monkeypatch):
    def change_and_fail(payload):
        enqueue(topic="test.seen", key="1", payload={"to": "newer@contoh.id"})
        raise RuntimeError("no line")

    monkeypatch.setitem(registry.handlers, "test.seen", change_and_fail)
    enqueue(topic="test.seen", key="1", payload={"to": "older@contoh.id"})
    assert process_due(limit=1) == 1
    older, newer = OutboxMessage.objects.filter(topic="test.seen").order_by("pk")
    assert (older.state, older.payload, newer.state) == ("done", {}, "pending")


def test_a_message_of_a_worker_that_died_is_taken_by_another(seen):
    enqueue(topic="test.topic", payload={"id": 1})
    OutboxMessage.objects.update(state=OutboxMessage.State.PROCESSING, available_at=timezone.now())
    assert process_due() == 0

    OutboxMessage.objects.update(available_at=timezone.now() - ABANDONED_AFTER)

    assert process_due() == 1
    assert seen == [{"id": 1}]


def test_a_delayed_message_waits(seen):
    enqueue(topic="test.topic", delay=timedelta(hours=1))

    assert process_due() == 0
    assert seen == []


def test_periodic_jobs_start_when_due_and_a_failing_one_stops_nobody(monkeypatch):
    runs = []

    def fails() -> None:
        raise RuntimeError("broken job")

    monkeypatch.setattr(registry, "periodic_jobs", {})
    registry.register_periodic("test.fails", every=timedelta(minutes=5), run=fails)
    registry.register_periodic("test.works", every=timedelta(minutes=5), run=lambda: runs.append(1))

    assert run_periodic_jobs() == ["test.fails", "test.works"]
    assert run_periodic_jobs() == []
    assert "broken job" in PeriodicRun.objects.get(name="test.fails").last_error

    PeriodicRun.objects.update(last_started_at=timezone.now() - timedelta(minutes=6))
    run_periodic_jobs()
    assert runs == [1, 1]


def test_old_messages_are_purged(seen):
    enqueue(topic="test.topic")
    enqueue(topic="test.topic")
    process_due()
    OutboxMessage.objects.filter(pk=OutboxMessage.objects.first().pk).update(
        processed_at=timezone.now() - KEEP_DONE_FOR - timedelta(days=1)
    )

    assert purge_done_messages() == 1
    assert OutboxMessage.objects.count() == 1


def test_the_worker_command_empties_the_outbox(seen, monkeypatch):
    monkeypatch.setattr(registry, "periodic_jobs", {})
    for number in range(3):
        enqueue(topic="test.topic", payload={"id": number})

    call_command("worker", "--once")

    assert [payload["id"] for payload in seen] == [0, 1, 2]


def test_a_topic_has_one_handler(monkeypatch):
    monkeypatch.setattr(registry, "handlers", {})
    registry.register_handler("test.topic", print)

    with pytest.raises(ValueError, match=r"test\.topic"):
        registry.register_handler("test.topic", repr)
