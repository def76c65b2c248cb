"""At which watches a trace is looked for: made, joined, put in order, and made due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connection, transaction

from sledi.carriers import all_carriers
from sledi.core.carrier import Alias
from sledi.core.numbers import detect
from sledi.tracking import lines
from sledi.tracking.answers import storable
from sledi.tracking.models import Link, Trace, Watch
from sledi.tracking.projection import project
from sledi.tracking.routing import Route, is_postal, posts_of, ways_to

WATCHES_MAX = 12
"""Watches of one trace; more numbers than that are no parcel's, whatever a carrier says."""

ALIAS_CANDIDATES_MAX = 2
NUMBER_LENGTH_MAX = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    """A trace is to be looked for under a number, along a route."""

    trace_id: UUID
    number: str
    route: Route


@transaction.atomic
def learn(trace_ids: Collection[UUID], aliases: Sequence[tuple[UUID, Alias]], at: datetime) -> None:
    """Ask whom news point to: the post of a destination just learnt, the carrier of another number.

    ``aliases`` are pairs of trace and alias. Repeating it changes nothing. What carriers say is untrusted: no
    trace is asked about at more than ``WATCHES_MAX`` watches.
    """
    traces = {trace.pk: trace for trace in Trace.objects.filter(pk__in=trace_ids)}
    wanted: list[Wanted] = []
    for trace in traces.values():
        if trace.destination and is_postal(detect(trace.number)):
            posts = posts_of(trace.destination)
            wanted += [
                Wanted(trace.pk, trace.number, Route(slug, slug, "destination_post")) for slug in posts
            ]
    for trace_id, alias in aliases:
        if trace_id in traces:
            wanted += _wanted_by(alias, traces[trace_id])
    if joined := link(wanted, at):
        make_due((one.watch_id for one in joined), at)
        project({one.trace_id for one in wanted}, at)


def _wanted_by(alias: Alias, trace: Trace) -> list[Wanted]:
    """Whom to ask about another number of a parcel."""
    detection = detect(storable(alias.number)[:200])
    if not detection.normalized or len(detection.normalized) > NUMBER_LENGTH_MAX:
        return []
    slugs = (
        [alias.carrier] if alias.carrier else [c.carrier for c in detection.candidates[:ALIAS_CANDIDATES_MAX]]
    )
    ways = [way for slug in slugs for way in ways_to(slug, "alias", lines.is_configured)]
    return [Wanted(trace.pk, detection.normalized, way) for way in ways if lines.is_configured(way.adapter)]


@dataclass(frozen=True, slots=True)
class Joined:
    """A trace is looked for at a watch from now on. One that ``is_new`` has been asked nothing."""

    trace_id: UUID
    watch_id: UUID
    is_new: bool


def link(wanted: Sequence[Wanted], at: datetime) -> list[Joined]:
    """Join traces to watches, making the watches that are new; what was newly joined comes back.

    Whom news or a second person point to is asked after those known before.
    """
    watches, new = _watches(wanted, at)
    ranks: dict[UUID, dict[UUID, int]] = {one.trace_id: {} for one in wanted}
    for known in Link.objects.filter(trace_id__in=ranks):
        ranks[known.trace_id][known.watch_id] = known.rank
    fresh = []
    for one in wanted:
        watch_id, linked = watches[one.route.adapter, one.number], ranks[one.trace_id]
        if watch_id in linked or len(linked) >= WATCHES_MAX:
            continue
        linked[watch_id] = max(linked.values(), default=-1) + 1
        fresh.append(
            Link(
                trace_id=one.trace_id,
                watch_id=watch_id,
                rank=linked[watch_id],
                on_behalf_of=one.route.on_behalf_of,
                why=one.route.why,
            )
        )
    Link.objects.bulk_create(fresh, ignore_conflicts=True)
    return [Joined(made.trace_id, made.watch_id, made.watch_id in new) for made in fresh]


def _watches(wanted: Sequence[Wanted], at: datetime) -> tuple[dict[tuple[str, str], UUID], frozenset[UUID]]:
    """The watches by carrier and number, made where they are new; and which were made here."""
    numbers = {one.number for one in wanted}
    known = _known_watches(numbers)
    missing = {
        (one.route.adapter, one.number): one.route
        for one in wanted
        if (one.route.adapter, one.number) not in known
    }
    if not missing:
        return known, frozenset()
    # In order, as all who make watches do: then they wait for each other and never in a ring.
    made = [
        Watch(carrier=slug, number=number, hints=dict(route.hints), created_at=at)
        for (slug, number), route in sorted(missing.items(), key=lambda item: item[0])
    ]
    Watch.objects.bulk_create(made, ignore_conflicts=True)
    stored = _known_watches(numbers)
    return stored, frozenset(stored.values()) & {watch.pk for watch in made}


def _known_watches(numbers: Collection[str]) -> dict[tuple[str, str], UUID]:
    found = Watch.objects.filter(number__in=numbers).values_list("carrier", "number", "pk")
    return {(slug, number): pk for slug, number, pk in found}


def ask_first(trace_id: UUID, slug: str) -> None:
    """Put the way to a carrier before all others of a trace."""
    links = list(Link.objects.filter(trace_id=trace_id).select_related("watch").order_by("rank"))
    chosen = next((one for one in links if slug in (one.on_behalf_of, one.watch.carrier)), None)
    if chosen is not None and chosen is not links[0]:
        Link.objects.filter(trace_id=trace_id, watch_id=chosen.watch_id).update(rank=links[0].rank - 1)


_MAKE_DUE = """
WITH free AS (
    SELECT w.id FROM tracking_watch w
    LEFT JOIN unnest(%s::text[], %s::int[]) AS pause (carrier, seconds) ON pause.carrier = w.carrier
    WHERE w.id = ANY(%s::uuid[])
        AND (w.asked_at IS NULL OR w.asked_at <= %s::timestamptz - make_interval(secs => coalesce(seconds, 0)))
    FOR UPDATE OF w SKIP LOCKED
)
UPDATE tracking_watch w SET due_at = %s, is_urgent = true FROM free WHERE w.id = free.id
"""


def make_due(watch_ids: Iterable[UUID], at: datetime) -> int:
    """Have these watches asked now, but for those asked a moment ago; how many will be asked.

    One that somebody is writing at this moment is being answered: it is left alone.
    """
    pauses = _pauses_s()
    with connection.cursor() as cursor:
        cursor.execute(_MAKE_DUE, [list(pauses), list(pauses.values()), list(watch_ids), at, at])
        return int(cursor.rowcount)


@cache
def _pauses_s() -> Mapping[str, int]:
    """The least time between two questions about one number, of each carrier that demands any."""
    pauses = {
        module.SLUG: max((call.again_after_s for call in module.CALLS if call.role == "history"), default=0)
        for module in all_carriers()
    }
    return {slug: pause_s for slug, pause_s in pauses.items() if pause_s}
