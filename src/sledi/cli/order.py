"""``sledi order list | show | create | moves | move | import``: orders, as a member of their business."""

import argparse
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused
from sledi.cli.acting import (
    acting,
    add_actor,
    add_filters,
    add_supply,
    content_of,
    now,
    print_json,
    refusals,
    tried,
    writer,
)

if TYPE_CHECKING:
    from sledi.accounts.access import Access
    from sledi.cli import Commands
    from sledi.orders.files.importing import Report

LEVELS = ("order", "item", "case")


def register(commands: "Commands") -> None:
    acts = commands.add_parser("order", help="orders of a business").add_subparsers(
        required=True, metavar="ACT"
    )
    listing = acts.add_parser("list", help="orders, the newest first")
    add_actor(listing)
    add_filters(listing)
    listing.set_defaults(run=list_orders)
    show = acts.add_parser("show", help="one order with everything in it")
    show.add_argument("number", metavar="NUMBER")
    add_actor(show)
    show.set_defaults(run=show_order)
    _register_create(acts)
    register_moves(acts, LEVELS)
    _register_import(acts)


def register_moves(acts: "Commands", levels: tuple[str, ...]) -> None:
    """``moves`` shows what may be done, ``move`` does it."""
    possible = acts.add_parser("moves", help="what may be done now, and what hinders it")
    possible.add_argument("number", metavar="NUMBER", help="an item as 7KQM-3XF4.2")
    possible.add_argument("--level", choices=levels, default=levels[0])
    add_actor(possible)
    possible.set_defaults(run=show_moves)
    move = acts.add_parser("move", help="do a move of the profile")
    move.add_argument(
        "number", metavar="NUMBER", help="an item as 7KQM-3XF4.2; to make something, the order's"
    )
    move.add_argument("move", metavar="MOVE")
    move.add_argument("--level", choices=levels, default=levels[0])
    add_actor(move)
    add_supply(move)
    move.set_defaults(run=do_move)


def _register_create(acts: "Commands") -> None:
    create = acts.add_parser("create", help="place an order")
    create.add_argument(
        "--item",
        action="append",
        required=True,
        metavar="NAME=…;QUANTITY=…;UNIT_PRICE=…",
        help="fields of one item, parted by semicolons; may be repeated",
    )
    add_actor(create)
    add_supply(create)
    create.set_defaults(run=create_order)


def _register_import(acts: "Commands") -> None:
    given = acts.add_parser("import", help="place the orders, or do the moves, of a CSV or XLSX file")
    given.add_argument("file", metavar="FILE")
    given.add_argument(
        "--moves", action="store_true", help="the file holds moves: level, number, move, fields"
    )
    given.add_argument("--dry-run", action="store_true", help="check everything, change nothing")
    add_actor(given)
    given.set_defaults(run=import_file)


def list_orders(options: argparse.Namespace) -> int:
    """One line an order; 1 when there is none."""
    access, language = acting(options)
    from sledi.orders import reading

    with refusals(options, access, language):
        page = reading.order_list(
            access, state=options.state, search=options.search, cursor=options.cursor, size=options.size
        )
    rows = [writer(access, language).order_row(row) for row in page.rows]
    if options.json:
        print_json({"orders": rows, "next_cursor": page.next_cursor})
    for row in rows if not options.json else ():
        if options.jsonl:
            print_json(row, is_line=True)
            continue
        total = row["amounts"]["total"]
        money = f"{total['amount']} {total['currency']}" if total else ""
        words = "; ".join(one["words"] for one in row["progress"])
        state = row["state"]["parent_label"] or row["state"]["label"]
        print(f"{row['number']}  {state:28} {money:>14}  {row['changed_at'][:16]}  {words}".rstrip())
    if page.next_cursor and not (options.json or options.jsonl):
        print(f"more: --cursor {page.next_cursor}")
    return 0 if rows else 1


def show_order(options: argparse.Namespace) -> int:
    """Print an order with its items, parcels, moves and history."""
    access, language = acting(options)
    from sledi.orders import reading

    with refusals(options, access, language):
        page = reading.order_page(access, options.number, now())
    found = writer(access, language).order(page)
    if options.json or options.jsonl:
        print_json(found, is_line=options.jsonl)
        return 0
    print(f"{found['number']}  {found['state']['label']}")
    for item in found["items"]:
        print(f"  {item['number']:4} {item['quantity']:>3} × {item['name']}  {item['state']['label']}")
    for parcel in found["parcels"]:
        numbers = " ".join(one["number"] for one in parcel["numbers"])
        print(f"  {parcel['number']}  {parcel['state']['label']}  {numbers}".rstrip())
    print_moves(found["moves"])
    for told in found["history"]:
        who = told["actor"]["name"] or told["actor"]["role_label"]
        print(f"  {told['at'][:16]}  {told['label'] or told['act']}  {who}  {told['note']}".rstrip())
    return 0


