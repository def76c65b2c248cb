"""Ukrposhta: status tracking, JSON over HTTPS.

Contract: the operator's document on status tracking of 2026-03-04 (event codes in its appendix Б), known from
public clients that cite it (tibezh/ukrposhta-php-sdk, RomaBilka/parcel-tracking, itsvic-dev/parcel,
killobatt/ukrposhta-tracking); read 2026-11-21. About half of the codes have no published name.

Times are Kyiv wall clock; those of events abroad stand as the partner post sent them, in an unknown zone.
Steps are not in the order of time. Code 41000 with reason 10 is the parcel handed back to its sender.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from sledi.core.carrier import (
    Account,
    Call,
    Event,
    Outcome,
    Reading,
    Reply,
    Report,
    Request,
    Unreadable,
    ZoneBasis,
)
from sledi.core.privacy import private_fields, telephones, without_people
from sledi.core.replies import (
    DESTINATION_HUBS,
    as_asked,
    check_status,
    decoded,
    history,
    one_line,
    reports_asked,
    s10_country,
)

SLUG = "ukrposhta"
CALLS = (
    Call("statuses", role="history", batch=50, secrets=("bearer",)),
    Call("last", role="state", batch=100, secrets=("bearer",)),  # the newest event alone
)

_ADDRESS = "https://www.ukrposhta.ua"
_PATHS = {"statuses": "statuses/with-not-found", "last": "statuses/last/with-not-found"}
_KYIV = ZoneInfo("Europe/Kyiv")
_CLOCKS = {
    "CN": ZoneInfo("Asia/Shanghai"),
    "HK": ZoneInfo("Asia/Hong_Kong"),
    "SG": ZoneInfo("Asia/Singapore"),
    "PL": ZoneInfo("Europe/Warsaw"),
    "DE": ZoneInfo("Europe/Berlin"),
    "TR": ZoneInfo("Europe/Istanbul"),
    "BG": ZoneInfo("Europe/Sofia"),
    "BY": ZoneInfo("Europe/Minsk"),
    "KZ": ZoneInfo("Asia/Almaty"),
}
_PAUSE_S = 60  # the gateway names no figure when it throttles
_DENIED = {
    401: "the StatusTracking bearer is not accepted",
    403: "the StatusTracking bearer may not ask this",
}
_HANDED_BACK = 10

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_CODES: dict[str, str] = _TABLES["codes"] | {
    str(code): "sys.note" for first, last in _TABLES["containers"]["codes"] for code in range(first, last + 1)
}
_UNNAMED = frozenset(map(str, _TABLES["unnamed"]["codes"]))
_WORDS = [(re.compile(pattern), code) for pattern, code in _TABLES["unnamed"]["words"]]
_COUNTRIES = {name.casefold(): iso for iso, names in _TABLES["countries"].items() for name in names}

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
    hints: Mapping[str, str] = {},
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


_PRIVATE = private_fields(r"\w{0,30}[Pp]hone\w{0,30}")
_TELEPHONES = telephones(r"\+?(?:38)?0\d{9}")


def mask(reply: Reply) -> Reply:
    """The reply without telephones, in fields and in texts."""
    return replace(reply, body=_TELEPHONES.sub(b"***", without_people(reply.body, _PRIVATE)))


def read(reply: Reply) -> Reading:
    """What the reply says of each number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    if reply.status == 404 and b"UPE02000" in reply.body:  # none of the numbers is known
        return Reading(tuple(_report(number, []) for number in reply.numbers))
    check_status(reply, _PAUSE_S, _DENIED, unless_page=(403,))
    found, unknown = _answer(reply)
    entries = [*found.items(), *((barcode, _NOTHING) for barcode in unknown)]

    def report(entry: tuple[str, msgspec.Raw]) -> Report:
        barcode, scans = entry
        return _report(as_asked(barcode, reply, "barcode"), _scans(barcode, scans))

    return Reading(reports_asked(reply, entries, report))


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


_NOTHING = msgspec.Raw(b"[]")


def _answer(reply: Reply) -> tuple[Mapping[str, msgspec.Raw], Sequence[str]]:
    """Scans by number, and the numbers that the carrier does not know."""
    if reply.kind != "last":
        histories = decoded(reply.body, _Histories)
        return histories.found, histories.unknown
    last = decoded(reply.body, _LastScans)
    scans = {}
    for entry in last.found:
        for barcode, scan in [(entry["barcode"], entry)] if "barcode" in entry else entry.items():
            scans[str(barcode)] = msgspec.Raw(msgspec.json.encode([scan]))
    return scans, last.unknown


def _scans(barcode: str, found: msgspec.Raw) -> list[_Scan]:
    scans = decoded(found, list[_Scan], f"found.{barcode}")
    for position, scan in enumerate(scans):
        if scan.barcode.upper() != barcode.upper():
            raise Unreadable(f"found.{barcode}[{position}].barcode", scan.barcode)
    return scans


def _report(number: str, scans: Sequence[_Scan]) -> Report:
    if not scans:
        return Report(number, Outcome.NOT_FOUND, message="Shipment not found")
    found = [(_event(number, scan), scan.step) for scan in scans]
    unique = {(event.raw_code, event.raw_time[:16], event.place): (event, step) for event, step in found}
    ordered = sorted(unique.values(), key=lambda pair: (pair[0].occurred_at, pair[1]))
    return history(number, (event for event, _ in ordered))


def _event(number: str, scan: _Scan) -> Event:
    raw_code = one_line(str(scan.event)).replace(" ", "")  # the published table prints some with a blank
    text = one_line(scan.event_name)
    country = _COUNTRIES.get(one_line(scan.country).casefold(), "")
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
        reason=_reason(one_line(scan.event_reason)) if code in _CODES_WITH_REASON else "",
        place=one_line(scan.name),
        country=country,
    )


def _moment(date: datetime, country: str) -> tuple[datetime, ZoneBasis]:
    """UTC and how sure it is.

    A time abroad is read by the one clock of its country, where it has one, else as Kyiv's: the partner post
    sends its own wall clock as a rule, and nobody promises it, so the zone stays unknown.
    """
    basis = ZoneBasis.CARRIER_RULE if country == "UA" else ZoneBasis.UNKNOWN
    try:
        if date.tzinfo is not None:
            return date.astimezone(UTC), ZoneBasis.GIVEN
        return date.replace(tzinfo=_CLOCKS.get(country, _KYIV)).astimezone(UTC), basis
    except OverflowError:
        raise Unreadable("date", date.isoformat()) from None


def _code(raw_code: str, scan: _Scan, number: str, country: str) -> str:
    if raw_code == "41000" and scan.event_reason_id == _HANDED_BACK:
        return "ret.done"
    is_inbound = s10_country(number) not in {"UA", ""}
    if raw_code in _UNNAMED:
        side = "imp" if is_inbound == (country == "UA") else "exp"
        return _by_words(one_line(scan.event_name).casefold(), side if scan.country else "")
    code = _CODES.get(raw_code, "sys.unmapped")
    return DESTINATION_HUBS.get(code, code) if is_inbound and country == "UA" else code


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
