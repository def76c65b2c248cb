"""Countries and their posts, as the last two letters of a UPU number name them."""

from collections.abc import Mapping

import msgspec

from sledi.core.numbers.datafiles import load


class _Countries(msgspec.Struct, forbid_unknown_fields=True):
    as_of: str
    sources: list[str]
    assigned: str
    carrier_endings: frozenset[str]
    withdrawn: Mapping[str, tuple[str, ...]]
    mistaken: Mapping[str, str]
    posts: Mapping[str, str]
    express: Mapping[str, str]


_FILE = load("countries.toml", _Countries)

ASSIGNED = frozenset(_FILE.assigned.split())  # ISO 3166-1 alpha-2
CARRIER_ENDINGS = _FILE.carrier_endings  # no country: YP, YQ, RX
SUCCESSORS = _FILE.withdrawn  # AN -> CW, SX, BQ
MISTAKEN = _FILE.mistaken  # UK -> GB
NAMED_POSTS = _FILE.posts  # those with a slug of their own


def post_of(country: str) -> str:
    """Slug of the designated post of ``country`` (ISO 3166-1 alpha-2).

    >>> post_of("KZ"), post_of("NO")
    ('kazpost', 'post_no')
    """
    return NAMED_POSTS.get(country) or f"post_{country.lower()}"


def express_arm_of(country: str) -> str:
    """Slug of the express arm of that post, or empty."""
    return _FILE.express.get(country, "")
