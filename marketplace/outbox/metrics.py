"""How much waits in the outbox, for `/metrics`."""

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from marketplace.outbox.models import OutboxMessage, PeriodicRun


def outbox_metrics() -> Iterator[Metric]:
    """Messages by state, the age of the oldest one waiting, and when each periodic job last finished."""
    messages = GaugeMetricFamily("lapak_outbox_messages", "Outbox messages by state", labels=["state"])
    counts = dict(OutboxMessage.objects.order_by().values_list("state").annotate(n=Count("pk")))
    for state in OutboxMessage.State.values:
        messages.add_metric([state], counts.get(state, 0))
    yield messages

    oldest = OutboxMessage.objects.filter(
        state=OutboxMessage.State.PENDING, available_at__lte=timezone.now()
    ).aggregate(since=Min("available_at"))["since"]
    age = (timezone.now() - oldest).total_seconds() if oldest else 0
    yield GaugeMetricFamily("lapak_outbox_oldest_seconds", "How long the oldest due message has waited", value=age)

    jobs = GaugeMetricFamily("lapak_job_finished_timestamp", "When a periodic job last finished", labels=["job"])
    failing = GaugeMetricFamily("lapak_job_failing", "1 when a periodic job's last run failed", labels=["job"])
    for run in PeriodicRun.objects.all():
        if run.last_finished_at is None:
            continue
        jobs.add_metric([run.name], run.last_finished_at.timestamp())
        failing.add_metric([run.name], 1 if run.last_error else 0)
    yield jobs
    yield failing
