"""``sledi business | person | key``: tenants, their people, and keys for programs."""

import argparse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused, start_django
from sledi.cli.acting import pair

if TYPE_CHECKING:
    from django.core.exceptions import ValidationError

    from sledi.accounts.models import Business
    from sledi.cli import Commands


def register(commands: "Commands") -> None:
    _register_business(commands)
    _register_person(commands)
    _register_key(commands)


def _register_business(commands: "Commands") -> None:
    acts = _acts(commands, "business", "the businesses of this installation")
    create = acts.add_parser("create", help="open a business")
    create.add_argument("slug", metavar="SLUG", help="its part of the address: /SLUG/")
    create.add_argument("--name", required=True, help="as people read it")
    create.add_argument("--profile", required=True, help="what kind of business it is, as forwarder")
    create.add_argument("--country", required=True, metavar="CC", help="as KZ")
    create.add_argument("--currency", required=True, metavar="CUR", help="of its accounts, as KZT")
    create.add_argument("--language", required=True, metavar="LANG", help="of its letters, as kk")
    create.add_argument("--host", help="a host name of its own")
    create.add_argument("--brand", default="", metavar="#RRGGBB", help="its accent colour")
    create.set_defaults(run=create_business)
    acts.add_parser("list", help="all of them").set_defaults(run=list_businesses)
    chosen = acts.add_parser("set", help="change settings that the profile leaves to the business")
    chosen.add_argument("slug", metavar="SLUG")
    chosen.add_argument("settings", nargs="+", type=pair, metavar="KEY=VALUE", help="as stall_days=5")
    chosen.set_defaults(run=configure_business)


def _register_person(commands: "Commands") -> None:
    acts = _acts(commands, "person", "people in businesses")
    invite = acts.add_parser("invite", help="make somebody a member; a person is made when new")
    invite.add_argument("email", metavar="EMAIL")
    invite.add_argument("--business", required=True, metavar="SLUG")
    invite.add_argument("--role", required=True)
    invite.set_defaults(run=invite_person)


def _register_key(commands: "Commands") -> None:
    acts = _acts(commands, "key", "keys that let programs act in a business")
    create = acts.add_parser("create", help="make a key and print it, this once")
    create.add_argument("name", metavar="NAME", help="what it is for, as scanner")
    create.add_argument("--business", required=True, metavar="SLUG")
    create.add_argument("--role", required=True)
    create.add_argument("--scope", required=True, action="append", metavar="SCOPE", help="may be repeated")
    create.add_argument("--person", metavar="EMAIL", help="for whom it acts, if for one person only")
    create.add_argument(
        "--days", type=_days, metavar="N", help="how long it works; without an end when not given"
    )
    create.set_defaults(run=create_key)
    shown = acts.add_parser("list", help="the keys of a business, never their text")
    shown.add_argument("--business", required=True, metavar="SLUG")
    shown.set_defaults(run=list_keys)
    revoke = acts.add_parser("revoke", help="end a key at once")
    revoke.add_argument("prefix", metavar="PREFIX", help="its first characters, as `key list` shows them")
    revoke.add_argument("--business", required=True, metavar="SLUG")
    revoke.set_defaults(run=revoke_key)


def _acts(commands: "Commands", name: str, what: str) -> "Commands":
    return commands.add_parser(name, help=what).add_subparsers(required=True, metavar="ACT")


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 3650:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days from 1 to 3650")
    return int(text)


def create_business(options: argparse.Namespace) -> int:
    """Open a business and print its address; 1 and the fields at fault when it cannot be."""
    start_django(strict=True)
    from django.conf import settings
    from django.core.exceptions import ValidationError

    from sledi.accounts.operations import open_business

    named = ("slug", "name", "profile", "country", "currency", "language", "host", "brand")
    facts = {name: getattr(options, name) for name in named}
    try:
        business = open_business(datetime.now(UTC), **_by_operator(), **facts)
    except ValidationError as problem:
        raise Refused(_said(problem)) from None
    print(f"{settings.SITE_URL}/{business.slug}/")
    return 0


