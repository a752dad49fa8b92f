from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "marketplace.notifications"
    label = "notifications"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.notifications import privacy, services
        from marketplace.outbox import registry

        registry.register_handler(services.MAIL_TOPIC, services.send_mail)
        register_holding(privacy.NEWS)
