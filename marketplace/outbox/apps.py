from datetime import timedelta

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "marketplace.outbox"
    label = "outbox"

    def ready(self) -> None:
        from marketplace.core.health import register_metrics
        from marketplace.outbox import registry, services
        from marketplace.outbox.metrics import outbox_metrics

        registry.register_periodic("outbox.purge", every=timedelta(hours=6), run=services.purge_done_messages)
        register_metrics("outbox", outbox_metrics)
