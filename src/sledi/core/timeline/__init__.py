"""The life of a parcel as its events tell it: what is shown, where it is, what comes next, and why.

    sighting    an event, who showed it to us and when; its identity
    merge       the same scan told twice becomes one line; withdrawn scans; order when clocks disagree
    posts       who made a scan when it does not say
    stages      what each event code does, and its place on the journey
    route       between which countries; what a country makes of a scan
    status      the public status, read off the lines from the oldest to the newest
    milestones  the marks of a journey and the steps of the trace
    legs        who had the parcel from where to where
    derive      all of this for a page (``derive``) or for a row (``summary``)
    lanes       what is usual between two countries, each figure with its source
    stretch     on which stretch the parcel is
    silence     how long nobody scanned, and whether that is usual; STALE
    arrival     the window of arrival, or honestly nothing
    next_move   who owes what until when
    explain     the raw line, the source, the time of fetching and the rule behind everything shown

Pure: no clock, no I/O but reading the package's own tables once. Everything is a function of the *set* of
sightings, so it can be made again at any time from what was stored.
"""

from sledi.core.timeline.arrival import Promise, Window, expected
from sledi.core.timeline.derive import Summary, Timeline, derive, summarise, summary
from sledi.core.timeline.explain import (
    RULES,
    Evidence,
    Explanation,
    explain_line,
    explain_milestone,
    explain_status,
)
from sledi.core.timeline.lanes import Lane, Storage, Stretch, Usual, lane, storage
from sledi.core.timeline.legs import Leg, LegKind
from sledi.core.timeline.merge import Line
from sledi.core.timeline.milestones import Mark, Milestone, Step, StepState
from sledi.core.timeline.next_move import ACTS, Move, next_move
from sledi.core.timeline.posts import home_of, post_of
from sledi.core.timeline.sighting import Sighting, identity
from sledi.core.timeline.silence import Level, Silence, silence, stale_at, status_at

__all__ = [
    "ACTS",
    "RULES",
    "Evidence",
    "Explanation",
    "Lane",
    "Leg",
    "LegKind",
    "Level",
    "Line",
    "Mark",
    "Milestone",
    "Move",
    "Promise",
    "Sighting",
    "Silence",
    "Step",
    "StepState",
    "Storage",
    "Stretch",
    "Summary",
    "Timeline",
    "Usual",
    "Window",
    "derive",
    "expected",
    "explain_line",
    "explain_milestone",
    "explain_status",
    "home_of",
    "identity",
    "lane",
    "next_move",
    "post_of",
    "silence",
    "stale_at",
    "status_at",
    "storage",
    "summarise",
    "summary",
]
