"""What pages, the REST interface and the command line show of orders, parcels and hauls: one reading for all doors.

    order_list(access, …)        a page of orders: state, progress, last change, amounts
    item_list(access, …), container_list(access, level, …)   the same of what else moves
    queue(access, level, state)  what waits in a state, the longest first
    order_page(access, number)   everything about an order that this access may see, and what it may do
    parcel_page, haul_page, case_page(access, number)
    item_page(access, number)    an item with its one timeline
    history(access, number, …)   all that happened to an order, a portion at a time
    reasons(access, since, until)   how often each reason was given
    open_tasks(access)           what the people of its queue are asked to look at
    sellers(access, since, until)   how many orders each seller was given, and how many were late
    find, find_many(access, level, …)   the ids that people's references stand for

Everything begins with ``queries``: what an access may not see is not there. Fields that a profile hides from a role
are left out here, so that no door has to remember it. Words stay in all their languages: a door chooses.
"""

from sledi.orders.reading.finding import find, find_many
from sledi.orders.reading.lists import (
    SIZE_MAX,
    Page,
    UnknownFlag,
    UnknownState,
    WrongCursor,
    container_list,
    item_list,
    order_list,
    queue,
)
from sledi.orders.reading.pages import (
    case_page,
    container_page,
    haul_page,
    history,
    moves_of,
    order_page,
    parcel_page,
)
from sledi.orders.reading.reports import Counted, has_reasons, reasons
from sledi.orders.reading.sellers import SellersRecord, sellers
from sledi.orders.reading.shapes import (
    Amounts,
    Carried,
    ContainerPage,
    Deadline,
    Expected,
    FieldValue,
    Happening,
    ItemPage,
    OrderPage,
    OrderRow,
    Packed,
    Processing,
    Row,
    Step,
    Thing,
    Told,
)
from sledi.orders.reading.tasks import OpenTask, open_tasks
from sledi.orders.reading.timeline import item_page

__all__ = [
    "SIZE_MAX",
    "Amounts",
    "Carried",
    "ContainerPage",
    "Counted",
    "Deadline",
    "Expected",
    "FieldValue",
    "Happening",
    "ItemPage",
    "OpenTask",
    "OrderPage",
    "OrderRow",
    "Packed",
    "Page",
    "Processing",
    "Row",
    "SellersRecord",
    "Step",
    "Thing",
    "Told",
    "UnknownFlag",
    "UnknownState",
    "WrongCursor",
    "case_page",
    "container_list",
    "container_page",
    "find",
    "find_many",
    "has_reasons",
    "haul_page",
    "history",
    "item_list",
    "item_page",
    "moves_of",
    "open_tasks",
    "order_list",
    "order_page",
    "parcel_page",
    "queue",
    "reasons",
    "sellers",
]
