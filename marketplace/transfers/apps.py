from datetime import timedelta

from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "marketplace.transfers"
    label = "transfers"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from marketplace.outbox import registry
        from marketplace.transfers import clock, privacy

        registry.register_periodic("transfers.terms", every=timedelta(minutes=5), run=clock.keep_terms)
        registry.register_periodic("transfers.proofs", every=timedelta(hours=24), run=clock.delete_old_proofs)
        register_holding(privacy.TRANSFERS)
