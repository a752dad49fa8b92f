from datetime import timedelta

from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    name = "marketplace.aftersales"
    label = "aftersales"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.aftersales import privacy, tasks
        from marketplace.outbox import registry
        from marketplace.payments.services import PUT_DOWN_TOPIC, REFUND_ENDED_TOPIC

        registry.register_handler(REFUND_ENDED_TOPIC, tasks.follow_refund)
        registry.register_handler(PUT_DOWN_TOPIC, tasks.count_outside_refund)
        registry.register_periodic("aftersales.terms", every=timedelta(minutes=15), run=tasks.keep_terms)
        register_holding(privacy.REQUESTS)
