"""Operators see what the worker gave up and when jobs last ran, and let it try again."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marketplace.audit.selectors import events_about
from marketplace.core.exceptions import NotAllowed
from marketplace.outbox import registry
from marketplace.outbox.models import OutboxMessage, PeriodicRun
from marketplace.outbox.selectors import backlog, jobs
from marketplace.outbox.services import enqueue, process_due, repeat_message

pytestmark = pytest.mark.django_db
PAGE = "/admin/latar/"
State = OutboxMessage.State


def dead(topic="tests.topic", **fields) -> OutboxMessage:
    return OutboxMessage.objects.create(
        topic=topic, state=State.DEAD, attempts=12, last_error="SMTPException('no route')",
        payload={"to": "rahasia@example.com"}, **fields,
    )  # fmt: skip


@pytest.fixture
def handled(monkeypatch):
    """Payloads that the handler of `tests.topic` got."""
    seen: list[dict] = []
    monkeypatch.setitem(registry.handlers, "tests.topic", seen.append)
    return seen


def test_what_was_given_up_is_shown_without_what_it_was_about(scene, operator_client):
    dead()
    page = operator_client.get(PAGE).content.decode()
    assert "tests.topic" in page
    assert "no route" in page
    assert "rahasia@example.com" not in page


def test_trying_again_does_the_work(scene, operator_client, handled):
    message = dead()
    operator_client.post(f"{PAGE}{message.pk}/ulang/")
    process_due(topics=["tests.topic"])
    message.refresh_from_db()
    assert handled == [{"to": "rahasia@example.com"}]
    assert (message.state, message.payload, message.attempts) == (State.DONE, {}, 1)
    assert events_about(message).get().actor == scene.operator


def test_a_second_click_changes_nothing(scene, operator_client, handled):
    message = dead()
    for _click in range(2):
        assert operator_client.post(f"{PAGE}{message.pk}/ulang/")["Location"] == PAGE
    assert events_about(message).count() == 1


def test_a_newer_message_with_the_same_key_does_the_work(scene, handled):
    message = dead(key="7")
    enqueue(topic="tests.topic", key="7", payload={"new": True})
    assert repeat_message(message_id=message.pk, actor=scene.operator)
    process_due(topics=["tests.topic"])
    message.refresh_from_db()
    assert message.state == State.DONE
    assert handled == [{"new": True}]


@pytest.mark.parametrize("role", ["buyer", "officer", "editor"])
def test_nobody_else_repeats_anything(scene, role):
    message = dead()
    with pytest.raises(NotAllowed):
        repeat_message(message_id=message.pk, actor=getattr(scene, role))
    message.refresh_from_db()
    assert message.state == State.DEAD


def test_a_worker_that_stands_still_is_noticed(scene, operator_client):
    enqueue(topic="tests.topic")
    assert not backlog().is_stuck
    OutboxMessage.objects.filter(topic="tests.topic").update(available_at=timezone.now() - timedelta(minutes=11))
    assert backlog().is_stuck
    assert "manage.py worker" in operator_client.get(PAGE).content.decode()


def test_jobs_in_trouble_come_first(scene, operator_client):
    name = sorted(registry.periodic_jobs)[-1]
    now = timezone.now()
    for job in registry.periodic_jobs:
        PeriodicRun.objects.create(name=job, last_started_at=now, last_finished_at=now)
    assert not any(job.is_overdue or job.is_failing for job in jobs())
    PeriodicRun.objects.filter(name=name).update(last_error="OperationalError('disk full')")
    assert (jobs()[0].name, jobs()[0].is_failing) == (name, True)
    assert "disk full" in operator_client.get(PAGE).content.decode()
    PeriodicRun.objects.all().delete()
    assert all(job.is_overdue for job in jobs())


def test_the_page_asks_three_questions_for_any_number_of_rows(scene, operator_client):
    def own_queries() -> int:
        operator_client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            operator_client.get(PAGE)
        return sum("outbox_outboxmessage" in query["sql"] or "outbox_periodicrun" in query["sql"] for query in captured)

    dead()
    assert own_queries() == 3
    for _number in range(60):
        dead()
    assert own_queries() == 3
