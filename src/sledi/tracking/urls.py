from django.urls import path, re_path

from sledi.api.router import nothing_here
from sledi.tracking import pushes, views

app_name = "tracking"
urlpatterns = [
    path("hooks/<slug:slug>/", pushes.receive, name="push"),
    path("operator/carriers/", views.health, name="health"),
    path("operator/mapping/", views.mapping, name="mapping"),
    re_path("^api/", nothing_here),  # what the interface itself does not know
]
