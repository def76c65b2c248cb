"""The addresses of documents, below a business's: ``/<business>/orders/<number>/documents/…``."""

from django.urls import path

from sledi.documents import views

app_name = "documents"
urlpatterns = [
    path("seller-details/", views.details, name="details"),
    path("orders/<str:number>/documents/", views.documents, name="documents"),
    path("orders/<str:number>/documents/<slug:key>/", views.document, name="document"),
]
