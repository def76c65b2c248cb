"""``python -m sledi_simulator``: runs the carriers' simulator until Ctrl-C."""

import argparse
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from sledi_simulator.limits import GENEROUS, STRICT
from sledi_simulator.server import serve
from sledi_simulator.simulator import Options


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 when it was stopped, 1 when it could not start."""
    given = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    options = Options(
        speed=given.speed,
        start=given.start,
        limits=STRICT if given.strict else GENEROUS,
        webhook_url=given.webhook,
        state=given.state,
    )
    try:
        serve(given.port, options, host=given.host)
    except KeyboardInterrupt:
        return 0
    except (OSError, ValueError) as error:
        print(f"the simulator cannot start: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sledi_simulator", description="The carriers' servers on localhost."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default %(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one (default %(default)s)")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, help="3600 = one hour a second (default %(default)s)"
    )
    parser.add_argument(
        "--start", type=_moment, help="what the clock shows at first, as 2026-05-14T09:00:00+03:00"
    )
    parser.add_argument(
        "--strict", action="store_true", help="the carriers' published limits, not generous ones"
    )
    parser.add_argument("--webhook", default="", metavar="URL", help="where 17TRACK pushes to")
    parser.add_argument(
        "--state", type=Path, metavar="FILE", help="keeps dates and registrations over a restart"
    )
    return parser


def _speed(text: str) -> float:
    speed = float(text)
    if speed < 0:
        raise argparse.ArgumentTypeError("0 or more")
    return speed


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
