"""The addresses of the whole site."""

from django.urls import include, path

from sledi.orders.money import hooks
from sledi.orders.pages import recipient, short
from sledi.project import health
from sledi.project.api import api
from sledi.tracking import live

handler400 = "sledi.web.errors.bad_request"
handler403 = "sledi.web.errors.forbidden"
handler404 = "sledi.web.errors.not_found"
handler500 = "sledi.web.errors.broken"

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("livez", health.alive),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/v1/", api.urls),
    path("my/", short.my, name="my"),
    path("live/lists/<str:token>", live.list_changes, name="live-list"),
    path("hooks/payments/<slug:provider>/", hooks.receive, name="payment-callback"),
    path("account/payments/<uuid:checkout>/", hooks.returned, name="payment-return"),
    path("", include("sledi.web.urls")),
    path("", include("sledi.accounts.entrance")),
    path("", include("sledi.accounts.urls")),
    path("", include("sledi.tracking.urls")),
    path("", include("sledi.tracker.urls")),
    path("", include("sledi.notifications.urls")),
    path("o/<str:token>/", recipient.order, name="recipient"),
    # Last: whatever is the site's own cannot be a business (accounts.operations.RESERVED_SLUGS).
    path("<slug:business>/", include("sledi.documents.urls")),
    path("<slug:business>/", include("sledi.orders.pages.urls")),
]
