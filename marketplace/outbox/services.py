"""Putting work into the outbox and doing it."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from marketplace.audit.services import record
from marketplace.core.exceptions import NotAllowed
from marketplace.core.locking import lock_rows
from marketplace.outbox import policies, registry
from marketplace.outbox.models import OutboxMessage, PeriodicRun

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
# A worker that died in the middle of a message leaves it "processing"; after this long another one takes it.
ABANDONED_AFTER = timedelta(minutes=10)
KEEP_DONE_FOR = timedelta(days=14)


def enqueue(
    *, topic: str, payload: dict[str, Any] | None = None, key: str = "", delay: timedelta | None = None
) -> None:
    """Write a message in the running transaction; it is done after the commit.

    Arguments:
        key: messages of one topic with the same key coalesce while they wait.
        delay: not before this long from now.
    """
    enqueue_all(topic=topic, payloads={key: payload or {}}, delay=delay)


def enqueue_all(*, topic: str, payloads: Mapping[str, dict[str, Any]], delay: timedelta | None = None) -> None:
    """Write one message for each key in the running transaction, in one statement.

    Arguments:
        payloads: the payload for each key; the key "" coalesces with nothing.
        delay: not before this long from now.
    """
    available_at = timezone.now() + (delay or timedelta())
    # Where one with the key waits already, the database drops the new one; who was first makes no difference here.
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(topic=topic, payload=payload, key=key, available_at=available_at)
            for key, payload in payloads.items()
        ],
        ignore_conflicts=True,
    )


def process_due(*, limit: int = 100, topics: list[str] | None = None) -> int:
    """Do messages that are due, `limit` or the rest of a batch more, and return how many were tried.

    Never raises for a failing handler.
    """
    tried = 0
    while tried < limit:
        messages = _claim_next(topics)
        if not messages:
            break
        _do(messages)
        tried += len(messages)
    return tried


def _claim_next(topics: list[str] | None) -> list[OutboxMessage]:
    """The message that is next; where its topic is done in batches, others of that topic with it."""
    now = timezone.now()
    due = OutboxMessage.objects.filter(
        Q(state=OutboxMessage.State.PENDING, available_at__lte=now)
        | Q(state=OutboxMessage.State.PROCESSING, available_at__lte=now - ABANDONED_AFTER)
    )
    if topics is not None:
        due = due.filter(topic__in=topics)
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        first = due.select_for_update(skip_locked=skip).first()
        if first is None:
            return []
        messages = [first]
        if first.topic in registry.batch_handlers:
            size = registry.batch_handlers[first.topic][1]
            more = due.filter(topic=first.topic, pk__gt=first.pk).select_for_update(skip_locked=skip)
            messages += more[: size - 1]
        OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(
            state=OutboxMessage.State.PROCESSING, available_at=now, attempts=F("attempts") + 1
        )
    for message in messages:
        message.attempts += 1
    return messages


def _do(messages: list[OutboxMessage]) -> None:
    """One message, or a batch of one topic."""
    try:
        errors = _handle(messages)
    except registry.TryLater as later:
        logger.warning("outbox: %s waits: %s", messages[0].topic, later)
        for message in messages:
            _put_back(message, str(later), seconds=later.seconds)
        return
    except Exception as error:  # the outbox must survive any handler; the error is kept and shown to the operator
        logger.exception("outbox: %s failed, attempt %s", messages[0], messages[0].attempts)
        errors = dict.fromkeys(range(len(messages)), repr(error))
    for position, reason in errors.items():
        _put_back(messages[position], reason)
    done = [message.pk for position, message in enumerate(messages) if position not in errors]
    # What was done is kept, what it was about is not: a mail's payload holds addresses and one-time links.
    OutboxMessage.objects.filter(pk__in=done).update(
        state=OutboxMessage.State.DONE, processed_at=timezone.now(), last_error="", payload={}
    )


def _handle(messages: list[OutboxMessage]) -> dict[int, str]:
    topic = messages[0].topic
    if topic in registry.batch_handlers:
        handler, _size = registry.batch_handlers[topic]
        return handler([message.payload for message in messages])
    registry.handlers[topic](messages[0].payload)
    return {}


def _put_back(message: OutboxMessage, error: str, *, seconds: int | None = None) -> None:
    """Let it be tried again: later each time, until it is given up; or after `seconds`, as if it had not been tried."""
    attempts = message.attempts if seconds is None else message.attempts - 1
    if attempts >= MAX_ATTEMPTS:
        OutboxMessage.objects.filter(pk=message.pk).update(state=OutboxMessage.State.DEAD, last_error=error)
        return
    again = timezone.now() + timedelta(seconds=min(2**attempts, 3600) if seconds is None else seconds)
    try:
        with transaction.atomic():
            OutboxMessage.objects.filter(pk=message.pk).update(
                state=OutboxMessage.State.PENDING, available_at=again, last_error=error, attempts=attempts
            )
    except IntegrityError:
        # A newer message with the same key waits already and will do the same work.
        OutboxMessage.objects.filter(pk=message.pk).update(
            state=OutboxMessage.State.DONE, processed_at=timezone.now(), last_error=error, payload={}
        )


def run_periodic_jobs() -> list[str]:
    """Start each periodic job whose time has come and return their names. Several workers together start it once."""
    started = []
    for job in registry.periodic_jobs.values():
        now = timezone.now()
        PeriodicRun.objects.get_or_create(name=job.name)
        won = PeriodicRun.objects.filter(
            Q(last_started_at=None) | Q(last_started_at__lte=now - job.every), name=job.name
        ).update(last_started_at=now)
        if not won:
            continue
        error = ""
        try:
            job.run()
        except Exception as failure:  # one failing job must not stop the others; the error is kept for the operator
            logger.exception("periodic job %s failed", job.name)
            error = repr(failure)
        PeriodicRun.objects.filter(name=job.name).update(last_finished_at=timezone.now(), last_error=error)
        started.append(job.name)
    return started


@transaction.atomic
def repeat_message(*, message_id: int, actor: Any) -> bool:
    """Let the worker try a message that was given up again, from the first attempt. Returns False when it is not dead.

    Where a newer message with the same key waits, that one does the work and this one is done with. Raises NotAllowed
    for people without the right.
    """
    allowed, why_not = policies.may_repeat(user=actor)
    if not allowed:
        raise NotAllowed(why_not)
    rows = lock_rows(OutboxMessage.objects.filter(pk=message_id, state=OutboxMessage.State.DEAD))
    if not rows:
        return False
    message = rows[0]
    dead = OutboxMessage.objects.filter(pk=message.pk, state=OutboxMessage.State.DEAD)
    try:
        with transaction.atomic():
            dead.update(state=OutboxMessage.State.PENDING, attempts=0, available_at=timezone.now())
    except IntegrityError:
        # A newer message with the same key waits already.
        dead.update(state=OutboxMessage.State.DONE, processed_at=timezone.now(), payload={})
    record(action="outbox.repeated", target=message, actor=actor, data={"topic": message.topic})
    return True


def purge_done_messages() -> int:
    """Delete messages that were done long ago and return how many."""
    deleted, _by_model = OutboxMessage.objects.filter(
        state=OutboxMessage.State.DONE, processed_at__lte=timezone.now() - KEEP_DONE_FOR
    ).delete()
    return deleted
