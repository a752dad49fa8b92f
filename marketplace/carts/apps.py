from datetime import timedelta

from django.apps import AppConfig


class CartsConfig(AppConfig):
    name = "marketplace.carts"
    label = "carts"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.carts import privacy, services
        from marketplace.outbox import registry

        registry.register_periodic("carts.purge", every=timedelta(hours=24), run=services.purge_old_carts)
        register_holding(privacy.BASKET)
