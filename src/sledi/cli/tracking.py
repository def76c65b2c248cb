"""``sledi detect | track | carrier | tracking | operator``."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused, start_django

if TYPE_CHECKING:
    from sledi.cli import Commands
    from sledi.core.carrier import Event, Report

TRACK_WAIT_S = 20


def register(commands: "Commands") -> None:
    _register_detect(commands)
    _register_track(commands)
    _register_carrier(commands)
    _register_tracking(commands)
    _register_operator(commands)


def _register_detect(commands: "Commands") -> None:
    parser = commands.add_parser(
        "detect", help="whose numbers are these? One a line on standard input when none is given"
    )
    parser.add_argument("numbers", nargs="*", metavar="NUMBER")
    parser.add_argument("--origin", type=_country, default="", metavar="CC", help="country of the sender")
    parser.add_argument(
        "--destination", type=_country, default="", metavar="CC", help="country of the recipient"
    )
    parser.add_argument("--jsonl", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=detect)


def _country(text: str) -> str:
    from sledi.core.numbers.countries import ASSIGNED

    if text and text.upper() not in ASSIGNED:
        raise argparse.ArgumentTypeError(f"{text!r} is no country of ISO 3166-1 (two letters, as KZ)")
    return text.upper()


def detect(options: argparse.Namespace) -> int:
    """Recognise numbers; 1 when none of them has a candidate."""
    from sledi.core.numbers import Hints
    from sledi.core.numbers import detect as recognise

    hints = Hints(origin=options.origin, destination=options.destination)
    found = False
    for number in options.numbers or _lines_of_input():
        answer = recognise(number, hints)
        found = found or bool(answer.candidates)
        if options.jsonl:
            _print_json(answer.to_dict())
            continue
        print(f"{answer.normalized or answer.raw!r}")
        for candidate in answer.candidates:
            sure = "confirmed" if candidate.confirmed else f"{candidate.confidence:.0%}"
            print(f"  {candidate.carrier:20} {sure:>9}  {candidate.reason}")
        for mistake in answer.errors:
            print(f"  ! {mistake.reason}" + (f", expected {mistake.expected}" if mistake.expected else ""))
        if answer.question:
            print(f"  ? {answer.question.remark.words}")
    return 0 if found else 1


def _lines_of_input() -> Iterator[str]:
    """The lines of standard input; bytes that are no UTF-8 are marked, not fatal."""
    for line in sys.stdin.buffer:
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _register_track(commands: "Commands") -> None:
    parser = commands.add_parser("track", help="ask the carriers about numbers and print the timelines")
    parser.add_argument("numbers", nargs="+", metavar="NUMBER")
    parser.add_argument("--anyway", action="store_true", help="also follow numbers that look mistyped")
    parser.add_argument("--lang", default="en", choices=["ru", "bg", "kk", "uk", "en"])
    parser.add_argument(
        "--destination", type=_country, default="", metavar="CC", help="country of the recipient"
    )
    parser.add_argument(
        "--json", action="store_true", help="the timeline as the API gives it, one object a line"
    )
    parser.set_defaults(run=track)


def track(options: argparse.Namespace) -> int:
    """Follow numbers, ask whoever may know them, print what is known; 1 when nothing was found."""
    start_django(strict=True)
    from sledi.tracking import operations, queries
    from sledi.tracking.timeline_json import parcel_json

    try:
        opened = operations.open_list(
            "\n".join(options.numbers), client=None, at=datetime.now(UTC), destination=options.destination
        )
    except operations.NothingFound:
        raise Refused("there is no tracking number in this") from None
    if opened.dropped:
        print(
            f"sledi: {opened.dropped} numbers beyond {operations.NUMBERS_MAX} are left out", file=sys.stderr
        )
    try:
        doubtful = [
            row for row in queries.open_page(opened.token, datetime.now(UTC)).rows if row.trace is None
        ]
        for row in doubtful if options.anyway else ():
            operations.insist(opened.token, row.number, at=datetime.now(UTC))
        left_out = set() if options.anyway else {row.number for row in doubtful}
        followed = [number for number in opened.numbers if number not in left_out]
        if followed:
            _ask_now(opened.token)
        pages = [queries.parcel_page(opened.token, number, datetime.now(UTC)) for number in followed]
    finally:
        operations.forget_list(opened.token)
    for number in left_out:
        print(_mistyped(number), file=sys.stderr if options.json else sys.stdout)
    for page in pages:
        found = parcel_json(page, options.lang, datetime.now(UTC))
        if options.json:
            _print_json(found)
        else:
            _print_timeline(found)
    return 0 if any(page.timeline.lines for page in pages) else 1


def _mistyped(number: str) -> str:
    from sledi.core.numbers import detect, grouped

    mistakes = [f"{mistake.reason}, expected {mistake.expected}" for mistake in detect(number).errors]
    return (
        f"{grouped(number)}  probably mistyped ({'; '.join(mistakes)}); follow it all the same with --anyway"
    )


def _ask_now(token: str) -> None:
    """Ask the carriers of a list here and now, until all have answered or time is up."""
    from asgiref.sync import async_to_sync, sync_to_async

    from sledi.tracking import queries, wire
    from sledi.tracking.poller import poll_once

    async def ask() -> None:
        deadline = time.monotonic() + TRACK_WAIT_S
        async with wire.client() as http:
            while time.monotonic() < deadline:
                waiting = await sync_to_async(queries.waiting_watches)(token)
                if not waiting:
                    return
                made = [await poll_once([slug], http, only=ids) for slug, ids in waiting.items()]
                if not any(made):  # a contract demands a pause, or the worker was faster
                    await asyncio.sleep(0.1)

    async_to_sync(ask)()


def _print_timeline(found: dict[str, Any]) -> None:
    print(f"{found['number']}  {found['status_name']}")
    where = ", ".join(part for part in (found["place"], found["country"]) if part)
    if where:
        print(f"  {where}, {found['since']}")
    if found["silence"]:
        low, high = found["silence"]["usual_days"]
        print(f"  {found['silence']['days']} days without a scan (usual here: {low}-{high})")
    for event in found["events"]:
        place = ", ".join(part for part in (event["place"], event["country"]) if part)
        print(f"  {event['at'][:16]}  {event['name']}" + (f" ({place})" if place else ""))
    for asked in found["asked"]:
        if not asked["is_configured"]:
            print(f"  {asked['carrier']}: no access to it is configured here")
        elif asked["is_failing"]:
            print(f"  {asked['carrier']}: did not answer, asked again {asked['next_at']}")


def _register_carrier(commands: "Commands") -> None:
    acts = commands.add_parser("carrier", help="the directory of carriers").add_subparsers(
        required=True, metavar="ACT"
    )
    listing = acts.add_parser("list", help="all carriers")
    listing.add_argument("--jsonl", action="store_true")
    listing.set_defaults(run=list_carriers)
    show = acts.add_parser("show", help="one carrier")
    show.add_argument("slug", metavar="SLUG")
    show.set_defaults(run=show_carrier)
    read = acts.add_parser("read", help="read a raw reply on standard input into events")
    read.add_argument("slug", metavar="SLUG")
    read.add_argument("--kind", default="", help="kind of call the reply answers")
    read.add_argument("--number", action="append", default=[], metavar="N", help="number that was asked for")
    read.add_argument("--status", type=int, default=200, help="HTTP status of the reply")
    read.add_argument("--jsonl", action="store_true", help="one JSON object a line (the only form)")
    read.set_defaults(run=read_reply)


def list_carriers(options: argparse.Namespace) -> int:
    """Every carrier known by name."""
    start_django()
    from sledi.carriers import directory
    from sledi.tracking.timeline_json import carrier_json

    for known in directory().values():
        found = carrier_json(known)
        if options.jsonl:
            _print_json(found)
        else:
            how = "asked here" if found["is_configured"] else "not configured" if found["has_adapter"] else ""
            print(f"{found['slug']:22} {found['country']:3} {found['names']['en']:28} {how}".rstrip())
    return 0


def show_carrier(options: argparse.Namespace) -> int:
    """One carrier as JSON. Raises Refused for a slug nobody knows."""
    start_django()
    from sledi.carriers import UnknownCarrier, entry
    from sledi.tracking.timeline_json import carrier_json

    try:
        found = carrier_json(entry(options.slug))
    except UnknownCarrier:
        raise Refused(f"there is no carrier {options.slug}: see `sledi carrier list`") from None
    print(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def read_reply(options: argparse.Namespace) -> int:
    """Read a raw reply as the product would; 1 when the whole call failed or nothing was found."""
    from sledi.carriers import UnknownCarrier, carrier
    from sledi.core.carrier import CarrierError, Reply

    try:
        module = carrier(options.slug)
    except UnknownCarrier:
        raise Refused(f"there is no adapter for {options.slug}: see `sledi carrier list`") from None
    kind = options.kind or next(call.kind for call in module.CALLS if call.role == "history")
    if kind not in {call.kind for call in module.CALLS}:
        raise Refused(f"{options.slug} has no kind {kind}: {', '.join(call.kind for call in module.CALLS)}")
    reply = Reply(
        status=options.status, body=sys.stdin.buffer.read(), kind=kind, numbers=tuple(options.number)
    )
    try:
        reading = module.read(module.mask(reply))
    except CarrierError as problem:
        print(f"sledi: {type(problem).__name__}: {problem}", file=sys.stderr)
        for line in _failed(options.number, problem):
            _print_json(line)
        return 1
    for report in reading.reports:
        _print_json(_report(report))
    return 0 if any(report.outcome == "found" for report in reading.reports) else 1


def _failed(numbers: Iterable[str], problem: Exception) -> Iterator[dict[str, Any]]:
    from sledi.core.carrier import Denied

    outcome = "denied" if isinstance(problem, Denied) else "temporary"
    for number in numbers:
        yield {"number": number, "outcome": outcome, "events": [], "unmapped": 0}


def _report(report: "Report") -> dict[str, Any]:
    return {
        "number": report.number,
        "outcome": str(report.outcome),
        "events": [_event(event) for event in report.events],
        "unmapped": report.unmapped,
    }


def _event(event: "Event") -> dict[str, Any]:
    return {
        "code": event.code,
        "reason": event.reason,
        "raw_code": event.raw_code,
        "raw_text": event.raw_text,
        "occurred_at": event.occurred_at.isoformat(),
        "zone_basis": str(event.zone_basis),
        "place": event.place,
        "country": event.country,
        "direction": str(event.direction),
    }


def _register_tracking(commands: "Commands") -> None:
    acts = commands.add_parser("tracking", help="what is stored of parcels").add_subparsers(
        required=True, metavar="ACT"
    )
    rebuild = acts.add_parser("rebuild", help="derive everything again from the raw replies")
    rebuild.add_argument("--check", action="store_true", help="only compare; 1 when anything differs")
    rebuild.set_defaults(run=rebuild_tracking)


def rebuild_tracking(options: argparse.Namespace) -> int:
    """Derive events and projections again; say what came out otherwise."""
    start_django(strict=True)
    from sledi.tracking.rebuild import rebuild

    found = rebuild(datetime.now(UTC), only_compare=options.check)
    print(
        f"{found.replies} replies read, {found.events} events: {found.added} added, {found.changed} changed, "
        f"{found.removed} removed; {found.watches_changed} answers and {found.traces_changed} parcels came out"
        " otherwise"
    )
    return 1 if options.check and not found.is_identical else 0


def _register_operator(commands: "Commands") -> None:
    acts = commands.add_parser("operator", help="who runs this installation").add_subparsers(
        required=True, metavar="ACT"
    )
    link = acts.add_parser("link", help="a link that signs an operator in once, within 15 minutes")
    link.add_argument("--email", default="operator@localhost")
    link.set_defaults(run=operator_link)


def operator_link(options: argparse.Namespace) -> int:
    """Print a sign-in link for an operator, made when new."""
    start_django(strict=True)
    from django.conf import settings
    from django.core.exceptions import ValidationError

    from sledi.accounts.operations import appoint_operator, sign_in_token

    now = datetime.now(UTC)
    try:
        person = appoint_operator(options.email, now)
    except ValidationError:
        raise Refused(f"{options.email!r} is no e-mail address") from None
    print(f"{settings.SITE_URL}/sign-in/{sign_in_token(person, now)}/")
    return 0


def _print_json(found: dict[str, Any]) -> None:
    # An argument that is no UTF-8 has half characters in it, which no terminal and no JSON reader takes.
    print(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace").decode())
