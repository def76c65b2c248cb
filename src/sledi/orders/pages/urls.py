"""The addresses of a business: ``/<business>/…``. An act is a noun: a move of a thing stands below that thing."""

from django.urls import path

from sledi.orders.pages import acts, bulk, explaining, views

app_name = "orders"
urlpatterns = [
    path("", views.home, name="home"),
    path("my/", views.cabinet, name="cabinet"),
    path("legend/", explaining.legend, name="legend"),
    path("legend/<slug:level>/", explaining.picture, name="picture"),
    path("legend/<slug:level>.svg", explaining.diagram, name="diagram"),
    path("orders/<str:number>/<slug:made>/moves/<slug:name>/", acts.making_for, name="making-for"),
    path("<slug:place>/", views.things, name="things"),
    path("<slug:place>/moves/", bulk.choose, name="bulk-choose"),
    path("<slug:place>/moves/<slug:name>/", bulk.move_ticked, name="bulk"),
    path("<slug:place>/new/<slug:name>/", acts.making, name="making"),
    path("<slug:place>/<str:number>/", views.thing, name="thing"),
    path("<slug:place>/<str:number>/contents/", acts.contents, name="contents"),
    path("<slug:place>/<str:number>/moves/<slug:name>/", acts.move, name="move"),
]
