"""Ukrposhta: status tracking, JSON over HTTPS.

Contract: the operator's document on status tracking of 2026-03-04 (event codes in its appendix Б), known from
public clients that cite it (tibezh/ukrposhta-php-sdk, RomaBilka/parcel-tracking, itsvic-dev/parcel,
killobatt/ukrposhta-tracking); read 2026-11-21. About half of the codes have no published name.

Times are Kyiv wall clock; those of events abroad stand as the partner post sent them, in an unknown zone.
Steps are not in the order of time. Code 41000 with reason 10 is the parcel handed back to its sender.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from sledi.core.carrier import (
    Account,
    Call,
    Denied,
    Direction,
    Event,
    Outcome,
    Reading,
    Refused,
    Reply,
    Report,
    Request,
    Throttled,
    Unavailable,
    Unreadable,
    ZoneBasis,
)

SLUG = "ukrposhta"
CALLS = (
    Call("statuses", role="history", batch=50, secrets=("bearer",)),
    Call("last", role="state", batch=100, secrets=("bearer",)),  # the newest event alone
)

_ADDRESS = "https://www.ukrposhta.ua"
_PATHS = {"statuses": "statuses/with-not-found", "last": "statuses/last/with-not-found"}
_KYIV = ZoneInfo("Europe/Kyiv")
_PAUSE_S = 60  # the gateway names no figure when it throttles
_HANDED_BACK = 10

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_CODES: dict[str, str] = _TABLES["codes"] | {
    str(code): "sys.note" for first, last in _TABLES["containers"]["codes"] for code in range(first, last + 1)
}
_UNNAMED = frozenset(map(str, _TABLES["unnamed"]["codes"]))
_WORDS = [(re.compile(pattern), code) for pattern, code in _TABLES["unnamed"]["words"]]
_COUNTRIES = {name.casefold(): iso for iso, names in _TABLES["countries"].items() for name in names}

_INTO_UKRAINE = {"line.hub_in": "last.sort_in", "line.hub_out": "last.sort_out"}
_REASONS = (
    (re.compile(r"відмов|refus"), "consignee_refused"),
    (re.compile(r"відсутн|absent|not at home"), "consignee_not_home"),
    (
        re.compile(r"(не\w+ |wrong |incorrect |incomplete )(адрес(?!ат)|address)"),
        "consignee_incorrect_address",
    ),
)
_CODES_WITH_REASON = frozenset({"last.failed", "ret.started", "ret.done"})


def ask(
    numbers: Sequence[str],
    account: Account,
    kind: str,
    *,
    language: str = "en",
    ticket: str = "",
    callback_url: str = "",
    hints: Mapping[str, str] | None = None,
) -> Request:
    """The request for histories or last events, in the form that names the unknown numbers.

    A dead number can spoil a batch of the plain form. Raises KeyError for an unknown kind or no bearer.
    """
    return Request(
        "POST",
        f"{account.base_url or _ADDRESS}/status-tracking/0.0.1/{_PATHS[kind]}"
        f"?lang={'UA' if language == 'uk' else 'EN'}",
        {
            "authorization": f"Bearer {account.secrets['bearer']}",
            "content-type": "application/json",
            "accept": "application/json",
        },
        msgspec.json.encode(list(numbers)),
    )


_PHONE_FIELDS = re.compile(rb'(?s)("\w{0,30}[Pp]hone\w{0,30}"\s*:\s*)(?:"(?:[^"\\]++|\\.)*+"?|[\w.+-]++)')
_PHONES = re.compile(rb"(?<![\w.+*-])\+?(?:38)?0\d{9}(?!\d)")


def mask(reply: Reply) -> Reply:
    """The reply without telephones. Works on the bytes, so that half a body is masked like a whole one."""
    return replace(reply, body=_PHONES.sub(b"***", _PHONE_FIELDS.sub(rb'\1""', reply.body)))


def read(reply: Reply) -> Reading:
    """What the reply says of each number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    if reply.status == 404 and b"UPE02000" in reply.body:  # none of the numbers is known
        return Reading(tuple(_report(number, []) for number in reply.numbers))
    _check_status(reply)
    found, unknown = _answer(reply)
    reports: dict[str, Report] = {}
    problems: list[Unreadable] = []
    for barcode, scans in [*found.items(), *((barcode, _NOTHING) for barcode in unknown)]:
        try:
            number = _asked(barcode, reply)
            reports[number] = _report(number, _scans(barcode, scans))
        except Unreadable as problem:  # one number steps aside, the others of the batch go on
            problems.append(problem)
    if problems and not reports:
        raise problems[0]
    why = "; ".join(map(str, problems)) or "not mentioned in the reply"
    silent = [number for number in reply.numbers if number not in reports]
    return Reading((*reports.values(), *(Report(n, Outcome.TEMPORARY, message=why) for n in silent)))


