from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    label = "search"

    def ready(self) -> None:
        from marketplace.outbox import registry
        from search import indexing

        registry.register_handler(indexing.TOPIC, indexing.index_product)
        registry.register_handler(indexing.REBUILD_TOPIC, indexing.rebuild_after_new_words)
