from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "umkm.portal"
    label = "portal"
