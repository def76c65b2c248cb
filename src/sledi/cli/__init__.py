"""The command ``sledi``.

Every module of this package with a function ``register(commands)`` adds one or more commands; so a command is
added by adding a file. ``register`` is called at every start and must import nothing slow: a command imports what
it needs when it runs. Exit codes: 0 done, 1 refused or not found, 2 wrong use.
"""

import argparse
import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sledi import __version__
from sledi.database.errors import DatabaseProblem

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


class Refused(Exception):
    """A command cannot do what was asked. The message is for a person and says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except (Refused, DatabaseProblem) as problem:
        print(f"sledi: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `sledi detect … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sledi", description="Follows orders and parcels from purchase to door."
    )
    parser.add_argument("--version", action="version", version=f"sledi {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in sorted(
        module.name for module in pkgutil.iter_modules(__path__) if module.name != "__main__"
    ):
        register = getattr(importlib.import_module(f"{__name__}.{module}"), "register", None)
        if register:
            register(commands)
    return parser


def start_django(*, strict: bool = False) -> None:
    """Make models and settings usable. ``strict`` refuses to go on with settings that are wrong.

    Raises Refused.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sledi.project.settings")
    import django
    from django.conf import settings

    django.setup()
    wrong = [reading for reading in settings.OPTIONS.readings if reading.problem]
    if strict and wrong:
        raise Refused("; ".join(f"{reading.name} {reading.problem}" for reading in wrong))
