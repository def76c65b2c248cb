"""What a key may be good for. Its role limits it further, as it limits a person."""

ORDERS_READ, ORDERS_WRITE = "orders:read", "orders:write"
PARCELS_READ, PARCELS_WRITE = "parcels:read", "parcels:write"
LEDGER_READ, LEDGER_WRITE = "ledger:read", "ledger:write"
PEOPLE_READ, PEOPLE_WRITE = "people:read", "people:write"
PRODUCTS_READ, PRODUCTS_WRITE = "products:read", "products:write"

SCOPES = frozenset(
    {
        ORDERS_READ,
        ORDERS_WRITE,
        PARCELS_READ,
        PARCELS_WRITE,
        LEDGER_READ,
        LEDGER_WRITE,
        PEOPLE_READ,
        PEOPLE_WRITE,
        PRODUCTS_READ,
        PRODUCTS_WRITE,
    }
)
"""All of them. A person who is signed in has them all; what remains is the role."""
