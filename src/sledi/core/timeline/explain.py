"""Why something is shown: the raw line behind it, who told it, when it was fetched, and the rule applied."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sledi.core.carrier import ZoneBasis
from sledi.core.statuses import PublicStatus
from sledi.core.timeline.derive import Timeline
from sledi.core.timeline.lanes import lane
from sledi.core.timeline.merge import Line
from sledi.core.timeline.milestones import Milestone
from sledi.core.timeline.sighting import Sighting
from sledi.core.timeline.silence import status_at

RULES: Mapping[str, str] = MappingProxyType(
    {
        "nothing-known": "No carrier has been asked yet.",
        "asking": "Tells about our asking; counts only while no carrier has told anything of the parcel.",
        "shown-only": "A note without a movement: it is shown and the status stays.",
        "unmapped": "The carrier's code is not in our table: its words are shown and the status stays.",
        "announced": "The carrier knows of the parcel and does not have it yet.",
        "furthest-stage": "The furthest stage of the journey that was scanned, and its latest scan.",
        "hub-in-destination": "A hub in the destination country: the parcel has arrived there.",
        "domestic-leg": "Ends a domestic leg in the origin country, not the journey.",
        "problem": "A problem or a customs stay: it remains until a later scan of the same leg moves the parcel on.",
        "problem-stays": "Does not move the parcel on from the problem before it.",
        "moved-on": "A later scan of the same leg or a further one: the problem before it is over.",
        "resumed": "The same carrier moves the parcel again: the problem before it is over.",
        "closed": "Ends our asking; a later physical scan opens the parcel again.",
        "closed-stays": "Not a physical scan: the parcel stays closed.",
        "reopened": "A physical scan after the parcel was closed: it lives.",
        "final": "Ends the journey; late scans of earlier stages do not change it.",
        "final-stays": "Comes after the end of the journey and changes nothing.",
        "late-scan": "A scan of an earlier stage than the one already reached: shown, changes nothing.",
        "return-started": "The parcel is on its way back; everything later belongs to the return.",
        "return-leg": "Belongs to the return: only the place changes.",
        "returned": "Handed over on the return: the sender has it.",
        "withdrawn": "The carrier took this scan back: it does not count.",
        "same-scan": "Told more than once and shown once: same public status within 90 minutes in the same country, "
        "or the same code in the same minute.",
        "lane-silence": "Nobody has scanned the parcel for longer than the limit of this lane.",
        "first-proof": "The first scan that proves this mark of the journey.",
    }
)
"""Every rule by its key, in plain English; other languages translate the key."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One raw line: the carrier's own code, words and time, whom we asked, and when the reply came (UTC).

    ``carrier`` is who made the scan if an aggregator named it; ``reply`` is the id of the stored raw reply.
    """

    source: str
    carrier: str
    raw_code: str
    raw_text: str
    raw_time: str
    zone_basis: ZoneBasis
    seen_at: datetime
    reply: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """``rule`` is a key of ``RULES`` and ``words`` its text; the evidence has the best-known wording first."""

    rule: str
    words: str
    evidence: tuple[Evidence, ...]
    also: tuple[str, ...] = ()  # keys of further rules that took part


def explain_line(line: Line, *, withdrawn: bool = False) -> Explanation:
    """Why a line is shown as it is, and what it did to the status."""
    also = ("same-scan",) if len(line.sightings) > 1 else ()
    return _explanation("withdrawn" if withdrawn else line.rule, line, also)


def explain_status(timeline: Timeline, now: datetime) -> Explanation:
    """Why the status at ``now`` is what it is."""
    if timeline.by is None:
        return Explanation("nothing-known", RULES["nothing-known"], ())
    if status_at(timeline, now) is PublicStatus.STALE and timeline.stretch is not None:
        usual = lane(timeline.summary.origin, timeline.summary.destination).stretches[timeline.stretch]
        words = f"{RULES['lane-silence']} Limit: {usual.limit} days ({usual.source})."
        return Explanation("lane-silence", words, _evidence(timeline.by), (timeline.rule,))
    return _explanation(timeline.rule, timeline.by)


def explain_milestone(milestone: Milestone) -> Explanation:
    """Why a mark counts as reached."""
    return _explanation("first-proof", milestone.line, (milestone.line.rule,))


def _explanation(rule: str, line: Line, also: tuple[str, ...] = ()) -> Explanation:
    return Explanation(rule, RULES[rule], _evidence(line), also)


def _evidence(line: Line) -> tuple[Evidence, ...]:
    return tuple(_told(sighting) for sighting in line.sightings)


def _told(sighting: Sighting) -> Evidence:
    event = sighting.event
    return Evidence(
        sighting.source,
        event.carrier,
        event.raw_code,
        event.raw_text,
        event.raw_time,
        event.zone_basis,
        sighting.seen_at,
        sighting.reply,
    )
