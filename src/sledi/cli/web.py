"""``sledi web``: the pages and the API."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from sledi.cli import Refused, start_django
from sledi.cli.parent import end_with_parent, marked
from sledi.cli.ports import require_free

if TYPE_CHECKING:
    from sledi.cli import Commands

STOP_S = 4
"""Then a worker that does not end by itself is killed: `sledi up` and service files wait for us."""

PROCESSES_MAX = 4
CONNECTIONS_MAX = 1024


def register(commands: "Commands") -> None:
    parser = commands.add_parser("web", help="serve the pages and the API")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, PROCESSES_MAX))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT. Raises Refused."""
    require_free(options.host, options.port)
    start_django(strict=True)
    _load_site()
    end_with_parent()
    os.environ.update(marked({}))  # for the serving processes, whose parent we are
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "sledi.project.asgi:application",
        address=options.host,
        port=options.port,
        interface=Interfaces.ASGI,
        workers=options.processes,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS_MAX,
        backpressure=CONNECTIONS_MAX,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_S,
        log_level=LogLevels.warning,
    ).serve()
    return 0


def _load_site() -> None:
    """Load all code before the serving processes are split off: they share it, and mistakes show here."""
    from django.conf import settings
    from django.urls import get_resolver

    if not settings.HAS_SECRET_KEY:
        raise Refused("SLEDI_SECRET_KEY is not set: `sledi up` makes a key of its own, or set one")
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        raise Refused("the assets are not collected: run `sledi prepare` first")
    get_resolver().url_patterns  # noqa: B018  reading it loads every view
