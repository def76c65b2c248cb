"""Lists that stay quick however long they are: an index gives each page, and nothing is asked row by row.

A page begins behind a cursor, never at an offset. Where a whole business is read by state, every state is one walk
along an index, merged: one ``IN`` would make the database sort everything that stands in these states.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Workflow, progress
from sledi.history.models import Record
from sledi.orders import queries
from sledi.orders.models import Case, Content, Item, Loading, Order
from sledi.orders.moving.motion import DERIVED
from sledi.orders.reading.expecting import departing, expected_of, latest, processing_of
from sledi.orders.reading.finding import named, visible_rows
from sledi.orders.reading.seeing import Eyes, sees_contact
from sledi.orders.reading.shapes import Expected, OrderRow, Row
from sledi.parcels import short_number
from sledi.parcels.following import normalised
from sledi.parcels.models import Alias, AliasKind

SIZE_MAX = 100
SEARCH_LENGTH_MAX = 100
FOUND_MAX = 500
"""How many orders a search may find: a number that leads to more is no number of an order."""
PHONE_DIGITS_MIN = 6

R = TypeVar("R")
_OWN = frozenset({roles.BUYER, roles.RESELLER, roles.SELLER, roles.END_BUYER})


class WrongCursor(ValueError):
    """The cursor is none of ours."""


class UnknownState(LookupError):
    """The profile has no such state, or no such level."""


class UnknownFlag(UnknownState):
    """No deadline of the level raises such a flag."""


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows, and what leads to the rows behind them; "" behind the last."""

    rows: tuple[R, ...]
    next_cursor: str = ""
    first_place: int = 1  # of a queue: where in it the first of these rows stands


def order_list(
    access: Access, *, state: str = "", search: str = "", cursor: str = "", size: int = 50, flag: str = ""
) -> Page[OrderRow]:
    """Orders this access may see, the newest first: at most eight queries. A parent state stands for its children.

    ``search`` is an order's number, a recipient's phone, a tracking number of an order, item or parcel, or what the
    profile asks of one payer alone (a marketplace's order number). ``flag`` is one that a deadline raised. Raises
    UnknownState, UnknownFlag, WrongCursor.
    """
    eyes = Eyes(access)
    found = departing(eyes, _flagged(eyes, "order", queries.visible(access), flag))
    states = _states(eyes, "order", state)
    if search.strip():
        found = found.filter(pk__in=_searched(eyes, search))
    is_split = _sees_everything(access) and not search and not flag
    orders, next_cursor = _portion(found, states, cursor, size, "placed_at", is_split=is_split)
    return Page(tuple(_order_rows(eyes, orders)), next_cursor)


def item_list(
    access: Access, *, state: str = "", search: str = "", cursor: str = "", size: int = 50, flag: str = ""
) -> Page[Row]:
    """Items, the newest first: at most six queries. ``search``: the order's number (``7KQM-3XF4``), the item's
    (``7KQM-3XF4.2``), a tracking number, or what the profile asks of one payer alone.

    Raises UnknownState, UnknownFlag, WrongCursor.
    """
    eyes = Eyes(access)
    states = _states(eyes, "item", state)
    found = _flagged(eyes, "item", queries.visible_items(access), flag)
    if search.strip():
        found = found.filter(pk__in=_items_searched(eyes, search))
    rows, next_cursor = _portion(found, states, cursor, size, "pk", is_split=False)
    return Page(tuple(_rows(eyes, "item", rows)), next_cursor)


def container_list(
    access: Access,
    level: str,
    *,
    state: str = "",
    search: str = "",
    cursor: str = "",
    size: int = 50,
    flag: str = "",
) -> Page[Row]:
    """Parcels, tracks, hauls or cases, the newest first: at most eight queries. ``search``: number, tracking number.

    Raises UnknownState, UnknownFlag, WrongCursor.
    """
    eyes = Eyes(access)
    states = _states(eyes, level, state)
    found = _flagged(eyes, level, visible_rows(access, level), flag)
    if search.strip():
        found = found.filter(_meant(access, level, search))
    rows, next_cursor = _portion(found, states, cursor, size, "pk", is_split=False)
    return Page(tuple(_rows(eyes, level, rows)), next_cursor)


