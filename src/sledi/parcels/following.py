"""From a number somebody entered to carriers that are asked about it."""

from collections.abc import Mapping
from datetime import datetime

from sledi.core.numbers import Hints, detect
from sledi.tracking import lines, watching
from sledi.tracking.models import Trace
from sledi.tracking.projection import project
from sledi.tracking.routing import is_doubtful, routes


def normalised(text: str) -> str:
    """The number as aliases and traces store it; empty when the text holds none."""
    return detect(text).normalized[: watching.NUMBER_LENGTH_MAX]


def follow(destinations: Mapping[str, str], at: datetime) -> dict[str, Trace]:
    """Have the carriers of these numbers asked, and return what is known of each. Inside the caller's transaction.

    ``destinations`` gives the country each number's parcel goes to, or an empty text. Numbers that look mistyped get
    a trace, but nobody is asked: whoever entered one insisted on the number, not on asking.
    """
    Trace.objects.bulk_create(
        [
            Trace(number=number, created_at=at, hinted_destination=destinations[number])
            for number in sorted(destinations)  # who follows the same numbers waits for us in this order
        ],
        ignore_conflicts=True,
    )
    traces = {trace.number: trace for trace in Trace.objects.filter(number__in=destinations)}
    wanted = []
    for number, trace in traces.items():
        destination = destinations[number]
        detection = detect(number, Hints(destination=destination))
        if not is_doubtful(detection):
            ways = routes(detection, destination=destination, is_configured=lines.is_configured)
            wanted += [watching.Wanted(trace.pk, number, way) for way in ways]
    if fresh := watching.link(wanted, at):
        watching.make_due(fresh, at)
        project({one.trace_id for one in wanted}, at)
    return traces
