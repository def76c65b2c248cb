"""``sledi worker``: asks the carriers, moves what they bring news of, keeps deadlines and sends what is due."""

import argparse
from typing import TYPE_CHECKING

from sledi.cli import start_django
from sledi.cli.parent import end_with_parent, stop_on_signals

if TYPE_CHECKING:
    from sledi.cli import Commands
    from sledi.tracking.worker import Chore


def register(commands: "Commands") -> None:
    parser = commands.add_parser("worker", help="ask the carriers, keep deadlines, send mails")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Work until SIGTERM or SIGINT, then finish what is under way. Raises Refused."""
    stop = stop_on_signals()
    end_with_parent()
    start_django(strict=True)
    from sledi.tracking import worker

    worker.run(stop, chores())
    return 0


def chores() -> "list[Chore]":
    """What the worker does beside asking. Needs Django."""
    from sledi.attachments import operations as attachments
    from sledi.notifications import changes, forgetting, jobs, lookup_letters
    from sledi.orders import lookups
    from sledi.orders.automatic import carrier_news, deadlines
    from sledi.orders.money import checkouts, payouts
    from sledi.tracker import links
    from sledi.tracking.worker import Chore

    return [
        Chore(2, carrier_news.follow_news),
        Chore(5, deadlines.run_due_timers),
        Chore(10, checkouts.ask_due),
        Chore(60, payouts.run_due),
        Chore(5, jobs.fan_out),
        Chore(5, jobs.send_due),
        Chore(5, changes.fan_out),
        Chore(5, changes.send_due),
        Chore(5, lookup_letters.send_due),
        Chore(600, changes.report_unsent),
        Chore(600, forgetting.blank_old),
        Chore(600, lookups.forget_old),
        Chore(60, links.check_due),
        Chore(600, attachments.discard_due),
    ]
