"""Acts of people who follow numbers. One function = one act = one transaction."""

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from sledi.carriers import carrier as carrier_module
from sledi.core.carrier import Alias
from sledi.core.numbers import Detection, Hints, detect, find
from sledi.database.keys import uuid7
from sledi.tracking import allowance, lines
from sledi.tracking.allowance import TooMany as TooMany
from sledi.tracking.models import Link, ListRow, Trace, TrackList, Watch
from sledi.tracking.projection import project
from sledi.tracking.routing import Route, is_doubtful, is_postal, posts_of, routes

NUMBERS_MAX = 40
"""Numbers in one paste, as everywhere in this trade."""

TOKEN_BYTES = 16


class NothingFound(Exception):
    """The text holds no tracking number."""


class NotInList(Exception):
    """The list does not exist, or does not hold this number."""


@dataclass(frozen=True, slots=True)
class OpenedList:
    """A new list: its link's token (nowhere else stored) and what was found."""

    token: str
    numbers: tuple[str, ...]
    dropped: int


def token_of(list_id: UUID) -> str:
    """The token of a list's link, made again from the installation's secret: for mails to its followers."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"list" + list_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    """What is stored of a list's token: whoever reads the database cannot open the lists."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@transaction.atomic
def open_list(
    text: str, *, client: str | None, at: datetime, origin: str = "", destination: str = ""
) -> OpenedList:
    """Make a list of the numbers in a pasted text and start following them.

    ``client`` is the address the paste came from, None for an operator's own. Numbers that look mistyped are
    listed but not followed until the person insists. Raises NothingFound, or TooMany (then nothing changes).
    """
    pasted = find(text, limit=NUMBERS_MAX, hints=Hints(origin=origin, destination=destination))
    if not pasted.numbers:
        raise NothingFound
    if client is not None:
        allowance.spend_numbers(client, len(pasted.numbers), at)
    list_id = uuid7()
    token = token_of(list_id)
    track_list = TrackList.objects.create(
        pk=list_id,
        token_hash=token_hash(token),
        created_at=at,
        origin=origin,
        destination=destination,
        dropped=pasted.beyond,
    )
    _add_rows(track_list, pasted.numbers, at)
    return OpenedList(token, tuple(d.normalized for d in pasted.numbers), pasted.beyond)


@transaction.atomic
def extend_list(token: str, text: str, *, client: str | None, at: datetime) -> int:
    """Add the numbers of a text to a list; how many were new comes back.

    Raises NotInList, NothingFound or TooMany.
    """
    track_list = TrackList.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if track_list is None:
        raise NotInList
    pasted = find(text, limit=NUMBERS_MAX, hints=_hints(track_list))
    if not pasted.numbers:
        raise NothingFound
    known = set(track_list.rows.values_list("number", flat=True))
    new = [d for d in pasted.numbers if d.normalized not in known][: NUMBERS_MAX - len(known)]
    if client is not None and new:
        allowance.spend_numbers(client, len(new), at)
    _add_rows(track_list, new, at)
    return len(new)


@transaction.atomic
def choose_carrier(token: str, number: str, carrier: str, *, at: datetime) -> None:
    """The person says who carries this number; asking starts again there. Empty = all candidates."""
    row = _row(token, number)
    row.carrier = carrier
    row.is_insisted = True
    _follow_rows([(row, _detection(row))], _hints(row.track_list), at)


@transaction.atomic
def insist(token: str, number: str, *, at: datetime) -> None:
    """Follow the number although it looks mistyped."""
    choose_carrier(token, number, "", at=at)


@transaction.atomic
def set_destination(token: str, destination: str, *, at: datetime) -> None:
    """The person says where the list's parcels go; destination posts join the asking."""
    track_list = TrackList.objects.select_for_update().filter(token_hash=token_hash(token)).first()
    if track_list is None:
        raise NotInList
    track_list.destination = destination
    track_list.save(update_fields=["destination"])
    rows = [row for row in track_list.rows.all() if row.trace_id]
    Trace.objects.filter(pk__in=[row.trace_id for row in rows]).update(hinted_destination=destination)
    _follow_rows([(row, _detection(row)) for row in rows], _hints(track_list), at)


@transaction.atomic
def remove_row(token: str, number: str) -> None:
    """Take a number out of the list. What is known of it stays, for others who follow it."""
    _row(token, number).delete()


@transaction.atomic
def ask_again(token: str, number: str, *, at: datetime) -> bool:
    """Ask the carriers of this number now, where their rules allow it; whether any will be asked."""
    row = _row(token, number)
    if row.trace_id is None:
        return False
    watch_ids = Link.objects.filter(trace_id=row.trace_id).values_list("watch_id", flat=True)
    return _make_due(list(watch_ids), at) > 0


