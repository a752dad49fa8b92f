from datetime import timedelta

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "marketplace.payments"
    label = "payments"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.outbox import registry
        from marketplace.payments import privacy, tasks
        from marketplace.payments.services.refunds import REFUND_TOPIC
        from marketplace.payments.services.settling import CLOSE_TOPIC
        from marketplace.payments.services.webhooks import WEBHOOK_TOPIC

        registry.register_handler(WEBHOOK_TOPIC, tasks.handle_event)
        registry.register_handler(REFUND_TOPIC, tasks.submit_refund)
        registry.register_handler(CLOSE_TOPIC, tasks.close_attempt)
        registry.register_periodic("payments.reconcile", every=timedelta(minutes=5), run=tasks.reconcile)
        registry.register_periodic("payments.expire_orders", every=timedelta(minutes=1), run=tasks.expire_orders)
        registry.register_periodic("payments.check_books", every=timedelta(days=1), run=tasks.check_books)
        register_holding(privacy.PAYMENTS)
