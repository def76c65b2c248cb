"""``sledi order``: orders of a business, its links and mails, imports, scans and reasons, as one of its members."""

import argparse
from datetime import date
from pathlib import Path
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
from sledi.cli.photos import FILE, with_photos

if TYPE_CHECKING:
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
    timeline = acts.add_parser("timeline", help="all that happened to an item, carriers' scans among it")
    timeline.add_argument("number", metavar="NUMBER", help="as 7KQM-3XF4.2")
    add_actor(timeline)
    timeline.set_defaults(run=show_timeline)
    _register_links_and_mails(acts)
    _register_documents(acts)
    _register_create(acts)
    register_moves(acts, LEVELS)
    _register_import(acts)
    _register_scan(acts)
    _register_reasons(acts)


def _register_links_and_mails(acts: "Commands") -> None:
    mails = acts.add_parser("mails", help="the mails about an order: to whom, when, or why not")
    mails.add_argument("number", metavar="NUMBER")
    add_actor(mails)
    mails.set_defaults(run=show_mails)
    link = acts.add_parser("link", help="give the end buyer a link that asks for no account, or take it back")
    link.add_argument("number", metavar="NUMBER")
    link.add_argument("--revoke", action="store_true", help="from now on the link leads nowhere")
    add_actor(link)
    link.set_defaults(run=give_link)


def _register_documents(acts: "Commands") -> None:
    listed = acts.add_parser("documents", help="what can be printed for an order, and what hinders it")
    listed.add_argument("number", metavar="NUMBER")
    add_actor(listed)
    listed.set_defaults(run=list_documents)
    printed = acts.add_parser("document", help="print a document of an order, or `all`, as PDF")
    printed.add_argument("number", metavar="NUMBER")
    printed.add_argument("key", metavar="KEY", help="as `sledi order documents` names it")
    printed.add_argument("--out", metavar="FILE", help="<key>-<number>.pdf when not given")
    printed.add_argument(
        "--language", default="", metavar="CODE", help="of the paper; its own when not given"
    )
    add_actor(printed)
    printed.set_defaults(run=print_document)


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


def _register_scan(acts: "Commands") -> None:
    scanned = acts.add_parser("scan", help="receive whatever carries a number; what nothing carries waits")
    scanned.add_argument("number", metavar="NUMBER")
    add_actor(scanned)
    scanned.add_argument("--weight-g", metavar="GRAMS", help="as it was weighed")
    scanned.add_argument(
        "--photo", action="append", default=[], metavar="FILE", help="of what has come; may be repeated"
    )
    scanned.set_defaults(run=scan_number)


def _register_reasons(acts: "Commands") -> None:
    reasons = acts.add_parser("reasons", help="how often each reason was given for what came to nothing")
    add_actor(reasons)
    reasons.add_argument("--since", type=_day, required=True, metavar="YYYY-MM-DD")
    reasons.add_argument("--until", type=_day, required=True, metavar="YYYY-MM-DD", help="this day included")
    reasons.set_defaults(run=count_reasons)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: as 2026-11-22") from None


def list_orders(options: argparse.Namespace) -> int:
    """One line an order; 1 when there is none."""
    access, language = acting(options)
    from sledi.orders import reading

    with refusals(options, access, language):
        filters = {name: getattr(options, name) for name in ("state", "search", "flag", "cursor", "size")}
        page = reading.order_list(access, **filters)
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


def show_timeline(options: argparse.Namespace) -> int:
    """One line a moment, the oldest first: when, what, under which number, who says so."""
    access, language = acting(options)
    from sledi.orders import reading

    with refusals(options, access, language):
        page = reading.item_page(access, options.number, now())
    found = writer(access, language).timeline(page)
    if options.json:
        print_json(found)
        return 0
    for one in found["happenings"]:
        if options.jsonl:
            print_json(one, is_line=True)
            continue
        said = one["scan"]["name"] if one["scan"] else one["record"]["label"] or one["record"]["act"]
        print(f"{one['at'][:16]}  {said}  {one['number']}  {one['source']}".rstrip())
    return 0


def show_mails(options: argparse.Namespace) -> int:
    """One line a mail, the oldest first; 1 when there is none."""
    access, language = acting(options)
    from sledi.notifications.api import mail_json
    from sledi.notifications.queries import letters_of

    with refusals(options, access, language):
        mails = [mail_json(letter) for letter in letters_of(access, options.number)]
    if options.json:
        print_json({"mails": mails})
    for mail in mails if not options.json else ():
        if options.jsonl:
            print_json(mail, is_line=True)
            continue
        when = (mail["sent_at"] or mail["happened_at"])[:16]
        print(
            f"{when}  {mail['state']:8} {mail['to']} ({mail['role']})  {mail['subject'] or mail['problem']}".rstrip()
        )
    return 0 if mails else 1


