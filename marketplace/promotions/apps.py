from django.apps import AppConfig


class PromotionsConfig(AppConfig):
    name = "marketplace.promotions"
    label = "promotions"

    def ready(self) -> None:
        from marketplace.outbox import registry
        from marketplace.promotions import tasks

        registry.register_handler(tasks.USED_TOPIC, tasks.voucher_used)
        registry.register_handler(tasks.RELEASE_TOPIC, tasks.voucher_released)
