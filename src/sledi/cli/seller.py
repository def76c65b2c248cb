"""``sledi seller``: who a seller is on paper."""

import argparse
from typing import TYPE_CHECKING

from sledi.cli import Refused
from sledi.cli.acting import acting, add_actor, now, pair, print_json, refusals

if TYPE_CHECKING:
    from sledi.cli import Commands


def register(commands: "Commands") -> None:
    acts = commands.add_parser("seller", help="a seller of a marketplace").add_subparsers(
        required=True, metavar="ACT"
    )
    details = acts.add_parser("details", help="show who the seller is on paper, or change it")
    details.add_argument(
        "--set",
        dest="changes",
        type=pair,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="legal_name, address, country, company_number, vat_number, vat_percent, warranty_months, "
        "warranty_terms; may be repeated, the others stay",
    )
    add_actor(details)
    details.set_defaults(run=seller_details)


def seller_details(options: argparse.Namespace) -> int:
    """Print what the documents say of the acting seller, after the changes; 1 while he has said nothing."""
    access, language = acting(options)
    from django.utils import translation

    from sledi.documents import queries
    from sledi.documents.api import details_json
    from sledi.documents.operations import save_details
    from sledi.documents.refusals import WrongDetails

    with refusals(options, access, language), translation.override(language):
        found = queries.details_of(access.business, queries.own_id(access))
        if options.changes:
            typed = details_json(found) | dict(options.changes)
            try:
                found = save_details(access, typed, at=now(), cause="cli")
            except WrongDetails as problem:
                raise Refused("; ".join(f"{key}: {said}" for key, said in problem.wrong.items())) from None
    told = details_json(found)
    if options.json or options.jsonl:
        print_json(told, is_line=options.jsonl)
    else:
        for key, value in told.items():
            print(f"{key:16} {'' if value is None else value}".rstrip())
    return 0 if found else 1
