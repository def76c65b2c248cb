"""``sledi prepare``: brings database and assets to the state this version needs. Safe to repeat."""

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from sledi.cli import start_django
from sledi.cli.demo import QUICK
from sledi.cli.demo import build as build_demo

if TYPE_CHECKING:
    from sledi.cli import Commands

LOCK = 0x51ED1  # any number, as long as it is always the same


def register(commands: "Commands") -> None:
    parser = commands.add_parser(
        "prepare", help="apply migrations and collect assets; `sledi up` does it too"
    )
    parser.add_argument("--demo", action="store_true", help="build the quick parts of the demo world too")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Migrate, collect assets, build the demo world when asked. Raises Refused."""
    start_django(strict=True)
    _migrate()
    _collect_assets()
    if options.demo:
        print("\n".join(build_demo(QUICK)))
    return 0


def _migrate() -> None:
    """Apply migrations, one process at a time.

    The lock lives in a transaction of a connection of its own, so that it also holds through a pooler that
    hands out connections per transaction.
    """
    from django.core.management import call_command
    from django.db import connections

    guard = connections.create_connection("default")
    try:
        with guard.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            call_command("migrate", interactive=False, verbosity=0)
    finally:
        guard.close()


def _collect_assets() -> None:
    """Collect and compress the assets when one of them changed since the last time."""
    from django.conf import settings
    from django.core.management import call_command

    stamp = Path(settings.STATIC_ROOT).with_suffix(".stamp")
    state = _state_of_assets()
    if stamp.is_file() and stamp.read_text() == state and Path(settings.STATIC_ROOT).is_dir():
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state)


def _state_of_assets() -> str:
    import importlib.metadata

    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(importlib.metadata.version("whitenoise").encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            with storage.open(name) as asset:
                digest.update(name.encode() + asset.read())
    return digest.hexdigest()
