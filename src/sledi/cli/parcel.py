"""``sledi parcel list | show | moves | move``: parcels, hauls and tracks, as a member of their business."""

import argparse
from typing import TYPE_CHECKING, Any

from sledi.cli.acting import acting, add_actor, add_filters, now, print_json, refusals, writer
from sledi.cli.order import print_moves, register_moves

if TYPE_CHECKING:
    from sledi.cli import Commands

LEVELS = ("parcel", "haul", "track")


def register(commands: "Commands") -> None:
    acts = commands.add_parser("parcel", help="parcels, hauls and tracks of a business").add_subparsers(
        required=True, metavar="ACT"
    )
    listing = acts.add_parser("list", help="parcels, the newest first")
    listing.add_argument("--level", choices=LEVELS, default=LEVELS[0])
    add_actor(listing)
    add_filters(listing)
    listing.set_defaults(run=list_parcels)
    show = acts.add_parser("show", help="one parcel with what lies in it")
    show.add_argument("number", metavar="NUMBER")
    show.add_argument("--level", choices=LEVELS, default=LEVELS[0])
    add_actor(show)
    show.set_defaults(run=show_parcel)
    register_moves(acts, LEVELS)


def list_parcels(options: argparse.Namespace) -> int:
    """One line a parcel; 1 when there is none."""
    access, language = acting(options)
    from sledi.orders import reading

    filters = {name: getattr(options, name) for name in ("state", "search", "flag", "cursor", "size")}
    with refusals(options, access, language):
        page = reading.container_list(access, options.level, **filters)
    rows = [writer(access, language).row(row) for row in page.rows]
    if options.json:
        print_json({"rows": rows, "next_cursor": page.next_cursor})
    for row in rows if not options.json else ():
        if options.jsonl:
            print_json(row, is_line=True)
        else:
            print(_line(row))
    return 0 if rows else 1


def _line(row: dict[str, Any]) -> str:
    numbers = " ".join(one["number"] for one in row["numbers"])
    return f"{row['number']}  {row['state']['label']:28} {','.join(row['orders'])}  {numbers}".rstrip()


def show_parcel(options: argparse.Namespace) -> int:
    """Print a parcel with what lies in it and its history."""
    access, language = acting(options)
    from sledi.orders import reading

    with refusals(options, access, language):
        if options.level == "haul":
            page = reading.haul_page(access, options.number, now())
        else:
            page = reading.parcel_page(access, options.number, now(), level=options.level)
    found = writer(access, language).container(page)
    if options.json or options.jsonl:
        print_json(found, is_line=options.jsonl)
        return 0
    print(_line({**found, "orders": [order["number"] for order in found["orders"]]}))
    for content in found.get("contents", ()):
        print(f"  {content['item']:4} {content['quantity']:>3}")
    print_moves(found["moves"])
    for told in found["history"]:
        print(f"  {told['at'][:16]}  {told['label'] or told['act']}  {told['note']}".rstrip())
    return 0
