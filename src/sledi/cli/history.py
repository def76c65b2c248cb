"""``sledi history verify``."""

import argparse
from typing import TYPE_CHECKING
from uuid import UUID

from sledi.cli import Refused, start_django

if TYPE_CHECKING:
    from sledi.cli import Commands


def register(commands: "Commands") -> None:
    acts = commands.add_parser("history", help="what happened, as it was written").add_subparsers(
        required=True, metavar="ACT"
    )
    verify = acts.add_parser("verify", help="prove that no record was changed or taken away; 1 when one was")
    verify.add_argument("--business", metavar="SLUG", help="only this business; all of them when not given")
    verify.set_defaults(run=verify_history)


def verify_history(options: argparse.Namespace) -> int:
    """Follow the chain of each business; print its head, or the first record that does not fit."""
    start_django(strict=True)
    from sledi.history import queries

    has_broken = False
    for business_id, name in _chosen(options.business):
        broken = queries.verify(business_id)
        if broken:
            has_broken = True
            print(f"{name}: broken at record {broken.sequence}: {broken.reason.replace('_', ' ')}")
        else:
            sequence, newest = queries.head(business_id)
            print(f"{name}: {sequence} records, unbroken, newest {newest}")
    return 1 if has_broken else 0


def _chosen(slug: str | None) -> list[tuple[UUID, str]]:
    from sledi.accounts.models import Business
    from sledi.history import queries

    slugs = dict(Business.objects.values_list("pk", "slug"))
    if slug is None:
        return [
            (business_id, slugs.get(business_id, str(business_id))) for business_id in queries.businesses()
        ]
    found = [(business_id, known) for business_id, known in slugs.items() if known == slug]
    if not found:
        raise Refused(
            f"there is no business {slug!r}: {', '.join(sorted(slugs.values())) or 'none is set up'}"
        )
    return found
