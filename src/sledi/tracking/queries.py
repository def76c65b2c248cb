"""Reads of the tracker. Everything starts from a list's token: a number alone opens nothing."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

from sledi.carriers import Entry, UnknownCarrier, entry, official_posts
from sledi.core.numbers import Detection, Hints, detect
from sledi.core.timeline import (
    Move,
    Promise,
    Silence,
    Timeline,
    Window,
    derive,
    expected,
    next_move,
    silence,
)
from sledi.tracking import lines
from sledi.tracking.answers import storable
from sledi.tracking.models import Link, ListRow, Trace, TrackList, Watch
from sledi.tracking.operations import NotFollowed, NotInList, token_hash
from sledi.tracking.projection import TraceFacts, read_facts


@dataclass(frozen=True, slots=True)
class Asking:
    """How it stands with one carrier asked about a number; what a page says of freshness and trouble."""

    adapter: str
    on_behalf_of: str
    why: str  # key of the reason this carrier is asked
    is_configured: bool
    asked_at: datetime | None
    answered_at: datetime | None
    due_at: datetime | None
    outcome: str
    problem: str  # class and text of the last failure, for operators; pages show words of their own
    message: str
    is_waiting: bool  # a first answer is on its way

    @property
    def is_failing(self) -> bool:
        return bool(self.problem)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list."""

    number: str
    raw: str
    detection: Detection
    carrier: str  # chosen by the person
    trace: Trace | None  # None = not followed: the person has to say something first
    status: str  # public status at this moment, STALE included
    askings: tuple[Asking, ...]

    @property
    def is_waiting(self) -> bool:
        return (
            self.trace is not None and not self.trace.event_count and any(a.is_waiting for a in self.askings)
        )


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as its page shows it."""

    created_at: datetime
    origin: str
    destination: str
    dropped: int
    rows: tuple[Row, ...]
    revision: int  # differs whenever the page would

    @property
    def is_waiting(self) -> bool:
        return any(row.is_waiting for row in self.rows)


@dataclass(frozen=True, slots=True)
class ParcelPage:
    """All that a parcel's page shows."""

    row: Row
    timeline: Timeline
    silence: Silence | None
    window: Window | None
    move: Move | None
    service: str
    weight_g: int | None
    official: tuple[Entry, ...]  # official posts on the way, origin first, then destination


@dataclass(frozen=True, slots=True)
class Followed:
    """What is known of one number, for pages that show several. ``status`` at this moment, STALE included."""

    number: str
    status: str
    code: str
    timeline: Timeline
    window: Window | None
    service: str
    is_waiting: bool  # a first answer is on its way
    official: tuple[Entry, ...]  # as in ``ParcelPage``


def followed(trace_ids: Collection[UUID], now: datetime) -> dict[UUID, Followed]:
    """What is known of these traces, in four queries whatever their number; none for none."""
    if not trace_ids:
        return {}
    traces = Trace.objects.in_bulk(list(trace_ids))
    facts = read_facts(list(traces))
    links: dict[UUID, list[Link]] = defaultdict(list)
    for link in Link.objects.filter(trace_id__in=traces).select_related("watch").order_by("trace_id", "rank"):
        links[link.trace_id].append(link)
    return {pk: _followed(trace, facts[pk], links[pk], now) for pk, trace in traces.items()}


def _followed(trace: Trace, facts: TraceFacts, links: Sequence[Link], now: datetime) -> Followed:
    timeline = derive(facts.sightings, origin=facts.origin, destination=facts.destination)
    return Followed(
        number=trace.number,
        status=_status(trace, now),
        code=trace.code,
        timeline=timeline,
        window=expected(timeline, now, _promise(links)),
        service=next((link.watch.service for link in links if link.watch.service), ""),
        is_waiting=not trace.event_count and any(_is_waiting(link.watch) for link in links),
        official=official_sites(facts, detect(trace.number, Hints(destination=facts.destination))),
    )


def _is_waiting(watch: Watch) -> bool:
    """Whether a first answer is on its way."""
    return (
        watch.answered_at is None
        and not watch.problem
        and watch.due_at is not None
        and lines.is_configured(watch.carrier)
    )


def open_page(token: str, now: datetime) -> ListPage:
    """The list behind a token, in three queries. Raises NotInList."""
    track_list = TrackList.objects.filter(token_hash=token_hash(token)).first()
    if track_list is None:
        raise NotInList
    listed = list(track_list.rows.select_related("trace").order_by("position", "id"))
    askings = _askings([row.trace_id for row in listed if row.trace_id], now)
    rows = tuple(_row(row, track_list, askings, now) for row in listed)
    return ListPage(
        created_at=track_list.created_at,
        origin=track_list.origin,
        destination=track_list.destination,
        dropped=track_list.dropped,
        rows=rows,
        revision=_revision(rows),
    )


