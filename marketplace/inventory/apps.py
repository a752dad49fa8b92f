from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "marketplace.inventory"
    label = "inventory"

    def ready(self) -> None:
        from marketplace.catalogue.variants import CHANGED_TOPIC
        from marketplace.inventory import services
        from marketplace.outbox import registry

        registry.register_handler(CHANGED_TOPIC, services.recount_listing)
