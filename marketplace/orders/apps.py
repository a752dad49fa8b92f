from datetime import timedelta

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "marketplace.orders"
    label = "orders"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.orders import notices, privacy, services
        from marketplace.outbox import registry

        registry.register_handler("order.placed", notices.on_placed)
        registry.register_handler("order.paid", notices.on_paid)
        registry.register_handler("order.expired", notices.on_expired)
        registry.register_handler("order.cancelled", notices.on_cancelled)
        registry.register_handler("suborder.advanced", notices.on_advanced)
        registry.register_periodic("orders.complete", every=timedelta(hours=1), run=services.complete_received)
        registry.register_periodic("orders.recount_sales", every=timedelta(hours=24), run=services.recount_sales)
        register_holding(privacy.ORDERS)
