"""``sledi me | address``: a member's own area in a business, by ``--as``."""

import argparse
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused
from sledi.cli.acting import acting, add_actor, now, pair, print_json, refusals

if TYPE_CHECKING:
    from sledi.accounts.models import Address
    from sledi.cli import Commands

_FIELD_HELP = (
    "as recipient_name=…, recipient_phone, postcode, region, city, street, destination; may be repeated"
)


def register(commands: "Commands") -> None:
    _register_address(commands)
    me = commands.add_parser("me", help="a member's own name, language and mails")
    add_actor(me)
    me.add_argument("--name", help="change it")
    me.add_argument("--language", metavar="LANG", help="change that of pages and mails")
    me.add_argument("--letters", choices=("on", "off"), help="news of this business by e-mail")
    me.set_defaults(run=show_or_change)


def _register_address(commands: "Commands") -> None:
    acts = commands.add_parser("address", help="a member's own address book").add_subparsers(
        required=True, metavar="ACT"
    )
    listed = acts.add_parser("list", help="the usual one first, then the newest")
    add_actor(listed)
    listed.set_defaults(run=list_addresses)
    add = acts.add_parser("add", help="write an address into the book")
    _takes_fields(add)
    add.set_defaults(run=add_address)
    change = acts.add_parser("change", help="write an address anew, all of it")
    change.add_argument("id", metavar="ID")
    _takes_fields(change)
    change.set_defaults(run=change_address)
    for name, what, run in (
        ("usual", "let new orders begin with it", make_usual),
        ("remove", "take it out of the book", remove_address),
    ):
        act = acts.add_parser(name, help=what)
        act.add_argument("id", metavar="ID")
        add_actor(act)
        act.set_defaults(run=run)


def _takes_fields(parser: argparse.ArgumentParser) -> None:
    add_actor(parser)
    parser.add_argument(
        "--field", type=pair, action="append", default=[], metavar="KEY=VALUE", help=_FIELD_HELP
    )
    parser.add_argument("--usual", action="store_true", help="new orders begin with it")


def list_addresses(options: argparse.Namespace) -> int:
    """One line an address; 1 when there is none."""
    access, _language = acting(options)
    from sledi.accounts import addresses

    found = addresses.book(access)
    for one in found if not options.json else ():
        _print(options, one)
    if options.json:
        print_json({"addresses": [_json(one) for one in found]})
    return 0 if found else 1


def add_address(options: argparse.Namespace) -> int:
    """Print the address as it stands in the book."""
    access, language = acting(options)
    from sledi.accounts import addresses

    with refusals(options, access, language):
        found = addresses.add(access, dict(options.field), now(), is_usual=options.usual)
    _print(options, found)
    return 0


def change_address(options: argparse.Namespace) -> int:
    """Print the address as it stands now."""
    access, language = acting(options)
    from sledi.accounts import addresses

    with refusals(options, access, language):
        found = _tried(
            options,
            lambda pk: addresses.change(
                access, pk, dict(options.field), now(), is_usual=options.usual or None
            ),
        )
    _print(options, found)
    return 0


def make_usual(options: argparse.Namespace) -> int:
    """Print the address that new orders begin with."""
    access, _language = acting(options)
    from sledi.accounts import addresses

    _print(options, _tried(options, lambda pk: addresses.make_usual(access, pk)))
    return 0


def remove_address(options: argparse.Namespace) -> int:
    """Orders that were placed with it keep it."""
    access, _language = acting(options)
    from sledi.accounts import addresses

    _tried(options, lambda pk: addresses.remove(access, pk))
    print(f"{options.id} is removed")
    return 0


def show_or_change(options: argparse.Namespace) -> int:
    """Print what is known of the member, after what was to be changed."""
    access, language = acting(options)
    from sledi.accounts import operations, queries
    from sledi.notifications import own, silencing

    person = queries.person_of(access)
    if options.name is not None or options.language is not None:
        name = person.name if options.name is None else options.name
        facts = {"name": name, "language": options.language or person.language}
        with refusals(options, access, language):
            operations.introduce(person, facts)
    if options.letters:
        own.choose(access, person.email, is_wanted=options.letters == "on", at=now())
    is_silent = silencing.is_silent(access.business, person.email)
    told: dict[str, Any] = {
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "letters": "off" if is_silent else "on",
    }
    if options.json or options.jsonl:
        print_json(told, is_line=options.jsonl)
        return 0
    for key, value in told.items():
        print(f"{key:9} {value}".rstrip())
    return 0


def _tried(options: argparse.Namespace, act: Any) -> Any:
    """Do something with the address that was named. Raises Refused."""
    from uuid import UUID

    from sledi.accounts import addresses

    try:
        return act(UUID(options.id))
    except (ValueError, addresses.NotInBook):
        raise Refused(f"there is no address {options.id!r} in this book: see `sledi address list`") from None


def _print(options: argparse.Namespace, one: "Address") -> None:
    if options.json or options.jsonl:
        print_json(_json(one), is_line=options.jsonl)
        return
    parts = (one.recipient_name, one.recipient_phone, one.postcode, one.region, one.city, one.street)
    usual = "  usual" if one.is_usual else ""
    print(f"{one.pk}  {', '.join(filter(None, parts))}, {one.destination}{usual}")


def _json(one: "Address") -> dict[str, Any]:
    from sledi.orders.rest.own import address_json

    return {**address_json(one), "id": str(one.pk)}
