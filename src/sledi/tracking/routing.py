"""Whom to ask about a number, in which order, and why.

The origin post first, then the destination's with the same number (UPU S10: the country in the number is the
sender's). A carrier without an adapter of its own is asked through an aggregator, on its behalf.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sledi.carriers import UnknownCarrier, directory, entry, has_adapter
from sledi.core.numbers import Candidate, Detection

S10 = "upu_s10"

CANDIDATES_MAX = 3
"""A number that fits more carriers than this is asked at the likeliest; the person may choose another."""


@dataclass(frozen=True, slots=True)
class Route:
    """Ask ``adapter`` on behalf of carrier ``on_behalf_of``; ``why`` is a key pages have words for."""

    adapter: str
    on_behalf_of: str
    why: str
    hints: Mapping[str, str] = field(default_factory=dict)


def routes(
    detection: Detection,
    *,
    destination: str = "",
    chosen: str = "",
    usual: Sequence[str] = (),
    is_configured: Callable[[str], bool],
) -> list[Route]:
    """Whom to ask about this number, first to last; the carrier a person chose comes first.

    ``usual`` are the carriers of the order's shipping method, asked first while the number leaves its carrier open.
    Without any configured line to a likely carrier, the posts that know foreign numbers are asked instead.
    """
    wanted = [(chosen, "chosen")] if chosen else []
    if not detection.confirmed:
        wanted += [(slug, "shipping_method") for slug in usual]
    wanted += [
        (candidate.carrier, _why(candidate, detection, destination))
        for candidate in detection.candidates[:CANDIDATES_MAX]
    ]
    if is_postal(detection) and destination:
        wanted += [(slug, "destination_post") for slug in posts_of(destination)]
    found = _each_adapter_once(wanted, is_configured)
    if is_postal(detection) and not any(is_configured(route.adapter) for route in found):
        found += [
            Route(slug, slug, "any_destination_post")
            for slug in _posts_with_adapter()
            if is_configured(slug) and slug not in {route.adapter for route in found}
        ]
    return found


def posts_of(country: str) -> list[str]:
    """The designated postal operators of a country that can be asked directly."""
    return [slug for slug in _posts_with_adapter() if directory()[slug].post_of == country]


def _why(candidate: Candidate, detection: Detection, destination: str) -> str:
    if candidate.format != S10:
        return "number_format"
    # Whoever gave the number out comes first; a destination makes its own post a candidate too.
    is_first = candidate is detection.candidates[0]
    return "destination_post" if destination in candidate.countries and not is_first else "origin_post"


def _posts_with_adapter() -> list[str]:
    return [slug for slug, known in directory().items() if known.post_of and has_adapter(slug)]


def is_postal(detection: Detection) -> bool:
    """Whether the number goes from post to post (UPU S10), so that the destination's post knows it too."""
    return any(candidate.format == S10 for candidate in detection.candidates)


def is_doubtful(detection: Detection) -> bool:
    """Whether the number looks mistyped, so that nobody is asked before the person insists."""
    return bool(detection.errors) and not detection.confirmed


def ways_to(slug: str, why: str, is_configured: Callable[[str], bool]) -> list[Route]:
    """The adapter itself where it is configured, else the first aggregator that is; else the first way at all."""
    return all_ways_to(slug, why, is_configured)[:1]


def all_ways_to(slug: str, why: str, is_configured: Callable[[str], bool]) -> list[Route]:
    """Every way to a carrier: the adapter itself, then aggregators; those that are configured come first."""
    try:
        known = entry(slug)
    except UnknownCarrier:
        return []
    ways = ([slug] if has_adapter(slug) else []) + [way for way in known.asked_through if has_adapter(way)]
    keys = {way: known.keys.get(way, "") for way in ways}
    return [
        Route(way, slug, why, {"carrier_key": keys[way]} if keys[way] else {})
        for way in sorted(ways, key=lambda way: not is_configured(way))
    ]


def _each_adapter_once(
    wanted: Iterable[tuple[str, str]], is_configured: Callable[[str], bool]
) -> list[Route]:
    """The best way to each carrier, unless an adapter asks for another one already.

    Each carrier of a shipping method is asked then on its next way; what is only guessed waits for news.
    """
    kept: dict[str, Route] = {}
    for slug, why in wanted:
        if slug not in {route.on_behalf_of for route in kept.values()}:
            ways = all_ways_to(slug, why, is_configured)[: None if why == "shipping_method" else 1]
            if free := next((way for way in ways if way.adapter not in kept), None):
                kept[free.adapter] = free
    return list(kept.values())