def _revision(rows: Sequence[Row]) -> int:
    # Not hash(): that differs from process to process, and several of them serve one reader.
    seen = [(row.number, row.trace and row.trace.revision, row.status, row.is_waiting) for row in rows]
    return int.from_bytes(blake2b(repr(seen).encode(), digest_size=7).digest())


def parcel_page(token: str, number: str, now: datetime) -> ParcelPage:
    """One followed number of a list with its whole timeline, in five queries. Raises NotInList or NotFollowed."""
    found = (
        ListRow.objects.select_related("track_list", "trace")
        .filter(track_list__token_hash=token_hash(token), number=storable(number))
        .first()
    )
    if found is None:
        raise NotInList
    if found.trace_id is None:
        raise NotFollowed
    trace_id = found.trace_id
    row = _row(found, found.track_list, _askings([trace_id], now), now)
    facts = read_facts([trace_id])[trace_id]
    timeline = derive(facts.sightings, origin=facts.origin, destination=facts.destination)
    links = list(Link.objects.filter(trace_id=trace_id).select_related("watch").order_by("rank"))
    return ParcelPage(
        row=row,
        timeline=timeline,
        silence=silence(timeline, now),
        window=expected(timeline, now, _promise(links)),
        move=next_move(timeline, now),
        service=next((link.watch.service for link in links if link.watch.service), ""),
        weight_g=next((link.watch.weight_g for link in links if link.watch.weight_g), None),
        official=official_sites(facts, row.detection),
    )


def waiting_watches(token: str) -> dict[str, list[UUID]]:
    """Watches of a list that can be asked here and have not answered yet, by carrier. Raises NotInList."""
    track_list = TrackList.objects.filter(token_hash=token_hash(token)).first()
    if track_list is None:
        raise NotInList
    found: dict[str, list[UUID]] = defaultdict(list)
    watches = Watch.objects.filter(
        links__trace__listrow__track_list=track_list, answered_at=None, problem="", due_at__isnull=False
    )
    for slug, watch_id in watches.values_list("carrier", "pk").distinct():
        if lines.is_configured(slug):
            found[slug].append(watch_id)
    return dict(found)


def official_sites(facts: TraceFacts, detection: Detection) -> tuple[Entry, ...]:
    """Official posts (or the carrier itself) on this parcel's way: where people can check by themselves."""
    found = [
        entry(candidate.carrier) for candidate in detection.candidates[:1] if is_known(candidate.carrier)
    ]
    for country in (facts.origin, facts.destination):
        found += official_posts(country)
    return tuple({known.slug: known for known in found}.values())


def is_known(slug: str) -> bool:
    """Whether the directory has this carrier."""
    try:
        entry(slug)
    except UnknownCarrier:
        return False
    return True


def _promise(links: Sequence[Link]) -> Promise | None:
    """The arrival a carrier itself promises: the last carrier's word before the first's."""
    for link in reversed(links):
        if link.watch.expected_until:
            return Promise(link.watch.expected_until, link.watch.expected_from, link.on_behalf_of)
    return None


def _row(row: ListRow, track_list: TrackList, askings: dict[UUID, list[Asking]], now: datetime) -> Row:
    hints = Hints(origin=track_list.origin, destination=track_list.destination)
    return Row(
        number=row.number,
        raw=row.raw,
        detection=detect(row.raw, hints),
        carrier=row.carrier,
        trace=row.trace,
        status=_status(row.trace, now) if row.trace else "NOT_FOUND",
        askings=tuple(askings.get(row.trace_id, ())) if row.trace_id else (),
    )


def _status(trace: Trace, now: datetime) -> str:
    is_stale = not trace.is_final and trace.stale_at is not None and trace.stale_at <= now
    return "STALE" if is_stale else trace.status


def _askings(trace_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Asking]]:
    found: dict[UUID, list[Asking]] = defaultdict(list)
    links = Link.objects.filter(trace_id__in=trace_ids).select_related("watch").order_by("trace_id", "rank")
    can_be_asked: dict[str, bool] = {}
    for link in links:
        watch = link.watch
        if watch.carrier not in can_be_asked:
            can_be_asked[watch.carrier] = lines.is_configured(watch.carrier)
        configured = can_be_asked[watch.carrier]
        found[link.trace_id].append(
            Asking(
                adapter=watch.carrier,
                on_behalf_of=link.on_behalf_of,
                why=link.why,
                is_configured=configured,
                asked_at=watch.asked_at,
                answered_at=watch.answered_at,
                due_at=watch.due_at,
                outcome=watch.outcome,
                problem=watch.problem,
                message=watch.message,
                is_waiting=configured
                and watch.answered_at is None
                and not watch.problem
                and watch.due_at is not None,
            )
        )
    return found
