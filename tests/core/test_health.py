"""The addresses that machines ask."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.core import health
from marketplace.outbox.models import OutboxMessage, PeriodicRun


def test_alive_without_a_database(client: Client):
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert "no-cache" in response.headers["Cache-Control"]
    assert not response.cookies
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200


@pytest.mark.django_db
def test_ready_says_so_part_by_part(client: Client):
    response = client.get(reverse("readyz"))
    assert response.status_code == 200
    assert response.json() == {"database": "ok", "tables": "ok", "cache": "ok"}


@pytest.mark.django_db
def test_not_ready_without_its_cache(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "get", lambda *args, **kwargs: None)
    response = client.get(reverse("readyz"))
    assert response.status_code == 503
    assert response.json()["cache"] == "not ready"


@pytest.mark.django_db
def test_not_ready_while_a_migration_waits(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(health._state, "tables_are_current", False)
    monkeypatch.setattr(health.MigrationExecutor, "migration_plan", lambda self, targets: [("a", False)])
    response = client.get(reverse("readyz"))
    assert response.status_code == 503
    assert response.json()["tables"] == "not ready"


@pytest.mark.django_db
def test_figures_only_for_whoever_has_the_token(client: Client, settings):
    assert client.get(reverse("metrics")).status_code == 404
    settings.METRICS_TOKEN = "hush"
    assert client.get(reverse("metrics")).status_code == 404
    assert client.get(reverse("metrics"), headers={"authorization": "Bearer wrong"}).status_code == 404
    assert client.get(reverse("metrics"), headers={"authorization": "Bearer hush"}).status_code == 200


@pytest.mark.django_db
def test_figures_tell_what_waits(client: Client, settings, django_assert_num_queries):
    settings.METRICS_TOKEN = "hush"
    OutboxMessage.objects.create(topic="a", available_at=timezone.now() - timezone.timedelta(seconds=90))
    OutboxMessage.objects.create(topic="b", state=OutboxMessage.State.DEAD)
    PeriodicRun.objects.create(name="a.job", last_finished_at=timezone.now(), last_error="no")
    # Three of these figures, one of the page cache's versions.
    with django_assert_num_queries(4):
        text = client.get(reverse("metrics"), headers={"authorization": "Bearer hush"}).content.decode()
    assert 'lapak_outbox_messages{state="pending"} 1.0' in text
    assert 'lapak_outbox_messages{state="dead"} 1.0' in text
    assert 'lapak_job_failing{job="a.job"} 1.0' in text
    oldest = next(line for line in text.splitlines() if line.startswith("lapak_outbox_oldest_seconds"))
    assert 90 <= float(oldest.split()[1]) < 300
