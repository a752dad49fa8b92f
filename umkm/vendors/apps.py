from django.apps import AppConfig


class VendorsConfig(AppConfig):
    name = "umkm.vendors"
    label = "vendors"

    def ready(self) -> None:
        from marketplace.accounts.privacy import register_holding
        from umkm.vendors import privacy

        register_holding(privacy.BUSINESSES)
