from django.apps import AppConfig


class FloorConfig(AppConfig):
    name = "tools.bench.floor"
    label = "bench_floor"
