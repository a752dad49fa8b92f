from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "umkm.registration"
    label = "registration"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from umkm.registration import privacy

        register_holding(privacy.REGISTRATIONS)
