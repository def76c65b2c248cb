"""Acts of people who follow numbers. One function = one act = one transaction."""

import base64
import hashlib
import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from sledi.core.numbers import Detection, Hints, detect, find
from sledi.database.keys import uuid7
from sledi.tracking import allowance, lines, watching
from sledi.tracking.allowance import TooMany as TooMany
from sledi.tracking.answers import storable
from sledi.tracking.models import Link, ListRow, Trace, TrackList
from sledi.tracking.projection import project
from sledi.tracking.routing import is_doubtful, routes

NUMBERS_MAX = 40
"""Numbers in one paste, as everywhere in this trade."""

TOKEN_BYTES = 16
RAW_LENGTH_MAX = 200


class NothingFound(Exception):
    """The text holds no tracking number."""


class NotInList(Exception):
    """The list does not exist, or does not hold this number."""


class NotFollowed(NotInList):
    """The list holds the number, but nobody was asked: it looks mistyped, and the person has not insisted."""


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


def open_list(
    text: str,
    *,
    client: str | None,
    at: datetime,
    origin: str = "",
    destination: str = "",
    list_id: UUID | None = None,
) -> OpenedList:
    """Make a list of the numbers in a pasted text and start following them.

    ``client`` is the address the paste came from, None for an operator's own. Numbers that look mistyped are
    listed but not followed until the person insists. Raises NothingFound, or TooMany (then nothing changes).
    """
    pasted = find(storable(text), limit=NUMBERS_MAX, hints=Hints(origin=origin, destination=destination))
    if not pasted.numbers:
        raise NothingFound
    # Before the transaction: everybody's allowance is one row, and must not be held while a list is made.
    if client is not None:
        allowance.spend_numbers(client, len(pasted.numbers), at)
    list_id = list_id or uuid7()
    token = token_of(list_id)
    with transaction.atomic():
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


def extend_list(token: str, text: str, *, client: str | None, at: datetime) -> int:
    """Add the numbers of a text to a list; how many were new comes back.

    Raises NotInList, NothingFound or TooMany.
    """
    track_list = _list(token)
    pasted = find(storable(text), limit=NUMBERS_MAX, hints=_hints(track_list))
    if not pasted.numbers:
        raise NothingFound
    if client is not None and (new := _not_listed(track_list, pasted.numbers)):
        allowance.spend_numbers(client, len(new), at)
    with transaction.atomic():
        TrackList.objects.select_for_update(no_key=True).get(pk=track_list.pk)
        new = _not_listed(track_list, pasted.numbers)
        _add_rows(track_list, new, at)
    return len(new)


@transaction.atomic
def choose_carrier(token: str, number: str, carrier: str, *, at: datetime) -> None:
    """The person says who carries this number; asking starts again there. Empty = all candidates."""
    row = _row(token, number)
    row.carrier = carrier
    row.is_insisted = True
    _follow_rows([(row, _detection(row))], _hints(row.track_list), at)
    if carrier and row.trace_id:
        watching.ask_first(row.trace_id, carrier)


@transaction.atomic
def insist(token: str, number: str, *, at: datetime) -> None:
    """Follow the number although it looks mistyped."""
    choose_carrier(token, number, "", at=at)


@transaction.atomic
def set_destination(token: str, destination: str, *, at: datetime) -> None:
    """The person says where the list's parcels go; destination posts join the asking."""
    track_list = _list(token)
    TrackList.objects.filter(pk=track_list.pk).update(destination=destination)
    track_list.destination = destination
    rows = [row for row in track_list.rows.select_related("track_list") if row.trace_id]
    _follow_rows([(row, _detection(row)) for row in rows], _hints(track_list), at)
    trace_ids = [row.trace_id for row in rows if row.trace_id]
    Trace.objects.filter(pk__in=trace_ids).update(hinted_destination=destination)
    project(trace_ids, at)


def forget_list(token: str) -> None:
    """Take a list away, for good. What is known of its numbers stays, for others who follow them."""
    _list(token).delete()


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
    return watching.make_due(watch_ids, at) > 0


def _not_listed(track_list: TrackList, found: Iterable[Detection]) -> list[Detection]:
    """Those of the found numbers that a list has room for and does not hold yet."""
    known = set(track_list.rows.values_list("number", flat=True))
    return [d for d in found if d.normalized not in known][: max(0, NUMBERS_MAX - len(known))]


def _add_rows(track_list: TrackList, found: Sequence[Detection], at: datetime) -> None:
    last = track_list.rows.aggregate(last=Max("position"))["last"]
    begin = 0 if last is None else last + 1
    rows = [
        ListRow(track_list=track_list, position=begin + n, raw=d.raw[:RAW_LENGTH_MAX], number=d.normalized)
        for n, d in enumerate(found)
    ]
    ListRow.objects.bulk_create(rows)
    pairs = [(row, d) for row, d in zip(rows, found, strict=True) if not is_doubtful(d)]
    _follow_rows(pairs, _hints(track_list), at)


def _follow_rows(pairs: Sequence[tuple[ListRow, Detection]], hints: Hints, at: datetime) -> None:
    """Follow these rows: a person wants to know, so whoever may know is asked now."""
    traces = _traces({row.number for row, _ in pairs}, hints, at)
    for row, _ in pairs:
        row.trace = traces[row.number]
    ListRow.objects.bulk_update([row for row, _ in pairs], ["trace", "carrier", "is_insisted"])
    wanted = [
        watching.Wanted(traces[row.number].pk, row.number, route)
        for row, detection in pairs
        for route in routes(
            detection,
            destination=hints.destination or traces[row.number].destination,
            chosen=row.carrier,
            is_configured=lines.is_configured,
        )
    ]
    watching.link(wanted, at)
    going = [trace.pk for trace in traces.values() if not trace.is_final]
    watching.make_due(Link.objects.filter(trace_id__in=going).values_list("watch_id", flat=True), at)
    project([trace.pk for trace in traces.values()], at)


def _traces(numbers: Collection[str], hints: Hints, at: datetime) -> dict[str, Trace]:
    """The traces of these numbers, made where they are new."""
    fresh = [
        Trace(number=number, created_at=at, hinted_origin=hints.origin, hinted_destination=hints.destination)
        for number in sorted(numbers)  # people who paste the same numbers wait for each other in this order
    ]
    Trace.objects.bulk_create(fresh, ignore_conflicts=True)
    return {trace.number: trace for trace in Trace.objects.filter(number__in=numbers)}


def _hints(track_list: TrackList) -> Hints:
    return Hints(origin=track_list.origin, destination=track_list.destination)


def _detection(row: ListRow) -> Detection:
    return detect(row.raw, _hints(row.track_list))


def _list(token: str) -> TrackList:
    found = TrackList.objects.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise NotInList
    return found


def _row(token: str, number: str) -> ListRow:
    row = (
        ListRow.objects.select_related("track_list")
        .filter(track_list__token_hash=token_hash(token), number=storable(number))
        .first()
    )
    if row is None:
        raise NotInList
    return row
