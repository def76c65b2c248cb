"""Where else a number can be looked up: the carrier's own page, the posts on its way, services that follow for all.

Which those are is data: a carrier's page and what a service ``follows`` stand in the carriers' directory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sledi import carriers
from sledi.carriers import Entry, official_posts
from sledi.core.numbers import Hints, detect


@dataclass(frozen=True, slots=True)
class Site:
    """A page for a number. Where ``carries_number`` is false the number has to be typed there."""

    of: Entry
    url: str
    carries_number: bool
    is_third_party: bool


def sites(number: str, destination: str = "") -> tuple[Site, ...]:
    """The pages for a number: its carrier's, those of the destination's posts, then of third parties.

    ``destination`` is a country (ISO 3166-1 alpha-2), or empty; it counts for what travels by post.
    """
    detection = detect(number, Hints(destination=destination))
    best = detection.candidates[0] if detection.candidates else None
    own = [carriers.entry(best.carrier)] if best else []
    if own and (own[0].post_of or own[0].slug.startswith("post_")):
        own += official_posts(destination)
    found = {one.slug: one for one in own}
    others = {one.slug: one for one in carriers.third_parties(best.format if best else "")}
    return (
        *_pages(found.values(), number, is_third_party=False),
        *_pages((one for slug, one in others.items() if slug not in found), number, is_third_party=True),
    )


def _pages(entries: Iterable[Entry], number: str, *, is_third_party: bool) -> Iterator[Site]:
    for known in entries:
        if link := known.tracking_link(number):
            yield Site(known, link.url, link.carries_number, is_third_party)
