"""The REST interface of a business: its orders and everything around them, and every move of its profile.

No address names a kind of business: states, moves and fields are the profile's, and GET …/profile tells them. What
may not be seen answers exactly as what is not there. ``orders.moves`` decides; this only translates.
"""

from sledi.orders.rest import (
    arrivals,
    bulk,
    containers,
    doubtful_checkouts,
    import_rules,
    imports,
    items,
    links,
    lookups,
    money,
    moves,
    orders,
    own,
    photos,
    products,
    profile,
    reports,
    tasks,
)

ROUTERS = (
    own.router,
    lookups.router,
    links.router,
    money.router,
    doubtful_checkouts.router,
    products.router,
    profile.router,
    photos.router,
    imports.router,
    arrivals.router,
    import_rules.router,
    reports.router,
    bulk.router,
    orders.router,
    items.router,
    tasks.router,
    containers.router,
    moves.router,
)
"""The first whose pattern matches answers: an address of words of its own stands above those with ``{levels}``."""
