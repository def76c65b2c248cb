"""``sledi demo``: the demo world, with invented people and parcels.

An app joins by a module ``demo`` with ``build(now)``, which may be called again and again, changes nothing that is
there already, and returns the lines a newcomer should read (people to sign in as, numbers to paste).
"""

import argparse
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sledi.cli import start_django

if TYPE_CHECKING:
    from sledi.cli import Commands


def register(commands: "Commands") -> None:
    parser = commands.add_parser(
        "demo", help="build the demo world, or what is missing of it, and tell about it"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Build the demo world and print what is in it. Raises Refused."""
    start_django(strict=True)
    print("\n".join(build()))
    return 0


def build() -> list[str]:
    """Let every app build its part, lower apps first; the lines to tell."""
    from django.apps import apps

    now = datetime.now(UTC)
    parts = [
        import_module(f"{app.name}.demo").build(now)
        for app in apps.get_app_configs()
        if app.name.startswith("sledi.") and find_spec(f"{app.name}.demo")
    ]
    return [line for part in parts for line in part]
