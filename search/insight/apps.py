from datetime import timedelta

from django.apps import AppConfig


class SearchInsightConfig(AppConfig):
    name = "search.insight"
    label = "search_insight"

    def ready(self) -> None:
        from marketplace.outbox import registry
        from search.insight import services

        registry.register_periodic(
            "search_insight.retention", every=timedelta(days=1), run=services.forget_old_searches
        )