def _meant(access: Access, level: str, search: str) -> Q:
    """What has this number, carries it, or holds the order that has it."""
    known = Alias.objects.filter(
        business=access.business, level=level, number=normalised(_cleaned(search)) or "-"
    )
    number = short_number.compact(_cleaned(search))
    return Q(number=number) | Q(pk__in=known.values("subject_id")) | _holding(access, level, number)


def queue(
    access: Access, level: str, state: str, *, cursor: str = "", size: int = 50, flag: str = ""
) -> Page[Row]:
    """What waits in a state, the longest first: its ``state_since`` is its age, its place is that in the list.

    ``level`` is order, item, parcel, track, haul or case. At most six queries. Raises UnknownState, UnknownFlag,
    WrongCursor.
    """
    eyes = Eyes(access)
    rows = _flagged(eyes, level, visible_rows(access, level), flag)
    states = _states(eyes, level, state)
    found, next_cursor = _portion(
        rows,
        states,
        cursor,
        size,
        "state_since",
        is_split=_sees_everything(access) and not flag,
        is_oldest_first=True,
    )
    return Page(tuple(_rows(eyes, level, found)), next_cursor, 1 + _gone_by(rows, states, cursor))


def _gone_by(rows: QuerySet[Any], states: Collection[str] | None, cursor: str) -> int:
    """How many of a queue stand before a page of it; one query, none for its first page."""
    if not cursor:
        return 0
    at, pk = _read_cursor(cursor)
    standing = rows if states is None else rows.filter(state__in=states)
    return standing.filter(Q(state_since__lt=at) | Q(state_since=at, pk__lte=pk)).count()


def _holding(access: Access, level: str, number: str) -> Q:
    """What the visible order of this number lies in."""
    if level not in ("parcel", "haul"):
        return Q(pk__in=[])
    inside = Loading.objects.filter(
        business=access.business, order__in=queries.visible(access).filter(number=number)
    )
    return Q(pk__in=inside.filter(**{f"{level}__isnull": False}).values(level))


def _sees_everything(access: Access) -> bool:
    """Whether the business's rows are this reader's, so that only an index by state can narrow them."""
    return access.role not in _OWN


# --- which rows -----------------------------------------------------------------------------------------------


def _states(eyes: Eyes, level: str, state: str) -> list[str] | None:
    """The leaves that a state stands for; None for all. Raises UnknownState."""
    if level not in eyes.present.levels:
        raise UnknownState(level)
    if not state:
        return None
    if state not in eyes.present.states(level):
        raise UnknownState(state)
    return list(eyes.present.leaves(level, state))


def _flagged(eyes: Eyes, level: str, found: QuerySet[Any], flag: str) -> QuerySet[Any]:
    """Those of the rows at which a deadline raised a flag; all when none is asked for. Raises UnknownFlag."""
    if not flag:
        return found
    if level not in eyes.present.levels or flag not in {
        timer.flag for timer in eyes.present.timers(level).values()
    }:
        raise UnknownFlag(flag)
    return found.filter(flags__contains=[flag]).exclude(flags=[])  # the index has no row without any


def _items_searched(eyes: Eyes, search: str) -> list[UUID]:
    """The ids of the items a text may name. One query over what the indexes give for each meaning."""
    text, items = _cleaned(search), Item.objects.filter(business=eyes.business)
    number = normalised(text)
    known = Alias.objects.filter(business=eyes.business, level="item", number=number or "-")
    meanings: list[QuerySet[Any, Any]] = [
        items.filter(order__number=short_number.compact(text)).values_list("pk"),
        known.values_list("subject_id"),
    ]
    if is_item := named(text, "item"):
        meanings.append(items.filter(is_item).values_list("pk"))
    if supplied := _supplied(eyes, text):
        meanings.append(items.filter(supplied).values_list("pk"))
    return [pk for (pk,) in meanings[0].union(*meanings[1:])[:FOUND_MAX]]


