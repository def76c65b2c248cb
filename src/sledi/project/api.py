"""The REST interface of the whole site, composed of the apps' routers."""

from ninja import NinjaAPI

from sledi import __version__
from sledi.api import problems
from sledi.notifications.api import router as mails
from sledi.orders.rest.api import router as orders
from sledi.orders.rest.links import router as links
from sledi.orders.rest.money import router as money
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
api.add_router("", links)
api.add_router("", money)  # above the orders', whose patterns would match its addresses
api.add_router("", orders)
