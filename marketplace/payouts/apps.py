from datetime import timedelta

from django.apps import AppConfig


class PayoutsConfig(AppConfig):
    name = "marketplace.payouts"
    label = "payouts"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.outbox import registry
        from marketplace.payments.services.webhooks import register_follower
        from marketplace.payouts import privacy, tasks
        from marketplace.payouts.services import connect

        registry.register_handler("payouts.transfer", tasks.send_transfer)
        registry.register_handler("payouts.reversal", tasks.take_transfer_back)
        register_follower("transfer.", connect.follow_transfer)
        register_follower("account.updated", connect.follow_account)
        registry.register_periodic("payouts.remind", every=timedelta(days=1), run=tasks.remind)
        register_holding(privacy.BANK_ACCOUNTS)
