from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "marketplace.accounts"
    label = "accounts"

    def ready(self) -> None:
        from marketplace.accounts import adapters, own_data, privacy
        from marketplace.outbox import registry

        registry.register_handler(adapters.ACCOUNT_MAIL_TOPIC, adapters.send_account_mail)
        privacy.register_holding(own_data.ACCOUNT)