def create_order(options: argparse.Namespace) -> int:
    """Place an order and print its number."""
    access, language = acting(options)
    from sledi.orders.moving import placing

    items = [_item(text) for text in options.item]
    facts = dict(options.field)

    def place() -> Any:
        return placing.place(access, facts, items, at=now(), cause="cli", key=options.key)

    with refusals(options, access, language):
        placed = tried(options.dry_run, place)
    if options.json or options.jsonl:
        print_json({"id": str(placed.id), "number": placed.number}, is_line=options.jsonl)
    elif options.dry_run:
        print("nothing hinders it")
    else:
        print(placed.number)
    return 0


def _item(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    if not all(sign for _, sign, _ in pairs):
        raise Refused(f"{text!r} is no item: as name=Kettle;quantity=2;unit_price=12.50")
    return {key.strip(): value.strip() for key, _, value in pairs}


def show_moves(options: argparse.Namespace) -> int:
    """Print what may be done now."""
    access, language = acting(options)
    from sledi.orders import reading

    with refusals(options, access, language):
        thing, makes = reading.moves_of(access, options.level, options.number, now())
    found = writer(access, language).moves(thing, makes)
    if options.json:
        print_json({"version": thing.subject.version, "state": thing.subject.state, "moves": found})
    elif options.jsonl:
        for move in found:
            print_json(move, is_line=True)
    else:
        print_moves(found)
    return 0


def print_moves(moves: list[dict[str, Any]]) -> None:
    """One line a move, what hinders it below."""
    for move in moves:
        fields = " ".join(
            f"--field {one['key']}=…" if one["required"] else f"[--field {one['key']}=…]"
            for one in move["fields"]
        )
        level = f" --level {move['level']}" if move["makes"] else ""
        print(
            f"  {'→' if move['is_open'] else '·'} {move['name']}{level}  {move['label']}  {fields}".rstrip()
        )
        for refusal in move["refusals"]:
            print(f"      {refusal['words']}")


def do_move(options: argparse.Namespace) -> int:
    """Do a move; 1 and the reason when it is refused."""
    access, language = acting(options)
    from sledi.orders.moving import doing
    from sledi.orders.rest.order_json import moved_json

    asked = doing.Asked(options.number, dict(options.field), options.quantity, options.version)

    def act() -> Any:
        return doing.do(access, options.level, options.move, asked, at=now(), cause="cli", key=options.key)

    with refusals(options, access, language):
        moved = tried(options.dry_run, act)
    if options.json or options.jsonl:
        print_json(moved_json(moved, access, _workflow(access), language), is_line=options.jsonl)
    elif options.dry_run:
        print(f"nothing hinders it: {moved.from_state} → {moved.to_state}")
    else:
        print(f"{options.number}: {moved.from_state} → {moved.to_state}")
    if moved.instead and not (options.json or options.jsonl):
        print(f"  {moved.instead.name}: {_workflow(access).words(moved.instead.words, language)}")
    return 0


def import_file(options: argparse.Namespace) -> int:
    """Print a line for each row; 1 when one was refused."""
    access, language = acting(options)
    from sledi.orders.files import importing
    from sledi.orders.files.sheets import WrongFile

    act = importing.import_moves if options.moves else importing.import_orders
    try:
        report = act(access, content_of(options.file), at=now(), cause="csv", is_dry_run=options.dry_run)
    except WrongFile as wrong:
        raise Refused(f"{options.file}: {wrong}") from None
    found = importing.report_json(report, access, language)
    if options.json:
        print_json(found)
    elif options.jsonl:
        for row in found["rows"]:
            print_json(row, is_line=True)
    else:
        _print_report(report, found)
    return 1 if found["refused"] else 0


def _print_report(report: "Report", found: dict[str, Any]) -> None:
    for row in found["rows"]:
        words = row["problem"]["title"] if row["problem"] else f"{row['to']}  {row['instead']}"
        print(f"{row['row']:>5}  {row['reference']:20} {row['outcome']:9} {row['number']}  {words}".rstrip())
    tense = "would be" if report.is_dry_run else "are"
    print(
        f"{found['done']} {tense} done, {found['repeated']} were before, {found['refused']} {tense} refused"
    )


def _workflow(access: "Access") -> Any:
    from sledi import profiles

    return profiles.workflow(access.business.profile, access.business.profile_version)
