from datetime import timedelta
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
        from marketplace.catalogue import images, listings, unused
        from marketplace.outbox import registry
        from umkm.vendors.services import STATUS_TOPIC

        registry.register_handler(images.RENDITION_TOPIC, listings.render_pictures)
        registry.register_handler(STATUS_TOPIC, listings.follow_vendor)
        registry.register_periodic(
            "catalogue.missing_renditions", every=timedelta(hours=1), run=listings.ask_for_missing_renditions
        )
        registry.register_periodic("catalogue.unused_photos", every=timedelta(days=1), run=unused.forget_unused_photos)