def _check_status(reply: Reply) -> None:
    if reply.status == 429:
        wanted = reply.headers.get("retry-after", "")
        raise Throttled("too many calls", int(wanted) if re.fullmatch(r"\d{1,5}", wanted) else _PAUSE_S)
    if reply.status == 401:
        raise Denied("the StatusTracking bearer is not accepted")
    if not (reply.status == 200 or 400 <= reply.status < 500) or reply.body.lstrip()[:1] == b"<":
        raise Unavailable(f"HTTP {reply.status} instead of an answer of the service")
    if reply.status == 403:
        raise Denied("the StatusTracking bearer may not ask this")
    if reply.status != 200:
        raise Refused(f"HTTP {reply.status}")


class _Scan(msgspec.Struct, rename="camel"):
    barcode: str
    date: datetime
    event: int | str  # changes between calls
    step: int = 0
    name: str | None = None
    event_name: str | None = None
    country: str | None = None
    event_reason: str | None = None
    event_reason_id: int | None = msgspec.field(default=None, name="eventReason_id")


class _Histories(msgspec.Struct):
    found: dict[str, msgspec.Raw]
    unknown: list[str] = msgspec.field(name="notFound")


class _LastScans(msgspec.Struct):
    found: list[dict[str, object]]  # each a scan, or a map of numbers to scans
    unknown: list[str] = msgspec.field(name="notFound")


_Shape = TypeVar("_Shape")
_NOTHING = msgspec.Raw(b"[]")


