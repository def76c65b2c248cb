"""What pages, the REST interface and the command line show of orders, parcels and hauls: one reading for all doors.

    order_list(access, …)        a page of orders: state, progress, last change, amounts
    parcel_list, haul_list, case_list(access, …)   the same of what else moves
    queue(access, level, state)  what waits in a state, the longest first
    order_page(access, number)   everything about an order that this access may see, and what it may do
    parcel_page, haul_page, case_page(access, number)
    history(access, number, …)   all that happened to an order, a portion at a time
    find, find_many(access, level, …)   the ids that people's references stand for

Everything begins with ``queries``: what an access may not see is not there. Fields that a profile hides from a role
are left out here, so that no door has to remember it. Words stay in all their languages: a door chooses.
"""

from sledi.orders.reading.finding import find, find_many
from sledi.orders.reading.lists import (
    SIZE_MAX,
    Page,
    UnknownState,
    WrongCursor,
    case_list,
    haul_list,
    order_list,
    parcel_list,
    queue,
)
from sledi.orders.reading.pages import (
    case_page,
    haul_page,
    history,
    moves_of,
    order_page,
    parcel_page,
)
from sledi.orders.reading.shapes import (
    Amounts,
    ContainerPage,
    Deadline,
    FieldValue,
    OrderPage,
    OrderRow,
    Packed,
    Row,
    Step,
    Thing,
    Told,
)

__all__ = [
    "SIZE_MAX",
    "Amounts",
    "ContainerPage",
    "Deadline",
    "FieldValue",
    "OrderPage",
    "OrderRow",
    "Packed",
    "Page",
    "Row",
    "Step",
    "Thing",
    "Told",
    "UnknownState",
    "WrongCursor",
    "case_list",
    "case_page",
    "find",
    "find_many",
    "haul_list",
    "haul_page",
    "history",
    "moves_of",
    "order_list",
    "order_page",
    "parcel_list",
    "parcel_page",
    "queue",
]
