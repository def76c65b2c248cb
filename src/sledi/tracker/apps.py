from django.apps import AppConfig


class TrackerConfig(AppConfig):
    name = "sledi.tracker"
    verbose_name = "Public tracker"