def give_link(options: argparse.Namespace) -> int:
    """Print the end buyer's link, made when there is none; with ``--revoke`` the good ones are taken back."""
    access, language = acting(options)
    from sledi.orders import links
    from sledi.orders.rest.links import link_json

    with refusals(options, access, language):
        if options.revoke:
            good = [one for one in links.of_order(access, options.number) if not one.revoked_at]
            given = [links.revoke(access, options.number, one.pk, now(), "cli") for one in good]
        else:
            given = [links.make(access, options.number, now(), "cli")]
    if options.json:
        print_json({"links": [link_json(one) for one in given]})
    for one in given if not options.json else ():
        if options.jsonl:
            print_json(link_json(one), is_line=True)
        else:
            print(f"taken back: {one.pk}" if options.revoke else links.address(one))
    return 0 if given else 1


def list_documents(options: argparse.Namespace) -> int:
    """One line a document; 1 when there is none."""
    access, language = acting(options)
    from django.utils import translation

    from sledi.documents import queries
    from sledi.documents.api import documents_json

    with refusals(options, access, language), translation.override(language):
        order = queries.order_of(access, options.number)
        found = documents_json(access, order, language)["documents"]
    if options.json:
        print_json({"documents": found})
    for one in found if not options.json else ():
        if options.jsonl:
            print_json(one, is_line=True)
        else:
            print(f"{one['key']:16} {one['number']:10}  {one['label']}  {one['words']}".rstrip())
    return 0 if found else 1


def print_document(options: argparse.Namespace) -> int:
    """Write a document into a file and print its name."""
    access, language = acting(options)
    from django.utils import translation

    from sledi.documents.printing import UnknownLanguage, printed
    from sledi.documents.refusals import NotPrintable
    from sledi.documents.telling import words_of

    with refusals(options, access, language), translation.override(language):
        try:
            found = printed(access, options.number, options.key, options.language, at=now(), cause="cli")
        except NotPrintable as problem:
            raise Refused(words_of(problem.reason)) from None
        except UnknownLanguage as problem:
            raise Refused(f"nothing is printed in {problem}") from None
    file = Path(options.out or found.name)
    try:
        file.write_bytes(found.content)
    except OSError as problem:
        raise Refused(f"{file}: {problem.strerror}") from None
    print(file)
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

    transition = doing.transition_of(access, options.level, options.move)
    fields = transition.fields if transition else ()
    supplied = with_photos(access, fields, options.field, language, options.key)
    asked = doing.Asked(options.number, supplied, options.quantity, options.version)

    def act() -> Any:
        return doing.do(access, options.level, options.move, asked, at=now(), cause="cli", key=options.key)

    with refusals(options, access, language):
        moved = tried(options.dry_run, act)
    if options.json or options.jsonl:
        print_json(moved_json(moved, access, access.business.workflow, language), is_line=options.jsonl)
    elif options.dry_run:
        print(f"nothing hinders it: {moved.from_state} → {moved.to_state}")
    else:
        print(f"{options.number}: {moved.from_state} → {moved.to_state}")
    if moved.instead and not (options.json or options.jsonl):
        print(f"  {moved.instead.name}: {access.business.workflow.words(moved.instead.words, language)}")
    return 0


def scan_number(options: argparse.Namespace) -> int:
    """Print what was received; 1 when the number waits to be identified."""
    access, language = acting(options)
    from sledi.orders.moving import scanning
    from sledi.orders.rest.order_json import arrival_json, moved_json

    supplied: dict[str, Any] = {"weight_g": options.weight_g} if options.weight_g else {}
    with refusals(options, access, language):
        move, _number = scanning.scanned_move(access)
        photos = next((field.key for field in move.fields if field.type == "photos"), "photos")
        pairs = [(photos, f"{FILE}{path}") for path in options.photo]
        supplied |= with_photos(access, move.fields, pairs, language)
        found = scanning.scan(access, options.number, supplied, at=now(), cause="cli")
    workflow = access.business.workflow
    if options.json or options.jsonl:
        moved = [moved_json(one, access, workflow, language) for one in found.moved]
        arrival = arrival_json(found.arrival) if found.arrival else None
        print_json({"moved": moved, "arrival": arrival}, is_line=options.jsonl)
    for one in found.moved if not (options.json or options.jsonl) else ():
        print(f"{options.number}: {one.from_state} → {one.to_state}")
    if found.arrival and not (options.json or options.jsonl):
        since = f"{found.arrival.arrived_at:%Y-%m-%d %H:%M}"
        print(f"{found.arrival.number}: nothing carries it; it waits since {since}")
    return 0 if found.moved else 1


def count_reasons(options: argparse.Namespace) -> int:
    """One line a reason, with how often it was given."""
    access, language = acting(options)
    from sledi.orders import reading

    workflow = access.business.workflow
    found = reading.reasons(access, options.since, options.until)
    rows = [writer(access, language).counted(one, workflow) for one in found]
    if options.json:
        print_json({"since": str(options.since), "until": str(options.until), "rows": rows})
    for row in rows if not options.json else ():
        if options.jsonl:
            print_json(row, is_line=True)
        else:
            print(f"{row['count']:>6}  {row['state_label']}: {row['label']}")
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
