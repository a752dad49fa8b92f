from datetime import timedelta

from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "marketplace.payouts"
    label = "payouts"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.outbox import registry
        from marketplace.payouts import privacy, tasks

        registry.register_periodic("payouts.remind", every=timedelta(days=1), run=tasks.remind)
        register_holding(privacy.BANK_ACCOUNTS)
