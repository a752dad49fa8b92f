from django.apps import AppConfig


class VendorsConfig(AppConfig):
    name = "umkm.vendors"
    label = "vendors"
