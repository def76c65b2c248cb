"""From a number somebody entered to carriers that are asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sledi.core.numbers import Hints, detect
from sledi.tracking import lines, watching
from sledi.tracking.models import Trace
from sledi.tracking.projection import begin, project
from sledi.tracking.routing import is_doubtful, routes


@dataclass(frozen=True, slots=True)
class Sent:
    """What an order says of its number: the country it goes to, and the carriers of its shipping method."""

    destination: str = ""
    carriers: tuple[str, ...] = ()


def normalised(text: str) -> str:
    """The number as aliases and traces store it; empty when the text holds none."""
    return detect(text).normalized[: watching.NUMBER_LENGTH_MAX]


def follow(sent: Mapping[str, Sent], at: datetime) -> dict[str, Trace]:
    """Have the carriers of these numbers asked, and return what is known of each. Inside the caller's transaction.

    Numbers that look mistyped get a trace, but nobody is asked: whoever entered one insisted on the number, not on
    asking.
    """
    made = [
        begin(Trace(number=number, created_at=at, hinted_destination=sent[number].destination))
        for number in sorted(sent)  # who follows the same numbers waits for us in this order
    ]
    Trace.objects.bulk_create(made, ignore_conflicts=True)
    traces = {trace.number: trace for trace in Trace.objects.filter(number__in=sent)}
    wanted = []
    for number, trace in traces.items():
        destination, carriers = sent[number].destination, sent[number].carriers
        detection = detect(number, Hints(destination=destination, carriers=carriers))
        if not is_doubtful(detection):
            ways = routes(
                detection, destination=destination, usual=carriers, is_configured=lines.is_configured
            )
            wanted += [watching.Wanted(trace.pk, number, way) for way in ways]
    if joined := watching.link(wanted, at):
        watching.make_due((one.watch_id for one in joined), at)
        # Of a new number that nobody was ever asked about there is nothing to be told.
        begun = {trace.pk for trace in made}
        if known := {one.trace_id for one in joined if one.trace_id not in begun or not one.is_new}:
            project(known, at)
    return traces