def _supplied(eyes: Eyes, text: str) -> Q:
    """The condition for items whose moves were supplied this text as something of one payer alone."""
    if "item" not in eyes.present.levels or not text:
        return Q()
    keys = {
        field.key
        for move in eyes.present.transitions("item").values()
        for field in move.fields
        if field.unique_for
    }
    found = Q()
    for key in sorted(keys - eyes.hidden(eyes.present)):
        found |= Q(fields__contains={key: text})
    return found


def _searched(eyes: Eyes, search: str) -> list[UUID]:
    """The ids of the orders a text may name. One query over what the indexes give for each meaning."""
    text, business = _cleaned(search), eyes.business
    orders = Order.objects.filter(business=business)
    number, digits = normalised(text), re.sub(r"\D", "", text)
    meanings: list[QuerySet[Any, Any]] = [orders.filter(number=short_number.compact(text)).values_list("pk")]
    if len(digits) >= PHONE_DIGITS_MIN and sees_contact(eyes.access):  # who may not see it cannot guess it
        meanings.append(orders.filter(recipient_phone=digits).values_list("pk"))
    if number:
        known = Alias.objects.filter(business=business, number=number)

        def carrying(level: str) -> QuerySet[Any, Any]:
            return known.filter(level=level).values("subject_id")

        meanings += [
            known.filter(level="order").values_list("subject_id"),
            Item.objects.filter(business=business, pk__in=carrying("item")).values_list("order_id"),
            Content.objects.filter(business=business, parcel__in=carrying("parcel")).values_list(
                "item__order_id"
            ),
            Loading.objects.filter(business=business, parcel__in=carrying("parcel")).values_list("order_id"),
        ]
    if supplied := _supplied(eyes, text):
        meanings.append(Item.objects.filter(supplied, business=business).values_list("order_id"))
    found = meanings[0].union(*meanings[1:]) if len(meanings) > 1 else meanings[0]
    return [pk for (pk,) in found[:FOUND_MAX]]


def _cleaned(search: str) -> str:
    return "".join(sign for sign in search[:SEARCH_LENGTH_MAX] if sign.isprintable()).strip()


def _portion(
    found: QuerySet[Any],
    states: Collection[str] | None,
    cursor: str,
    size: int,
    column: str,
    *,
    is_split: bool,
    is_oldest_first: bool = False,
) -> tuple[list[Any], str]:
    """Up to ``size`` rows behind the cursor, and the cursor behind them."""
    size = max(1, min(size, SIZE_MAX))
    sign = "" if is_oldest_first else "-"
    order = (f"{sign}{column}", f"{sign}pk") if column != "pk" else (f"{sign}pk",)
    behind = _behind(found, cursor, column, is_oldest_first=is_oldest_first)
    if states is None:
        rows = list(behind.order_by(*order)[: size + 1])
    elif is_split and len(states) > 1:
        walks = [behind.filter(state=state).order_by(*order)[: size + 1] for state in states]
        rows = list(
            walks[0]
            .union(*walks[1:], all=True)
            .order_by(*(name.replace("pk", "id") for name in order))[: size + 1]
        )
    else:
        rows = list(behind.filter(state__in=states).order_by(*order)[: size + 1])
    is_more = len(rows) > size
    return rows[:size], _cursor_of(rows[size - 1], column) if is_more else ""


def _behind(found: QuerySet[Any], cursor: str, column: str, *, is_oldest_first: bool) -> QuerySet[Any]:
    if not cursor:
        return found
    at, pk = _read_cursor(cursor)
    side = "gt" if is_oldest_first else "lt"
    if column == "pk":
        return found.filter(**{f"pk__{side}": pk})
    # The first condition is what an index can begin at.
    return found.filter(**{f"{column}__{side}e": at}).filter(
        Q(**{f"{column}__{side}": at}) | Q(**{f"pk__{side}": pk})
    )


