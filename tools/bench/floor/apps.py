from allauth.account.apps import AccountConfig
from django.apps import AppConfig


class FloorConfig(AppConfig):
    name = "tools.bench.floor"
    label = "bench_floor"
    default = True


class QuietAllauth(AccountConfig):
    """allauth's accounts without its demand for a middleware of its own."""

    default = False

    def ready(self) -> None:
        pass