def _decoded(body: bytes | msgspec.Raw, shape: type[_Shape], where: str = "") -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as problem:
        expected, _, path = str(problem).partition(" - at `$")
        raise Unreadable((where + path).strip(".`") or "reply", expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unavailable(f"not a whole JSON answer: {problem}") from None


def _answer(reply: Reply) -> tuple[Mapping[str, msgspec.Raw], Sequence[str]]:
    """Scans by number, and the numbers that the carrier does not know."""
    if reply.kind != "last":
        histories = _decoded(reply.body, _Histories)
        return histories.found, histories.unknown
    last = _decoded(reply.body, _LastScans)
    scans = {}
    for entry in last.found:
        for barcode, scan in [(entry["barcode"], entry)] if "barcode" in entry else entry.items():
            scans[str(barcode)] = msgspec.Raw(msgspec.json.encode([scan]))
    return scans, last.unknown


def _scans(barcode: str, found: msgspec.Raw) -> list[_Scan]:
    scans = _decoded(found, list[_Scan], f"found.{barcode}")
    for position, scan in enumerate(scans):
        if scan.barcode.upper() != barcode.upper():
            raise Unreadable(f"found.{barcode}[{position}].barcode", scan.barcode)
    return scans


def _asked(barcode: str, reply: Reply) -> str:
    """The number in the spelling asked for. Raises Unreadable for a number nobody asked for."""
    for number in reply.numbers or (barcode,):
        if number.upper() == barcode.upper():
            return number
    raise Unreadable("barcode", barcode)


def _report(number: str, scans: Sequence[_Scan]) -> Report:
    if not scans:
        return Report(number, Outcome.NOT_FOUND, message="Shipment not found")
    found = [(_event(number, scan), scan.step) for scan in scans]
    unique = {(event.raw_code, event.raw_time[:16], event.place): (event, step) for event, step in found}
    ordered = sorted(unique.values(), key=lambda pair: (pair[0].occurred_at, pair[1]))
    events = tuple(_with_direction(event for event, _ in ordered))
    unmapped = sum(event.code == "sys.unmapped" for event in events)
    return Report(number, Outcome.FOUND, events, unmapped=unmapped)


def _with_direction(events: Iterable[Event]) -> Iterator[Event]:
    """Oldest first: from the first sign of a return on, everything belongs to the way back."""
    is_back = False
    for event in events:
        is_back = is_back or event.code.startswith("ret.")
        yield replace(event, direction=Direction.RETURN) if is_back else event


def _event(number: str, scan: _Scan) -> Event:
    raw_code = _words(str(scan.event)).replace(" ", "")  # the published table prints some with a blank inside
    text = _words(scan.event_name)
    country = _COUNTRIES.get(_words(scan.country).casefold(), "")
    code = _code(raw_code, scan, number, country)
    occurred_at, basis = _moment(scan.date, country)
    return Event(
        code=code,
        raw_code=raw_code,
        raw_text=text,
        raw_time=scan.date.isoformat(),
        occurred_at=occurred_at,
        zone_basis=basis,
        zone="Europe/Kyiv" if basis is ZoneBasis.CARRIER_RULE else "",
        text_language="uk" if re.search("[а-яіїєґ]", text.casefold()) else "en",
        reason=_reason(_words(scan.event_reason)) if code in _CODES_WITH_REASON else "",
        place=_words(scan.name),
        country=country,
    )


def _words(text: str | None) -> str:
    """A text of the carrier in one line; what is longer than any honest one is cut."""
    return " ".join((text or "")[:500].split())


def _moment(date: datetime, country: str) -> tuple[datetime, ZoneBasis]:
    """UTC and how sure it is; a time abroad is read as Kyiv's for want of better."""
    basis = ZoneBasis.CARRIER_RULE if country == "UA" else ZoneBasis.UNKNOWN
    try:
        if date.tzinfo is not None:
            return date.astimezone(UTC), ZoneBasis.GIVEN
        return date.replace(tzinfo=_KYIV).astimezone(UTC), basis
    except OverflowError:
        raise Unreadable("date", date.isoformat()) from None


def _code(raw_code: str, scan: _Scan, number: str, country: str) -> str:
    if raw_code == "41000" and scan.event_reason_id == _HANDED_BACK:
        return "ret.done"
    is_inbound = re.fullmatch(r"[A-Z]{2}\d{9}(?!UA)[A-Z]{2}", number.upper()) is not None
    if raw_code in _UNNAMED:
        side = "imp" if is_inbound == (country == "UA") else "exp"
        return _by_words(_words(scan.event_name).casefold(), side if scan.country else "")
    code = _CODES.get(raw_code, "sys.unmapped")
    return _INTO_UKRAINE.get(code, code) if is_inbound and country == "UA" else code


def _by_words(words: str, side: str) -> str:
    """What the words of an operation say for certain, else "moving". ``side`` is exp, imp or unknown."""
    if re.search("експорт|export", words):
        side = "exp"
    elif re.search("імпорт|import", words):
        side = "imp"
    code = next((code for pattern, code in _WORDS if pattern.search(words)), "line.moving")
    if code.startswith("*"):
        code = code.replace("*", side) if side else "line.moving"
    return "exp.departed" if code == "exp.office_out" else code


def _reason(words: str) -> str:
    return next((reason for pattern, reason in _REASONS if pattern.search(words.casefold())), "")