def _cursor_of(row: Any, column: str) -> str:
    at = getattr(row, column) if column != "pk" else datetime.fromtimestamp(0, UTC)
    return urlsafe_b64encode(f"{at.astimezone(UTC).isoformat()} {row.pk}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        if len(cursor) > 200:
            raise ValueError(len(cursor))
        at, _, pk = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().partition(" ")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return moment, UUID(pk)
    except (ValueError, OverflowError):
        raise WrongCursor(cursor[:200]) from None


# --- what stands in a row -------------------------------------------------------------------------------------


def _order_rows(eyes: Eyes, orders: Sequence[Order]) -> Iterable[OrderRow]:
    ids = [order.pk for order in orders]
    items, parcels = _counted(eyes, ids), _parcels_of(eyes, ids)
    numbers, of_items = _numbers_of_orders(eyes, ids, parcels)
    changes = _last_changes(eyes, Order, ids)
    expected, processing = expected_of(eyes, orders), processing_of(eyes, orders)
    for order in orders:
        workflow = eyes.workflow(order.profile, order.profile_version)
        counted = items.get(order.pk, [])
        context = {
            "order": {"state": order.state},
            "items": [{"state": state, "quantity": pieces} for state, _, pieces in counted],
            "parcels": [{"state": state} for state in parcels.get(order.pk, {}).values()],
        }
        known = list(workflow.states("item")) if "item" in workflow.levels else []
        standing = sorted(counted, key=lambda one: known.index(one[0]) if one[0] in known else len(known))
        change = changes.get(order.pk)
        yield OrderRow(
            thing=eyes.thing(order, workflow, numbers.get(order.pk, ())),
            amounts=eyes.amounts(order, workflow),
            items=sum(lines for _, lines, _ in counted),
            pieces=sum(pieces for _, _, pieces in counted),
            states=tuple((workflow.states("item").get(state), pieces) for state, _, pieces in standing),
            progress=tuple(progress(workflow, context)),
            change=eyes.told(change.record, workflow, change.number or order.number, order.currency)
            if change
            else None,
            changed_item=change.name if change else "",
            expected=expected.get(order.pk),
            processing=processing.get(order.pk),
            can_be_tracked=_can_be_tracked(
                order, workflow, [*_outward(numbers.get(order.pk, ())), *of_items.get(order.pk, ())]
            ),
        )


def _counted(eyes: Eyes, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int, int]]]:
    """Of each order its visible items by state: lines and pieces."""
    if not ids or "item" not in eyes.present.levels:
        return {}
    found: dict[UUID, list[tuple[str, int, int]]] = defaultdict(list)
    counted = (
        queries.visible_items(eyes.access)
        .filter(order__in=ids)
        .values_list("order_id", "state")
        .annotate(Count("pk"), Sum("quantity"))
        .order_by()
    )
    for order_id, state, lines, pieces in counted:
        found[order_id].append((state, lines, pieces))
    return found


def _parcels_of(eyes: Eyes, ids: Sequence[UUID]) -> dict[UUID, dict[UUID, str]]:
    """Of each order the parcels it lies in, with their states."""
    if not ids or "parcel" not in eyes.present.levels:
        return {}
    packed = Content.objects.filter(business=eyes.business, item__order__in=ids).values_list(
        "item__order_id", "parcel_id", "parcel__state"
    )
    loaded = Loading.objects.filter(business=eyes.business, order__in=ids, parcel__isnull=False).values_list(
        "order_id", "parcel_id", "parcel__state"
    )
    found: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for order_id, parcel_id, state in packed.union(loaded):
        found[order_id][parcel_id] = state
    return found


