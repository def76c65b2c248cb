from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "sledi.web"
    verbose_name = "Frame of the pages"
