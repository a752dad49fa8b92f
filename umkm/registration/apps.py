from datetime import timedelta

from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "umkm.registration"
    label = "registration"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.outbox import registry
        from umkm.registration import privacy, retention

        register_holding(privacy.REGISTRATIONS)
        registry.register_periodic("registration.retention", every=timedelta(days=1), run=retention.forget_old_papers)
