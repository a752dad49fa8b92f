from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "marketplace.notifications"
    label = "notifications"

    def ready(self) -> None:
        from marketplace.notifications import services
        from marketplace.outbox import registry

        registry.register_handler(services.MAIL_TOPIC, services.send_mail)
