"""What the replies of all carriers have in common: status, JSON, the numbers asked for, times, signatures.

A carrier's ``read`` is written with these, so that its module holds only what is its own:

    check_status()     the carrier answered, in its own protocol; else the error that says who must act
    decoded()          a JSON body as typed structs; a field that breaks the contract is named
    as_asked()         a number found in a reply, in the spelling it was asked in
    reports_asked()    a report for each number of a batch; one that is broken spoils no other
    history()          the report of a parcel that is known, from its events, oldest first
    moment_in()        UTC of a local time that is written without a zone
    one_line(), grams(), country_code()    a text, a weight, a country, as carriers write them
    s10_country()      the country that issued a UPU S10 number
    EXPORT_SIDE, DESTINATION_HUBS    what a scan becomes when the side of the border is known
    secrets_of()       a secret, and the one it replaces
    is_signed()        whether a push carries one of the expected signatures

The rest, people out of a reply, is in ``core/privacy``. All are pure; the errors are those of ``core/carrier``.
"""

import hmac
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from sledi.core.carrier import (
    Account,
    Denied,
    Direction,
    Event,
    Outcome,
    Refused,
    Reply,
    Report,
    Throttled,
    Unavailable,
    Unreadable,
)

_LONGEST_TEXT = 500  # no honest text of a scan is longer
_Shape = TypeVar("_Shape")
_Entry = TypeVar("_Entry")


def check_status(
    reply: Reply,
    pause_s: int,
    denied: Mapping[int, str],
    *,
    unless_page: Collection[int] = (),
    answers: Collection[int] = (200,),
) -> None:
    """Returns when the HTTP status is one of ``answers`` and the body is no page of HTML or XML.

    ``denied`` are the statuses that refuse access, each with the words for the operator; those of them in
    ``unless_page`` mean it only without a page, which is the gateway's and speaks of trouble.
    Raises Throttled as ``check_pace``; Denied; Unavailable for a page, a redirect or HTTP 5xx; Refused for any
    other 4xx.
    """
    check_pace(reply, pause_s)
    is_page = reply.body.lstrip()[:1] == b"<"
    if reply.status in denied and not (is_page and reply.status in unless_page):
        raise Denied(denied[reply.status])
    if is_page or not (reply.status == 200 or 400 <= reply.status < 500):
        raise Unavailable(f"HTTP {reply.status} instead of an answer of the service")
    if reply.status not in answers:
        raise Refused(f"HTTP {reply.status}")


def check_pace(reply: Reply, pause_s: int) -> None:
    """Raises Throttled for HTTP 429: for the seconds of Retry-After up to a day, else for ``pause_s``."""
    if reply.status == 429:
        wanted = reply.headers.get("retry-after", "")
        raise Throttled("too many calls", int(wanted) if re.fullmatch("[0-9]{1,5}", wanted) else pause_s)


