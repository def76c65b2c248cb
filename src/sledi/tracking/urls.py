from django.urls import path

from sledi.tracking import pushes, views

app_name = "tracking"
urlpatterns = [
    path("hooks/<slug:slug>/", pushes.receive, name="push"),
    path("operator/carriers/", views.health, name="health"),
    path("operator/mapping/", views.mapping, name="mapping"),
]
