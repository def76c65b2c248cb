"""``sledi profile check | show | diagram``: kinds of business as documents."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused

if TYPE_CHECKING:
    from sledi.cli import Commands
    from sledi.core.workflow import Workflow


def register(commands: "Commands") -> None:
    acts = commands.add_parser(
        "profile", help="kinds of business: their states, moves and rules"
    ).add_subparsers(required=True, metavar="ACT")
    check = acts.add_parser(
        "check", help="everything that is wrong with profiles; all known ones without FILE"
    )
    check.add_argument("files", nargs="*", type=Path, metavar="FILE")
    check.set_defaults(run=check_profiles)
    show = acts.add_parser("show", help="one profile's document as it is written")
    show.add_argument("name", metavar="NAME")
    show.add_argument("--json", action="store_true", help="states and moves by level, as one JSON object")
    show.set_defaults(run=show_profile)
    draw = acts.add_parser("diagram", help="the states and moves of a level as an SVG picture")
    draw.add_argument("name", metavar="NAME")
    draw.add_argument("--level", default="", help="order, item, parcel …; the profile's first when left out")
    draw.add_argument("--lang", default="", help="language of the labels; the profile's first when left out")
    draw.set_defaults(run=draw_profile)


def check_profiles(options: argparse.Namespace) -> int:
    """Print every fault as ``file:line: rule: sentence``; 1 when there is one. Raises Refused for no such file."""
    from sledi import profiles

    has_faults = False
    for file in options.files or [profiles.path(name) for name in profiles.names()]:
        try:
            written = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            raise Refused(f"{file} cannot be read: {problem}") from None
        found = profiles.faults_of(written, str(file))
        has_faults = has_faults or bool(found)
        print(*found or [f"{file}: no faults"], sep="\n")
    return 1 if has_faults else 0


def show_profile(options: argparse.Namespace) -> int:
    """Print a profile. Raises Refused for a name nobody knows."""
    from sledi import profiles

    try:
        written = profiles.text(options.name)
    except profiles.UnknownProfile as problem:
        raise Refused(str(problem)) from None
    if options.json:
        print(json.dumps(_table(_known(options.name)), ensure_ascii=False, indent=2))
    else:
        sys.stdout.write(written)
    return 0


def draw_profile(options: argparse.Namespace) -> int:
    """Print the picture of a level. Raises Refused for an unknown profile, level or language."""
    from sledi.core.workflow import diagram

    workflow = _known(options.name)
    level = options.level or next(iter(workflow.levels))
    language = options.lang or workflow.languages[0]
    if level not in workflow.levels:
        raise Refused(f"profile {options.name} has no level {level}: {', '.join(workflow.levels)}")
    if language not in workflow.languages:
        raise Refused(f"profile {options.name} does not speak {language}: {', '.join(workflow.languages)}")
    print(diagram(workflow, level, language))
    return 0


def _known(name: str) -> "Workflow":
    from sledi import profiles
    from sledi.core.workflow import FaultyProfile

    try:
        return profiles.workflow(name)
    except (profiles.UnknownProfile, FaultyProfile) as problem:
        raise Refused(str(problem)) from None


def _table(workflow: "Workflow") -> dict[str, Any]:
    """States and moves by level, without words: what the table executes."""
    return {
        "profile": workflow.profile,
        "version": workflow.version,
        "languages": workflow.languages,
        "levels": {
            level: {
                "is_derived": known.is_derived,
                "states": list(workflow.states(level)),
                "moves": [
                    {
                        "name": move.name,
                        "from": sorted(move.sources),
                        "to": move.target,
                        "trigger": move.trigger,
                        "roles": sorted(move.roles),
                        "requires": {field.key: field.type for field in move.fields},
                        "guards": [guard.name for guard in move.guards],
                        "effects": [effect.name for effect in move.effects],
                        "is_bulk": move.is_bulk,
                    }
                    for move in workflow.transitions(level).values()
                ],
            }
            for level, known in workflow.levels.items()
        },
    }
