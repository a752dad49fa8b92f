from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerificationConfig(AppConfig):
    name = "umkm.verification"
    label = "verification"
    verbose_name = _("Verification")

    def ready(self) -> None:
        from marketplace.accounts.services import OFFICER_LEFT_TOPIC
        from marketplace.outbox import registry
        from umkm.verification import departures

        registry.register_handler(OFFICER_LEFT_TOPIC, departures.put_back_cases)
