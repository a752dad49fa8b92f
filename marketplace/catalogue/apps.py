from importlib import import_module

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "marketplace.catalogue"
    label = "catalogue"

    def import_models(self) -> None:
        super().import_models()
        # The moderation task is a model that calls services, so it stands in tasks.py.
        import_module("marketplace.catalogue.tasks")

    def ready(self) -> None:
        from marketplace.catalogue import images, listings
        from marketplace.outbox import registry

        registry.register_handler(images.RENDITION_TOPIC, listings.render_pictures)
