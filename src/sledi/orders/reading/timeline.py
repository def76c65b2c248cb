"""One timeline of an item: what was done with it and what carriers saw of it, also inside the parcels it lay in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from sledi.accounts.access import Access
from sledi.history.models import Record
from sledi.orders.models import Item
from sledi.orders.moving.motion import DERIVED, SPLIT
from sledi.orders.moving.scene import workflow_of
from sledi.orders.reading.finding import find
from sledi.orders.reading.pages import Look
from sledi.orders.reading.shapes import Carried, Happening, ItemPage, Thing

CLOCKS_DIFFER = timedelta(days=1)
"""A carrier may write a day without its time, or by other clocks: its scans count from a day before the packing on."""


def item_page(access: Access, reference: str, at: datetime) -> ItemPage:
    """An item by its number (``7KQM-3XF4.2``) or id. The same number of queries whatever happened. Raises NotYours."""
    look = Look(access, "item", find(access, "item", reference), at)
    item = look.scene.subjects[look.pk]
    assert isinstance(item, Item)
    order = look.scene.orders[item.order_id]
    since = _packed_since(look, item)
    thing = look.thing(item)
    parcels = tuple(parcel for parcel in look.things("parcel") if parcel.id in since)
    carried = look.carried([thing, *parcels])
    told = list(_told(look, item, parcels, since))
    seen = [scan for one in carried for scan in _scans(one, since.get(one.thing.id))]
    return ItemPage(
        item=thing,
        order=look.eyes.thing(order, workflow_of(look.scene, order), currency=order.currency),
        parcels=parcels,
        deadlines=tuple(look.deadlines([item])),
        carried=carried,
        happenings=tuple(sorted([*told, *seen], key=lambda one: one.at)),
    )


def _packed_since(look: Look, item: Item) -> Mapping[UUID, datetime]:
    """Since when the item lies in each of its parcels."""
    inside = {content.parcel_id for content in look.scene.contents if content.item_id == item.pk}
    loaded = {
        loading.parcel_id: loading.loaded_at
        for loading in look.scene.loadings
        if loading.parcel_id and loading.order_id == item.order_id
    }
    return {pk: loaded.get(pk, look.scene.parcels[pk].created_at) for pk in inside}


def _told(
    look: Look, item: Item, parcels: Iterable[Thing], since: Mapping[UUID, datetime]
) -> Iterator[Happening]:
    """The records of the item, of its order as a whole, and of its parcels while it lay in them. One query."""
    order = look.scene.orders[item.order_id]
    workflow = workflow_of(look.scene, order)
    beside = {one.pk: one for one in look.scene.items[order.pk] if one.line == item.line}
    boxes = {parcel.id: parcel for parcel in parcels}
    about = Q(subject_id__in=[*beside, *boxes]) | (Q(subject_id=order.pk) & ~Q(act=DERIVED))
    records = list(
        Record.objects.filter(
            about,
            look.eyes.records(workflow),
            business_id=look.access.business.pk,
            root_id__in=[order.pk, *boxes],
        ).order_by("sequence")
    )
    own = _lineage(item, beside, records)
    numbers = {pk: f"{order.number}.{one.number}" for pk, one in beside.items()}
    numbers |= {order.pk: order.number} | {pk: parcel.number for pk, parcel in boxes.items()}
    for record in records:
        pk = record.subject_id
        is_own = record.sequence <= own.get(pk, 0) if pk in beside else True
        if is_own and (pk not in boxes or record.at >= since[pk]):
            told = look.eyes.told(record, workflow, numbers[pk], order.currency)
            yield Happening(record.at, numbers[pk], told=told)


def _lineage(item: Item, beside: Mapping[UUID, Item], records: Iterable[Record]) -> dict[UUID, int]:
    """Until which record the history of a row is that of the item: pieces parted from others were these before."""
    parted = {record.subject_id: record for record in records if record.act == SPLIT}
    by_number = {one.number: one for one in beside.values()}
    found, row, until = {item.pk: _END}, item, _END
    while (split := parted.get(row.pk)) and split.sequence < until:
        until = split.sequence
        origin = by_number.get(str(split.after.get("from", "")))
        if origin is None or origin.pk in found:
            break
        found[origin.pk], row = until, origin
    return found


def _scans(carried: Carried, since: datetime | None) -> Iterator[Happening]:
    """What carriers saw of a number: of one that was replaced, while it was in force; of a parcel's, once packed."""
    if carried.followed is None:
        return
    alias, timeline = carried.alias, carried.followed.timeline
    for line in timeline.lines:
        is_in_force = alias.until is None or alias.since <= line.at <= alias.until
        if is_in_force and (since is None or line.at >= since - CLOCKS_DIFFER):
            yield Happening(line.at, alias.number, scan=line, timeline=timeline)


_END = 2**63 - 1
