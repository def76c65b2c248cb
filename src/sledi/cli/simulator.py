"""``sledi simulator``: the carriers' simulator, and how our lines lead to it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sledi.cli import Refused
from sledi.cli.parent import end_with_parent, stop_on_signals

if TYPE_CHECKING:
    from sledi.cli import Commands

PORT = 8001
LOGINS = {"login", "batch_login", "customer"}
"""Secrets that name who asks; all others prove it."""


def register(commands: "Commands") -> None:
    parser = commands.add_parser(
        "simulator", help="run the carriers' servers on this machine, for demos and tests"
    )
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--speed", type=float, default=1.0, help="3600 = one hour a second")
    parser.add_argument("--webhook", default="", metavar="URL", help="where 17TRACK pushes to")
    parser.add_argument("--state", type=Path, metavar="FILE", help="keeps the world over a restart")
    parser.add_argument("--strict", action="store_true", help="the carriers' published limits")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Answer as the carriers until SIGTERM or SIGINT. Raises Refused."""
    from sledi_simulator import GENEROUS, STRICT, Options, running

    stop = stop_on_signals()
    end_with_parent()
    limits = STRICT if options.strict else GENEROUS
    how = Options(speed=options.speed, limits=limits, webhook_url=options.webhook, state=options.state)
    try:
        with running(options.port, how) as simulator:
            print(f"carriers' simulator: {simulator.url}/_control", flush=True)
            stop.wait()
    except (OSError, ValueError) as problem:
        raise Refused(f"the simulator cannot start: {problem}") from problem
    return 0


def simulated_lines(url: str) -> dict[str, str]:
    """The settings that lead every simulated carrier's line to the simulator at ``url``, and nothing outside."""
    from sledi.carriers import all_carriers
    from sledi_simulator.world import LOGIN, SECRET

    settings = {"SLEDI_CHECK_LINKS": "0"}
    for module in all_carriers():
        prefix = f"SLEDI_CARRIER_{module.SLUG.upper()}"
        settings[f"{prefix}_URL"] = f"{url}/{module.SLUG}"
        for secret in {secret for call in module.CALLS for secret in call.secrets}:
            settings[f"{prefix}_{secret.upper()}"] = LOGIN if secret in LOGINS else SECRET
    return settings
