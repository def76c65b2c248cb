"""``sledi product``: goods of a business, which orders copy from, as one of its members."""

import argparse
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused
from sledi.cli.acting import acting, add_actor, now, pair, print_json, refusals, tried

if TYPE_CHECKING:
    from sledi.accounts.access import Access
    from sledi.catalogue.models import Product
    from sledi.cli import Commands


def register(commands: "Commands") -> None:
    acts = commands.add_parser("product", help="goods of a business").add_subparsers(
        required=True, metavar="ACT"
    )
    listing = acts.add_parser("list", help="products, the newest first")
    add_actor(listing)
    listing.add_argument("--search", default="", metavar="TEXT", help="the code, or a part of the name")
    listing.add_argument("--cursor", default="", help="what the list before this one ended with")
    listing.set_defaults(run=list_products)
    show = acts.add_parser("show", help="one product")
    show.add_argument("code", metavar="CODE")
    add_actor(show)
    show.set_defaults(run=show_product)
    add = acts.add_parser("add", help="describe a product: code, name, price …")
    _add_fields(add)
    add.set_defaults(run=add_product)
    change = acts.add_parser("change", help="change a product; is_on_sale=false takes it off sale")
    change.add_argument("code", metavar="CODE")
    _add_fields(change)
    change.add_argument("--version", type=int, metavar="N", help="refuse when somebody changed it since")
    change.set_defaults(run=change_product)


def _add_fields(parser: argparse.ArgumentParser) -> None:
    add_actor(parser)
    parser.add_argument(
        "--field",
        type=pair,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="as price=30.00 or processing_days_max=4; may be repeated; empty clears",
    )
    parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")


def list_products(options: argparse.Namespace) -> int:
    """One line a product; 1 when there is none."""
    access, language = _acting(options)
    from sledi.catalogue import queries

    try:
        found = queries.product_list(access, search=options.search, cursor=options.cursor)
    except queries.WrongCursor as problem:
        raise Refused(str(problem)) from None
    rows = [_json(product, access, language) for product in found.rows]
    if options.json:
        print_json({"products": rows, "next_cursor": found.next_cursor})
    for row in rows if not options.json else ():
        if options.jsonl:
            print_json(row, is_line=True)
        else:
            print(_line(row))
    if found.next_cursor and not (options.json or options.jsonl):
        print(f"more: --cursor {found.next_cursor}")
    return 0 if rows else 1


def show_product(options: argparse.Namespace) -> int:
    """Print a product."""
    access, language = _acting(options)
    from sledi.orders.reading.products import product_of

    with refusals(options, access, language):
        found = product_of(access, options.code)
    _print(options, _json(found, access, language))
    return 0


def add_product(options: argparse.Namespace) -> int:
    """Describe a product and print it."""
    access, language = _acting(options)
    from sledi.catalogue import operations

    def act() -> Any:
        return operations.describe(access, dict(options.field), at=now(), cause="cli")

    with refusals(options, access, language):
        made = tried(options.dry_run, act)
    _print(options, _json(made, access, language))
    return 0


def change_product(options: argparse.Namespace) -> int:
    """Change a product and print it."""
    access, language = _acting(options)
    from sledi.catalogue import operations

    def act() -> Any:
        said, version = dict(options.field), options.version
        return operations.change(access, options.code, said, at=now(), cause="cli", expected_version=version)

    with refusals(options, access, language):
        changed = tried(options.dry_run, act)
    _print(options, _json(changed, access, language))
    return 0


def _acting(options: argparse.Namespace) -> "tuple[Access, str]":
    """Who acts, where goods are described. Raises Refused."""
    access, language = acting(options)
    from sledi.catalogue.queries import has_catalogue

    if not has_catalogue(access.business):
        raise Refused(f"{options.business} has no catalogue: its profile names nobody who describes goods")
    return access, language


def _json(product: "Product", access: "Access", language: str) -> dict[str, Any]:
    from django.utils import translation

    from sledi.orders.rest.products import product_json

    with translation.override(language):
        return product_json(product, access, language)


def _print(options: argparse.Namespace, found: dict[str, Any]) -> None:
    if options.json or options.jsonl:
        print_json(found, is_line=options.jsonl)
        return
    print(_line(found))
    for mark in found["marks"]:
        print(f"  {mark['label']}")
    print(f"  version {found['version']}")


def _line(row: dict[str, Any]) -> str:
    price = f"{row['price']['amount']} {row['price']['currency']}"
    time = row["processing"]["words"] if row["processing"] else ""
    off = "" if row["is_on_sale"] else "off sale"
    return "  ".join(one for one in (f"{row['code']:20}", f"{price:>14}", row["name"], time, off) if one)
