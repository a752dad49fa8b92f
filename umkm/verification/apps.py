from datetime import timedelta

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VerificationConfig(AppConfig):
    name = "umkm.verification"
    label = "verification"
    verbose_name = _("Verification")

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.accounts.services import OFFICER_LEFT_TOPIC
        from marketplace.outbox import registry
        from umkm.verification import departures, papers_clock, privacy

        registry.register_handler(OFFICER_LEFT_TOPIC, departures.put_back_cases)
        registry.register_periodic("papers.remind", every=timedelta(days=1), run=papers_clock.remind_owners)
        registry.register_periodic("papers.retention", every=timedelta(days=1), run=papers_clock.forget_old_files)
        register_holding(privacy.CHECKS)
