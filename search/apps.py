from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings


class SearchConfig(AppConfig):
    name = "search"
    label = "search"

    def ready(self) -> None:
        from marketplace.core.health import register_metrics, register_state
        from marketplace.outbox import registry
        from search import checking, indexing

        registry.register_batch_handler(indexing.TOPIC, indexing.index_batch, size=200)
        registry.register_handler(indexing.REBUILD_TOPIC, indexing.rebuild_after_new_words)
        registry.register_periodic("search.check", every=timedelta(minutes=10), run=checking.check_and_repair)
        registry.register_fact("search", checking.fact_for_operators)
        register_metrics("search", checking.metrics)
        if settings.SEARCH_ENGINE != "database":
            register_state("search", checking.state_for_machines)