def _numbers(eyes: Eyes, carriers: dict[UUID, set[UUID]]) -> dict[UUID, list[Alias]]:
    """The tracking numbers in force, by what the list is about; ``carriers`` says whose numbers count as whose."""
    owners = {subject: pk for pk, subjects in carriers.items() for subject in subjects}
    if not owners:
        return {}
    found: dict[UUID, list[Alias]] = defaultdict(list)
    known = Alias.objects.filter(business=eyes.business, subject_id__in=owners, until=None)
    for alias in known.select_related("trace").order_by("since", "pk"):
        found[owners[alias.subject_id]].append(alias)
    return found


@dataclass(frozen=True, slots=True)
class _Change:
    """The newest record that a reader is told, with the number and name of the item it is about, if it is one."""

    record: Record
    number: str
    name: str


def _last_changes(eyes: Eyes, model: Any, ids: Sequence[UUID]) -> dict[UUID, _Change]:
    """The newest record of each root that the reader is told. One query.

    Of one moment that which was done comes before what followed from it: a row says what happened.
    """
    if not ids:
        return {}
    told = Record.objects.filter(eyes.records(), business_id=eyes.business.pk, root_id=OuterRef("pk"))
    followed = models.Case(models.When(act=DERIVED, then=1), default=0)
    newest = model.objects.filter(pk__in=ids).values(
        last=Subquery(told.order_by("-at", followed, "-sequence").values("pk")[:1])
    )
    items = Item.objects.filter(pk=OuterRef("subject_id"))
    found = Record.objects.filter(pk__in=newest).annotate(
        item_number=Subquery(items.values("number")), item_name=Subquery(items.values("name"))
    )
    return {
        record.root_id: _Change(record, record.item_number or "", record.item_name or "") for record in found
    }


def _numbers_of_orders(
    eyes: Eyes, ids: Sequence[UUID], parcels: Mapping[UUID, Mapping[UUID, str]]
) -> tuple[dict[UUID, list[Alias]], dict[UUID, list[Alias]]]:
    """Of each order the numbers in force of itself and its parcels, and, where items go to who ordered by themselves,
    those of its items. One query.
    """
    owners = {subject: pk for pk in ids for subject in (pk, *parcels.get(pk, {}))}
    if not owners:
        return {}, {}
    items = Item.objects.filter(business=eyes.business, order__in=ids)
    own: dict[UUID, list[Alias]] = defaultdict(list)
    of_items: dict[UUID, list[Alias]] = defaultdict(list)
    meant = Q(subject_id__in=owners)
    if "item" in eyes.present.levels and "parcel" not in eyes.present.levels:
        meant |= Q(subject_id__in=items.values("pk"))
    known = Alias.objects.filter(meant, business=eyes.business, until=None).annotate(
        item_order_id=Subquery(items.filter(pk=OuterRef("subject_id")).values("order_id"))
    )
    for alias in known.select_related("trace").order_by("since", "pk"):
        if alias.item_order_id:
            of_items[alias.item_order_id].append(alias)
        else:
            own[owners[alias.subject_id]].append(alias)
    return own, of_items


def _outward(numbers: Iterable[Alias]) -> list[Alias]:
    """The numbers that lead to who ordered."""
    return [alias for alias in numbers if alias.kind != AliasKind.DOMESTIC]


def _can_be_tracked(order: Order, workflow: Workflow, numbers: Sequence[Alias]) -> bool:
    """Whether there is anything to track: a number of what has left; without tracking, one that carriers know."""
    if order.is_untracked:
        return any(alias.trace is not None and alias.trace.event_count for alias in numbers)
    return bool(numbers)


