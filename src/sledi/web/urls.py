from django.urls import path

from sledi.web import themes, views

app_name = "web"
urlpatterns = [
    path("theme/", themes.choose, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security"),
    path("look/", views.look, name="look"),
]
