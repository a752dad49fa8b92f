from django.apps import AppConfig


class InstallationConfig(AppConfig):
    name = "marketplace.installation"
    label = "installation"
