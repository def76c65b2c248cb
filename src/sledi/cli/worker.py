"""``sledi worker``: asks the carriers and sends what is due."""

import argparse
from typing import TYPE_CHECKING

from sledi.cli import start_django
from sledi.cli.parent import end_with_parent, stop_on_signals

if TYPE_CHECKING:
    from sledi.cli import Commands


def register(commands: "Commands") -> None:
    parser = commands.add_parser("worker", help="ask the carriers, send mails")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT, then finish what is under way. Raises Refused."""
    stop = stop_on_signals()
    end_with_parent()
    start_django(strict=True)
    from sledi.notifications import jobs
    from sledi.tracker import links
    from sledi.tracking import worker

    worker.run(
        stop,
        [
            worker.Chore(5, jobs.fan_out),
            worker.Chore(5, jobs.send_due),
            worker.Chore(60, links.check_due),
        ],
    )
    return 0
