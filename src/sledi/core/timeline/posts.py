"""Who made a scan, and in which country, when the scan itself does not say.

An aggregator reports for others, and a post also reports what foreign posts told it (UPU EMSEVT exchange), so
the source of a scan is often not the hand that made it.
"""

from functools import lru_cache

from sledi.core.numbers.countries import ASSIGNED, express_arm_of
from sledi.core.numbers.countries import post_of as _post_of

AGGREGATORS = frozenset({"aftership", "kdniao", "kuaidi100", "seventeentrack"})
"""Who reports scans of others and makes none."""


def post_of(country: str) -> str:
    """The slug of the country's post; empty for no country."""
    return _post_of(country) if country else ""


def home_of(carrier: str) -> str:
    """The country (ISO 3166-1 alpha-2) of a post or of its express arm; empty for other carriers."""
    return _HOMES.get(carrier, "")


_HOMES = {express_arm_of(country): country for country in ASSIGNED if express_arm_of(country)} | {
    _post_of(country): country for country in ASSIGNED
}


@lru_cache(maxsize=16_384)
def scanned_by(
    source: str, carrier: str, country: str, is_foreign: bool, is_at_origin: bool
) -> tuple[str, str]:
    """In which country a scan was made and the slug of who made it, each empty where nobody says.

    ``source`` told it and named ``carrier`` and ``country`` (each may be empty). A scan of the origin without a
    country was made in the home of the post that tells it; of a destination a post also tells what another
    reported. ``is_foreign`` says that even the zone of the scan's time is not the teller's own. What a post
    tells of another country was scanned by that country's post.
    """
    home = home_of(carrier or source)
    if not country and is_at_origin and not is_foreign:
        country = home
    if home and country and country != home:
        return country, post_of(country)
    if carrier:
        return country, carrier
    if source in AGGREGATORS or (is_foreign and not country):
        return country, ""
    return country, source