def configure_business(options: argparse.Namespace) -> int:
    """Change settings and print all that are chosen; 1 when the profile does not take one."""
    start_django(strict=True)
    from sledi.accounts.operations import configure
    from sledi.core.workflow import Refused as NotTaken

    business = _business(options.slug)
    try:
        chosen = configure(business, dict(options.settings), datetime.now(UTC), **_by_operator())
    except NotTaken as refusal:
        raise Refused(str(refusal)) from None
    for key, value in sorted(chosen.items()):
        print(f"{key}={value}")
    return 0


def list_businesses(options: argparse.Namespace) -> int:
    """One line a business."""
    start_django()
    from sledi.accounts import queries

    for each in queries.businesses():
        closed = "" if each.is_open else "  closed"
        print(
            f"{each.slug:24} {each.profile:12} {each.country} {each.currency} {each.language}  {each.name}{closed}"
        )
    return 0


def invite_person(options: argparse.Namespace) -> int:
    """Make somebody a member and print where to sign in."""
    start_django(strict=True)
    from django.conf import settings
    from django.core.exceptions import ValidationError

    from sledi.accounts.operations import invite

    business = _business(options.business)
    try:
        member = invite(business, options.email, options.role, datetime.now(UTC), **_by_operator())
    except ValidationError as problem:
        raise Refused(_said(problem)) from None
    print(
        f"{member.person.email} is {member.role} of {business.slug}; to sign in: {settings.SITE_URL}/sign-in/"
    )
    return 0


def create_key(options: argparse.Namespace) -> int:
    """Make a key and print its text, which nobody can find again."""
    start_django(strict=True)
    from django.core.exceptions import ValidationError

    from sledi.accounts import operations

    business, now = _business(options.business), datetime.now(UTC)
    try:
        _key, text = operations.create_key(
            business,
            options.name,
            options.role,
            options.scope,
            now,
            person=_member(business, options.person) if options.person else None,
            expires_at=now + timedelta(days=options.days) if options.days else None,
            **_by_operator(),
        )
    except ValidationError as problem:
        raise Refused(_said(problem)) from None
    print(text)
    return 0


def list_keys(options: argparse.Namespace) -> int:
    """One line a key: how it begins, what it may, whether it works."""
    start_django()
    from sledi.accounts import queries

    for key in queries.keys_of(_business(options.business)):
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never used"
        ends = (
            "revoked"
            if key.revoked_at
            else f"until {key.expires_at:%Y-%m-%d}"
            if key.expires_at
            else "no end"
        )
        print(f"{key.prefix}  {key.role:12} {','.join(key.scopes)}  {ends}  {used}  {key.name}")
    return 0


def revoke_key(options: argparse.Namespace) -> int:
    """End the one key that begins so; 1 when none or several do."""
    start_django(strict=True)
    from sledi.accounts import operations, queries

    found = [key for key in queries.keys_of(_business(options.business)) if key.prefix == options.prefix]
    if len(found) != 1:
        raise Refused(
            f"{len(found)} keys of {options.business} begin with {options.prefix!r}: see `sledi key list`"
        )
    if not operations.revoke_key(found[0], datetime.now(UTC), **_by_operator()):
        raise Refused(f"{options.prefix} was revoked before")
    print(f"{options.prefix} is revoked")
    return 0


def _business(slug: str) -> "Business":
    from sledi.accounts import queries

    found = queries.business_of(slug)
    if found is None:
        raise Refused(f"there is no business {slug!r}: see `sledi business list`")
    return found


def _member(business: "Business", email: str) -> Any:
    found = business.memberships.filter(person__email=email.strip().lower()).select_related("person").first()
    if found is None:
        raise Refused(f"{email} is no member of {business.slug}: see `sledi person invite`")
    return found.person


def _by_operator() -> dict[str, Any]:
    from sledi.history import Actor

    return {"by": Actor("system", name="sledi on the server"), "cause": "cli"}


def _said(problem: "ValidationError") -> str:
    if hasattr(problem, "error_dict"):
        return "; ".join(f"{field}: {' '.join(said)}" for field, said in problem.message_dict.items())
    return " ".join(problem.messages)