@transaction.atomic
def learn(trace_ids: Collection[UUID], aliases: Sequence[tuple[UUID, Alias]], at: datetime) -> None:
    """Ask whom news point to: the post of a destination just learnt, the carrier of another number.

    ``aliases`` are pairs of trace and alias. Repeating it changes nothing.
    """
    wanted: list[tuple[Trace, str, Route]] = []
    for trace in Trace.objects.filter(pk__in=trace_ids):
        if trace.destination and is_postal(detect(trace.number)):
            wanted += [
                (trace, trace.number, Route(slug, slug, "destination_post"))
                for slug in posts_of(trace.destination)
            ]
    for trace_id, alias in aliases:
        trace = Trace.objects.get(pk=trace_id)
        slugs = [alias.carrier] if alias.carrier else [c.carrier for c in detect(alias.number).candidates[:2]]
        for slug in slugs:
            if slug and lines.is_configured(slug):
                wanted.append((trace, alias.number, Route(slug, slug, "alias")))
    _link(wanted, at)


def _add_rows(track_list: TrackList, found: Iterable[Detection], at: datetime) -> None:
    position = track_list.rows.count()
    rows = [
        ListRow(track_list=track_list, position=position + n, raw=d.raw[:200], number=d.normalized[:64])
        for n, d in enumerate(found)
    ]
    ListRow.objects.bulk_create(rows)
    pairs = [
        (row, detection) for row, detection in zip(rows, found, strict=True) if not is_doubtful(detection)
    ]
    _follow_rows(pairs, _hints(track_list), at)


def _follow_rows(pairs: Sequence[tuple[ListRow, Detection]], hints: Hints, at: datetime) -> None:
    Trace.objects.bulk_create(
        [
            Trace(
                number=row.number,
                created_at=at,
                hinted_origin=hints.origin,
                hinted_destination=hints.destination,
                origin=hints.origin,
                destination=hints.destination,
            )
            for row, _ in pairs
        ],
        ignore_conflicts=True,
    )
    traces = {t.number: t for t in Trace.objects.filter(number__in=[row.number for row, _ in pairs])}
    wanted = [
        (traces[row.number], row.number, route)
        for row, detection in pairs
        for route in routes(
            detection,
            destination=hints.destination or traces[row.number].destination,
            chosen=row.carrier,
            is_configured=lines.is_configured,
        )
    ]
    for row, _ in pairs:
        row.trace = traces[row.number]
    ListRow.objects.bulk_update([row for row, _ in pairs], ["trace", "carrier", "is_insisted"])
    _link(wanted, at)


def _link(wanted: Sequence[tuple[Trace, str, Route]], at: datetime) -> None:
    """Join traces to watches, making the watches that are new, and have them asked."""
    if not wanted:
        return
    watches = [
        Watch(carrier=route.adapter, number=number, hints=dict(route.hints), created_at=at)
        for _, number, route in wanted
    ]
    Watch.objects.bulk_create(watches, ignore_conflicts=True)
    numbers = {number for _, number, _ in wanted}
    known = {(w.carrier, w.number): w.pk for w in Watch.objects.filter(number__in=numbers)}
    ranks: dict[UUID, int] = {
        trace_id: Link.objects.filter(trace_id=trace_id).count() for trace_id in {t.pk for t, _, _ in wanted}
    }
    links = []
    for trace, number, route in wanted:
        watch_id = known[(route.adapter, number)]
        links.append(
            Link(
                trace_id=trace.pk,
                watch_id=watch_id,
                rank=ranks[trace.pk],
                on_behalf_of=route.on_behalf_of,
                why=route.why,
            )
        )
        ranks[trace.pk] += 1
    fresh = Link.objects.bulk_create(links, ignore_conflicts=True)
    _make_due([link.watch_id for link in fresh], at)
    project({trace.pk for trace, _, _ in wanted}, at)


def _make_due(watch_ids: Sequence[UUID], at: datetime) -> int:
    """Have these watches asked now, but for those asked a moment ago; how many will be asked."""
    due = 0
    for slug in set(Watch.objects.filter(pk__in=watch_ids).values_list("carrier", flat=True)):
        again_after_s = min((call.again_after_s for call in carrier_module(slug).CALLS), default=0)
        watches = Watch.objects.filter(pk__in=watch_ids, carrier=slug).exclude(
            asked_at__gt=at - timedelta(seconds=again_after_s)
        )
        due += watches.update(due_at=at, is_urgent=True)
    return due


def _hints(track_list: TrackList) -> Hints:
    return Hints(origin=track_list.origin, destination=track_list.destination)


def _detection(row: ListRow) -> Detection:
    return detect(row.raw, _hints(row.track_list))


def _row(token: str, number: str) -> ListRow:
    row = (
        ListRow.objects.select_related("track_list")
        .filter(track_list__token_hash=token_hash(token), number=number)
        .first()
    )
    if row is None:
        raise NotInList
    return row
