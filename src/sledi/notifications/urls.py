from django.urls import path

from sledi.notifications import own, views

app_name = "notifications"
urlpatterns = [
    path("follow/", views.follow, name="follow"),
    path("follow/<str:token>/confirm/", views.confirm, name="confirm"),
    path("follow/<str:token>/stop/", views.stop, name="stop"),
    path("<slug:business>/me/letters/", own.letters, name="own"),
    path("letters/<str:token>/", views.letters, name="letters"),
]
