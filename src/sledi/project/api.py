"""The REST interface of the whole site, composed of the apps' routers."""

from ninja import NinjaAPI

from sledi import __version__
from sledi.api import problems
from sledi.documents.api import router as documents
from sledi.notifications.api import router as mails
from sledi.notifications.own import router as letters
from sledi.orders.rest.api import ROUTERS as ORDERS
from sledi.tracking.api import router as tracking

api = NinjaAPI(
    title="sledi",
    version=__version__,
    description="Follows parcels across carriers. Errors are RFC 9457 problem details.",
    urls_namespace="api",
    docs_url=None,  # the pages of the usual viewers load themselves from elsewhere
)
problems.attach(api)
api.add_router("", tracking)
api.add_router("", mails)
api.add_router("", documents)
api.add_router("", letters)
for router in ORDERS:
    api.add_router("", router)
