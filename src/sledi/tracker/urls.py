from django.urls import path

from sledi.tracker import articles, feeds, views
from sledi.web import places

# `sledi web` loads the addresses once, before it divides into processes: nobody waits for these tables.
places.load(("CN", "RU", "KZ", "UA", "BY", "BG", "SG"))

app_name = "tracker"
urlpatterns = [
    path("", views.home, name="home"),
    path("t/", views.open_list, name="open"),
    path("t/count/", views.count, name="count"),
    path("t/<str:token>/", views.track_list, name="list"),
    path("t/<str:token>/numbers/", views.numbers, name="numbers"),
    path("t/<str:token>/destination/", views.destination, name="destination"),
    path("t/<str:token>/list.csv", feeds.csv_file, name="csv"),
    path("t/<str:token>/list.ics", feeds.calendar, name="calendar"),
    path("t/<str:token>/list.atom", feeds.atom, name="atom"),
    path("t/<str:token>/<str:number>/", views.parcel, name="parcel"),
    path("t/<str:token>/<str:number>/carrier/", views.carrier, name="carrier"),
    path("t/<str:token>/<str:number>/following/", views.following, name="following"),
    path("t/<str:token>/<str:number>/meant/", views.meant, name="meant"),
    path("t/<str:token>/<str:number>/removal/", views.removal, name="removal"),
    path("t/<str:token>/<str:number>/asking/", views.asking, name="asking"),
    path("help/", articles.guide, name="guide"),
    path("help/comments/", articles.comment, name="comment"),
    path("help/posts/", articles.posts, name="posts"),
    path("privacy/", articles.privacy, name="privacy"),
    path("operator/comments/", articles.moderation, name="moderation"),
    path("operator/comments/<uuid:comment_id>/", articles.judge, name="judge"),
    path("operator/links/", articles.links, name="links"),
]
