"""Topics whose messages are done together, and handlers that cannot work just now."""

import pytest
from django.utils import timezone

from marketplace.outbox import registry
from marketplace.outbox.models import OutboxMessage
from marketplace.outbox.services import MAX_ATTEMPTS, enqueue, process_due

pytestmark = pytest.mark.django_db
State = OutboxMessage.State


@pytest.fixture
def batches(monkeypatch) -> list[list[int]]:
    seen: list[list[int]] = []

    def handler(payloads):
        numbers = [payload["number"] for payload in payloads]
        seen.append(numbers)
        return {place: "odd" for place, number in enumerate(numbers) if number % 2}

    monkeypatch.setitem(registry.batch_handlers, "test.batch", (handler, 4))
    return seen


def test_messages_of_a_topic_are_done_together_but_not_more_than_its_size(batches):
    for number in (0, 2, 4, 6, 8):
        enqueue(topic="test.batch", key=str(number), payload={"number": number})

    assert process_due() == 5
    assert batches == [[0, 2, 4, 6], [8]]
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {State.DONE}


def test_other_topics_are_not_drawn_into_a_batch(batches, monkeypatch):
    done = []
    monkeypatch.setitem(registry.handlers, "test.single", done.append)
    enqueue(topic="test.batch", payload={"number": 2})
    enqueue(topic="test.single", payload={"id": 1})
    enqueue(topic="test.batch", payload={"number": 4})

    process_due()
    assert (batches, done) == ([[2, 4]], [{"id": 1}])


def test_what_failed_in_a_batch_is_tried_again_by_itself(batches):
    for number in (0, 1, 2):
        enqueue(topic="test.batch", payload={"number": number})

    process_due()
    failed = OutboxMessage.objects.get(state=State.PENDING)
    assert (failed.payload, failed.last_error, failed.attempts) == ({"number": 1}, "odd", 1)
    assert failed.available_at > timezone.now()
    OutboxMessage.objects.filter(pk=failed.pk).update(available_at=timezone.now())
    process_due()
    assert batches == [[0, 1, 2], [1]]


def test_a_batch_that_raises_is_put_back_whole(monkeypatch):
    def broken(payloads):
        raise RuntimeError("no")

    monkeypatch.setitem(registry.batch_handlers, "test.batch", (broken, 4))
    for number in (1, 2):
        enqueue(topic="test.batch", payload={"number": number})

    process_due()
    assert list(OutboxMessage.objects.values_list("state", "attempts")) == [(State.PENDING, 1)] * 2


def test_waiting_for_a_server_never_gives_a_message_up(monkeypatch):
    def later(payload):
        raise registry.TryLater("the server is down", seconds=0)

    monkeypatch.setitem(registry.handlers, "test.topic", later)
    enqueue(topic="test.topic", payload={"id": 1})

    for _again in range(MAX_ATTEMPTS + 3):
        process_due(limit=1)
    message = OutboxMessage.objects.get()
    assert (message.state, message.attempts, message.last_error) == (State.PENDING, 0, "the server is down")
    assert message.payload == {"id": 1}


def test_a_topic_is_done_one_by_one_or_in_batches_never_both(monkeypatch, batches):
    with pytest.raises(ValueError, match="already has a handler"):
        registry.register_handler("test.batch", print)
    with pytest.raises(ValueError, match="already has a handler"):
        registry.register_batch_handler("search.rebuild", print, size=2)