def _rows(eyes: Eyes, level: str, subjects: Sequence[Any]) -> Iterable[Row]:
    ids = [subject.pk for subject in subjects]
    orders = _orders_of(eyes, level, subjects)
    numbers = _numbers(eyes, {pk: {pk} for pk in ids})
    changes = _last_changes(eyes, type(subjects[0]), ids) if level in ("haul", "order") and subjects else {}
    expected = _expected_inside(eyes, level, orders)
    pinned, contents = _workflows(eyes, level, subjects), _contents(eyes, level, ids)
    for subject in subjects:
        workflow = pinned(subject)
        change = changes.get(subject.pk)
        yield Row(
            thing=eyes.thing(subject, workflow, numbers.get(subject.pk, ())),
            orders=tuple(orders.get(subject.pk, ())),
            change=eyes.told(change.record, workflow, subject.number, eyes.business.currency)
            if change
            else None,
            expected=expected.get(subject.pk),
            contents=tuple(contents.get(subject.pk, ())),
        )


def _contents(eyes: Eyes, level: str, ids: Sequence[UUID]) -> dict[UUID, list[tuple[str, int]]]:
    """What lies in each parcel of items, as far as the reader sees it, line by line: name, pieces. One query."""
    found: dict[UUID, list[tuple[str, int]]] = defaultdict(list)
    if not ids or level != "parcel" or "item" not in eyes.present.levels:
        return found
    inside = Content.objects.filter(
        business=eyes.business, parcel__in=ids, item__in=queries.visible_items(eyes.access).values("pk")
    )
    for pk, name, pieces in inside.order_by("item__line", "pk").values_list(
        "parcel_id", "item__name", "quantity"
    ):
        found[pk].append((name, pieces))
    return found


def _expected_inside(eyes: Eyes, level: str, inside: Mapping[UUID, Sequence[str]]) -> dict[UUID, Expected]:
    """When what lies in each parcel arrives as a whole. Two queries; none where no haul brings it."""
    if level != "parcel" or "haul" not in eyes.present.levels or not inside:
        return {}
    wanted = {number for numbers in inside.values() for number in numbers}
    orders = {one.number: one for one in Order.objects.filter(business=eyes.business, number__in=wanted)}
    expected = expected_of(eyes, list(orders.values()))
    of_each = {
        pk: latest([expected[orders[number].pk] for number in numbers if orders[number].pk in expected])
        for pk, numbers in inside.items()
    }
    return {pk: one for pk, one in of_each.items() if one is not None}


def _workflows(eyes: Eyes, level: str, subjects: Sequence[Any]) -> Callable[[Any], Any]:
    """The workflow each row is pinned to; items and cases by their orders. One query at most."""
    if level not in ("item", "case"):
        return lambda subject: eyes.workflow(subject.profile, subject.profile_version)
    known = Order.objects.filter(pk__in={subject.order_id for subject in subjects})
    pins = {
        pk: (profile, version)
        for pk, profile, version in known.values_list("pk", "profile", "profile_version")
    }
    return lambda subject: eyes.workflow(*pins[subject.order_id])


def _orders_of(eyes: Eyes, level: str, subjects: Sequence[Any]) -> dict[UUID, list[str]]:
    """The numbers of the visible orders that lie in each container, or that each row belongs to. One query."""
    found: dict[UUID, list[str]] = defaultdict(list)
    ids = [subject.pk for subject in subjects]
    seen = queries.visible(eyes.access).order_by()
    if not ids or level in ("order", "track"):
        return found
    if level in ("item", "case"):
        model: Any = Item if level == "item" else Case
        pairs: Any = model.objects.filter(pk__in=ids, order__in=seen.values("pk")).values_list(
            "pk", "order__number"
        )
    elif level == "haul":
        loaded = Loading.objects.filter(business=eyes.business, haul__in=ids, order__in=seen.values("pk"))
        pairs = loaded.values_list("haul_id", "order__number")
    else:
        loaded = Loading.objects.filter(business=eyes.business, parcel__in=ids, order__in=seen.values("pk"))
        packed = Content.objects.filter(
            business=eyes.business, parcel__in=ids, item__order__in=seen.values("pk")
        )
        pairs = packed.values_list("parcel_id", "item__order__number").union(
            loaded.values_list("parcel_id", "order__number")
        )
    for pk, number in pairs:
        found[pk].append(number)
    return {pk: sorted(numbers) for pk, numbers in found.items()}
