"""``sledi config check``: every setting, where its value comes from, and what is wrong with it."""

import argparse
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sledi.cli import start_django
from sledi.cli.parent import VARIABLE as PARENT

if TYPE_CHECKING:
    from sledi.cli import Commands

CARRIER = "SLEDI_CARRIER_"


def register(commands: "Commands") -> None:
    parser = commands.add_parser("config", help="settings")
    acts = parser.add_subparsers(required=True, metavar="ACT")
    check = acts.add_parser("check", help="print every setting with its source, and check it")
    check.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print all settings; 1 when one is wrong."""
    start_django()
    from django.conf import settings

    problems = []
    for name, shown, source, problem in [*_read(settings.OPTIONS.readings), *_carriers(), *_payments()]:
        print(f"{name} = {shown}  ({source}){f'  WRONG: {problem}' if problem else ''}")
        problems += [problem] if problem else []
    for name in _unknown({reading.name for reading in settings.OPTIONS.readings}):
        print(f"{name}  WRONG: no setting has this name")
        problems.append(name)
    return 1 if problems else 0


def _read(readings: list[Any]) -> Iterator[tuple[str, str, str, str]]:
    for reading in readings:
        yield (
            reading.name,
            reading.shown or "(empty)",
            "environment" if reading.is_given else "default",
            reading.problem,
        )


def _carriers() -> Iterator[tuple[str, str, str, str]]:
    """What a carrier needs comes from its own calls."""
    for name in _carrier_settings():
        given = os.environ.get(name, "")
        shown = given if name.endswith("_URL") else "(kept secret)"
        yield name, shown if given else "(empty)", "environment" if given else "default", ""


def _payments() -> Iterator[tuple[str, str, str, str]]:
    """Accounts at payment providers have the names their operator gives them; half an account takes no money."""
    from sledi.orders.money.payment_provider import accounts

    for slug, account in accounts().items():
        for part, text in (("URL", account.url), ("KEY", account.key), ("SECRET", account.secret)):
            problem = "" if text else "is missing"
            if part == "URL" and text and "URL" in account.problem:
                problem = account.problem.removeprefix("URL ")
            shown = text if part == "URL" else "(kept secret)"
            source = "environment" if text else "default"
            yield f"SLEDI_PAYMENT_{slug.upper()}_{part}", shown if text else "(empty)", source, problem


def _carrier_settings() -> list[str]:
    from sledi.carriers import all_carriers

    return [
        f"{CARRIER}{module.SLUG}_{secret}".upper()
        for module in all_carriers()
        for secret in ["url", *dict.fromkeys(secret for call in module.CALLS for secret in call.secrets)]
    ]


def _unknown(known: set[str]) -> list[str]:
    """Variables that look like settings but are none: misspelt ones, mostly."""
    known |= {PARENT, *_carrier_settings(), *(name for name, *_ in _payments())}
    return sorted(name for name in os.environ if name.startswith("SLEDI_") and name not in known)