def decoded(body: bytes | msgspec.Raw, shape: type[_Shape], where: str = "") -> _Shape:
    """A JSON text as ``shape``; ``where`` is the path of a text that stands inside another.

    Raises Unreadable with the path of the field that does not fit (``data[0].steps[2].timestamp``), Unavailable
    for what is no JSON, or half of one.
    """
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as problem:
        expected, _, path = str(problem).partition(" - at `$")
        raise Unreadable((where + path).strip(".`") or "reply", expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unavailable(f"not a whole JSON answer: {problem}") from None


def as_asked(found: str | None, reply: Reply, where: str) -> str:
    """A number of the reply in the spelling asked for; as it stands when nobody asked (a push).

    Raises Unreadable for no number, and for one nobody asked for: it is another parcel's.
    """
    for number in reply.numbers or (found,):
        if found and number and number.upper() == found.upper():
            return number
    raise Unreadable(where, found)


def reports_asked(
    reply: Reply, entries: Iterable[_Entry], read_entry: Callable[[_Entry], Report]
) -> tuple[Report, ...]:
    """The reports of a batch, one for each number asked for.

    An entry that breaks the contract steps aside and the others go on; its number, and one the reply does not
    mention, is TEMPORARY and says why. Raises the first Unreadable when no entry could be read.
    """
    reports: dict[str, Report] = {}
    problems: list[Unreadable] = []
    for entry in entries:
        try:
            report = read_entry(entry)
            reports[report.number] = report
        except Unreadable as problem:
            problems.append(problem)
    if problems and not reports:
        raise problems[0]
    why = "; ".join(map(str, problems)) or "not mentioned in the reply"
    silent = (number for number in reply.numbers if number not in reports)
    return (*reports.values(), *(Report(number, Outcome.TEMPORARY, message=why) for number in silent))


def history(number: str, events: Iterable[Event]) -> Report:
    """The report of a parcel that the carrier knows. ``events`` come oldest first."""
    directed = tuple(with_direction(events))
    unmapped = sum(event.code == "sys.unmapped" for event in directed)
    return Report(number, Outcome.FOUND, directed, unmapped=unmapped)


def with_direction(events: Iterable[Event]) -> Iterator[Event]:
    """Oldest first: from the first sign of a return on, everything belongs to the way back."""
    is_back = False
    for event in events:
        is_back = is_back or (event.code.startswith("ret.") and not event.withdraws)
        yield replace(event, direction=Direction.RETURN) if is_back else event


def moment_in(zone: ZoneInfo, text: str, where: str, pattern: str = "") -> datetime:
    """UTC of a local time, in ISO 8601 or by a ``strptime`` pattern. An offset in it is not believed.

    Raises Unreadable naming ``where`` for what is no time, or none that a calendar has.
    """
    try:
        local = datetime.strptime(text, pattern) if pattern else datetime.fromisoformat(text)  # noqa: DTZ007
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(where, text) from None


def one_line(text: str | None) -> str:
    """A text of the carrier in one line; what is longer than any honest one is cut."""
    return " ".join((text or "")[:_LONGEST_TEXT].split())


def grams(kilograms: str | float | None) -> int | None:
    """A weight in kilograms, as a number or in writing; None for none, and for what no parcel weighs."""
    try:
        weight_kg = float(kilograms or 0)
    except ValueError:
        return None
    return round(weight_kg * 1000) if 0 < weight_kg < 1000 else None


def country_code(text: str | None) -> str:
    """Two letters as of ISO 3166-1 alpha-2, in upper case; empty for anything else."""
    country = (text or "").upper()
    return country if re.fullmatch("[A-Z]{2}", country) else ""


_S10 = re.compile("[A-Z]{2}[0-9]{9}([A-Z]{2})")


def s10_country(number: str) -> str:
    """The last two letters of a UPU S10 number, in any case of letters; empty for another number.

    >>> s10_country("rb481503678cn"), s10_country("80123456789018")
    ('CN', '')
    """
    s10 = _S10.fullmatch(number.upper())
    return s10[1] if s10 else ""


EXPORT_SIDE: Mapping[str, str] = MappingProxyType(
    {
        "imp.customs_in": "exp.customs_in",
        "imp.customs_out": "exp.customs_out",
        "imp.customs_held": "exp.customs_held",
        "imp.customs_docs": "exp.customs_held",
    }
)
"""Customs of a carrier that does not say which, when the scan was made in the country of origin."""

DESTINATION_HUBS: Mapping[str, str] = MappingProxyType(
    {"line.hub_in": "last.sort_in", "line.hub_out": "last.sort_out"}
)
"""A hub of unknown side, when a parcel from abroad was scanned there in the country of destination."""


def secrets_of(account: Account, name: str) -> list[str]:
    """The secret in use and, after a comma, the one it replaces: what is signed with either is genuine."""
    return [secret.strip() for secret in account.secrets.get(name, "").split(",") if secret.strip()]


def is_signed(given: bytes, expected: Iterable[bytes]) -> bool:
    """Whether the signature is one of those expected; in constant time, so each is compared."""
    return any([hmac.compare_digest(given, signature) for signature in expected])  # noqa: C419
