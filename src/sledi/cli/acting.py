"""What commands about orders share: who acts, in which business, and how a refusal is told."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused, start_django

if TYPE_CHECKING:
    from sledi.accounts.access import Access
    from sledi.orders.reasons import Reason
    from sledi.orders.rest.order_json import Writer

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
SIZE_MAX = 100
KEY_LENGTH_MAX = 200


def add_actor(parser: argparse.ArgumentParser) -> None:
    """Who acts where, and how it is printed."""
    parser.add_argument("--business", required=True, metavar="SLUG")
    parser.add_argument(
        "--as",
        dest="actor",
        required=True,
        metavar="EMAIL[:ROLE]",
        help="the member who acts, as a@b.kz:operator",
    )
    parser.add_argument("--lang", choices=LANGUAGES, help="of the words; the member's own when not given")
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="as the REST interface gives it")
    forms.add_argument("--jsonl", action="store_true", help="one JSON object a line")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Which rows of a list."""
    parser.add_argument("--state", default="", help="a parent state stands for its children")
    parser.add_argument("--search", default="", metavar="TEXT", help="a number, a phone or a tracking number")
    parser.add_argument("--flag", default="", help="raised by a deadline")
    parser.add_argument("--cursor", default="", help="what the list before this one ended with")
    parser.add_argument("--size", type=_size, default=50, metavar="N")


def add_supply(parser: argparse.ArgumentParser) -> None:
    """What a move is given."""
    parser.add_argument(
        "--field",
        type=pair,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a field of the move; may be repeated. KEY=@FILE uploads a photo for a field of photos",
    )
    parser.add_argument("--quantity", type=_whole, metavar="N", help="so many pieces of an item")
    parser.add_argument("--version", type=_whole, metavar="N", help="refuse when somebody changed it since")
    parser.add_argument("--key", type=_key, default="", help="the same key is done once")
    parser.add_argument("--dry-run", action="store_true", help="check everything, change nothing")


def acting(options: argparse.Namespace) -> "tuple[Access, str]":
    """The access of the member named by ``--as``, and the language of the words. Raises Refused."""
    start_django(strict=True)
    from sledi.accounts import roles
    from sledi.accounts.access import Access
    from sledi.accounts.models import Membership
    from sledi.accounts.scopes import SCOPES
    from sledi.history import Actor

    email, _, role = options.actor.partition(":")
    found = Membership.objects.filter(
        business__slug=options.business,
        business__is_open=True,
        person__email=email.strip().lower(),
        person__is_active=True,
    )
    members = {one.role: one for one in found.select_related("business", "person")}
    if role and role not in members:
        raise Refused(f"{email} is no {role} of {options.business}: see `sledi person invite`")
    acts_as = role or next((name for name in roles.NAMES if name in members), "")
    if not acts_as:
        raise Refused(f"{email} is no member of {options.business}: see `sledi person invite`")
    member = members[acts_as]
    actor = Actor("person", str(member.person.pk), member.person.name, acts_as)
    access = Access(member.business, actor, acts_as, member.person.pk, SCOPES)
    return access, options.lang or member.person.language


def writer(access: "Access", language: str) -> "Writer":
    from sledi.orders.rest.order_json import Writer

    return Writer(access, language)


def now() -> datetime:
    return datetime.now(UTC)


def print_json(found: Any, *, is_line: bool = False) -> None:
    """JSON for programs; half characters, which no terminal takes, are marked."""
    text = json.dumps(found, ensure_ascii=False, indent=None if is_line else 2)
    print(text.encode("utf-8", "replace").decode())


def content_of(path: str) -> bytes:
    """The bytes of a file. Raises Refused."""
    try:
        return Path(path).read_bytes()
    except OSError as problem:
        raise Refused(f"{path}: {problem.strerror}") from None


@contextmanager
def refusals(options: argparse.Namespace, access: "Access", language: str) -> Iterator[None]:
    """Tells what an operation refuses, in the words every other door uses."""
    from sledi.orders.reading import UnknownFlag, UnknownState, WrongCursor
    from sledi.orders.reasons import REFUSALS, explain

    try:
        yield
    except REFUSALS as refusal:
        raise told(options, explain(refusal, access, language)) from None
    except UnknownFlag as problem:
        raise Refused(f"no deadline of the profile raises the flag {problem}") from None
    except UnknownState as problem:
        raise Refused(f"the profile has no state {problem}: see `sledi profile show`") from None
    except WrongCursor:
        raise Refused("this cursor is of no list") from None


def told(options: argparse.Namespace, reason: "Reason") -> Refused:
    """A refusal as the command ends with it; for programs also as JSON."""
    from sledi.orders.files.importing import problem_json

    if options.json or options.jsonl:
        print_json(problem_json(reason), is_line=options.jsonl)
    return Refused(reason.words)


def tried(is_dry_run: bool, act: Callable[[], Any]) -> Any:
    """Do something; of a dry run nothing stays."""
    from django.db import connection, transaction

    if not is_dry_run:
        return act()
    with transaction.atomic():
        done = act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    return done


def pair(text: str) -> tuple[str, str]:
    """``KEY=VALUE`` as it is typed. Raises ArgumentTypeError."""
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number")
    return int(text)


def _key(text: str) -> str:
    if len(text) > KEY_LENGTH_MAX or not text.isprintable():
        raise argparse.ArgumentTypeError(f"at most {KEY_LENGTH_MAX} printable characters")
    return text


def _size(text: str) -> int:
    if not 1 <= _whole(text) <= SIZE_MAX:
        raise argparse.ArgumentTypeError(f"from 1 to {SIZE_MAX}")
    return int(text)
