"""``sledi demo``: the demo world, with invented people and parcels.

An app joins by a module ``demo`` with ``build(now)``, which may be called again and again, changes nothing that is
there already, and returns the lines a newcomer should read (people to sign in as, numbers to paste). One that takes
seconds says ``IS_SLOW = True``: ``sledi up`` builds it while the first page is read.
"""

import argparse
import signal
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sledi.cli import start_django
from sledi.cli.parent import end_with_parent

if TYPE_CHECKING:
    from sledi.cli import Commands

QUICK, SLOW = frozenset({False}), frozenset({True})
ALL = QUICK | SLOW


def register(commands: "Commands") -> None:
    parser = commands.add_parser(
        "demo", help="build the demo world, or what is missing of it, and tell about it"
    )
    parser.add_argument("--rest", action="store_true", help=argparse.SUPPRESS)  # for `sledi up`
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build the demo world and print what is in it. Raises Refused."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a business is made whole or not at all
    end_with_parent()
    start_django(strict=True)
    for line in build(SLOW if options.rest else ALL):
        print(f"  {line}" if options.rest else line, flush=True)
    return 0


def build(which: frozenset[bool] = ALL) -> list[str]:
    """Let every app build its part, lower apps first; the lines to tell. ``which``: quick parts, slow ones, all."""
    from django.apps import apps

    now = datetime.now(UTC)
    modules = [
        import_module(f"{app.name}.demo")
        for app in apps.get_app_configs()
        if app.name.startswith("sledi.") and find_spec(f"{app.name}.demo")
    ]
    parts = [module.build(now) for module in modules if getattr(module, "IS_SLOW", False) in which]
    return [line for part in parts for line in part]
