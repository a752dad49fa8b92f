from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "umkm.registration"
    label = "registration"
