"""Kazpost (Qazpost): the public tracking service, JSON over HTTPS.

Contract: answers recorded by a public client (rpagyc/parcel) and the dictionary of codes that clients carry;
there is no published specification; read 2026-11-21. The service caches for about an hour; no key.

Dates are wall clock of Kazakhstan without a zone, which moved from UTC+6 to UTC+5 on 2024-03-01: always
``Asia/Almaty``. UPU events of the other country are local there, in an unknown zone. A code with ``_UNDO``
takes back the earlier event of that code. A hand-out and a transit scan may share one minute: the hand-out is
put last, so that it is the newest. The summary's status may lag behind; histories come from ``events``.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote
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
from sledi.core.vocabularies import vocabulary

SLUG = "kazpost"
CALLS = (
    Call("events", role="history", spacing_s=1.0, again_after_s=3600),
    Call("summary", role="state", spacing_s=1.0, again_after_s=3600),  # weight, countries, last status
)

_ADDRESS = "https://track.post.kz"
_PATHS = {"events": "/events", "summary": ""}
_ALMATY = ZoneInfo("Asia/Almaty")
_PAUSE_S = 60

_GROUPS = {
    "orig.accepted": "RCP RCPOPS REGSRT REGPBT BAT",
    "line.hub_out": "SND SRTSND SRTSNDB SRTSNDIM TRANSITSND",
    "line.flight_out": "AVIASND",
    "line.hub_in": "TRN TRNRPO TRNBAG TRNSRT PRC TRANSITRCV SRTRPOREG",
    "line.moving": "SNDZONE",
    "bad.other": "NONTRNOPS NONTRNSRT",  # did not arrive
    "imp.customs_in": "SRT_CUSTOM",
    "imp.customs_held": "RPODELAY STRCUST",
    "imp.customs_out": "SNDZONE_T CUSTSRT_SND",
    "last.ready": "STR BOXISS DLV_POBOX TRNPST STRPST NONDLV_Z",
    "last.out": "DLV",
    "last.failed": "NONDLV NON NON_S NONDLV_S",
    "done.delivered": "ISSPAY DPAY ISSSC S_ISS",
    "line.redirected": "RDR RDRSC RDRSCSTR",
    "ret.started": "SNDDELAY CUSTOM_RET DELAY_RET CUSTSTR_RET RET RETSC RETSCSTR RETPST STRSC",
    "sys.note": "DEL_STR CORRECT",
}
_UPU = {raw: known.code for raw, known in vocabulary("upu_emsevt").statuses.items()}
_CODES = {raw: code for code, group in _GROUPS.items() for raw in group.split()} | _UPU
_INTO_KAZAKHSTAN = {"line.hub_in": "last.sort_in", "line.hub_out": "last.sort_out"}
_REASONS = (
    ("отказ", "consignee_refused"),
    ("отсутств", "consignee_not_home"),
    ("неполный адрес", "consignee_incorrect_address"),
    ("неверный адрес", "consignee_incorrect_address"),
)


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
    """The request for one number. Raises KeyError for an unknown kind, ValueError for several numbers."""
    (number,) = numbers
    url = f"{account.base_url or _ADDRESS}/api/v2/{quote(number, safe='')}{_PATHS[kind]}"
    return Request("GET", url, {"accept": "application/json"})


_STRING = rb'"(?:[^"\\]++|\\.)*+"?'
_OBJECT = rb'\{(?:[^{}"]|%b|\{(?:[^{}"]|%b)*+\}?)*+\}?' % (_STRING, _STRING)
_PRIVATE = re.compile(
    rb'(?s)("(?:sender|receiver|name_fact|\w{0,30}[Pp]hone\w{0,30})"\s*:\s*)(%b|%b|[\w.+-]++)'
    % (_STRING, _OBJECT)
)
_COUNTRY = re.compile(rb'"country"\s*:\s*"[A-Za-z]{2}"')
_PHONES = re.compile(rb"(?<![\w.+*-])(?:\+?7|8)[ (-]{0,2}7\d{2}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)")


def mask(reply: Reply) -> Reply:
    """The reply without people: of sender and receiver the country stays, telephones go.

    Works on the bytes, so that half a body is masked like a whole one.
    """
    return replace(reply, body=_PHONES.sub(b"***", _PRIVATE.sub(_without_people, reply.body)))


def _without_people(match: re.Match[bytes]) -> bytes:
    key, value = match.groups()
    if not value.startswith(b"{"):
        return key + b'""'
    country = _COUNTRY.search(value)
    return key + b"{" + (country.group() if country else b"") + (b"}" if value.endswith(b"}") else b"")


def read(reply: Reply) -> Reading:
    """What the reply says of its number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    _check_status(reply)
    answer = _decoded(reply.body)
    number = _asked(answer.trackid, reply)
    if answer.error is not None or reply.status == 404:
        is_unknown = reply.status == 404 or "не найден" in (answer.error or "").casefold()
        outcome = Outcome.NOT_FOUND if is_unknown else Outcome.TEMPORARY
        return Reading((Report(number, outcome, message=answer.error or ""),))
    return Reading((_summary(number, answer) if reply.kind == "summary" else _history(number, answer),))


def _check_status(reply: Reply) -> None:
    if reply.status == 429:
        wanted = reply.headers.get("retry-after", "")
        raise Throttled("too many calls", int(wanted) if re.fullmatch(r"\d{1,5}", wanted) else _PAUSE_S)
    if reply.status in {401, 403}:
        raise Denied("the service is open, so it is our address that is blocked")
    if not (reply.status == 200 or 400 <= reply.status < 500) or reply.body.lstrip()[:1] == b"<":
        raise Unavailable(f"HTTP {reply.status} instead of an answer of the service")
    if reply.status not in {200, 404}:
        raise Refused(f"HTTP {reply.status}")


class _Activity(msgspec.Struct):
    time: str
    status: list[str]
    city: str | None = None
    name: str | None = None
    nondlv_reason: str | None = None
    return_reason: str | None = None
    forward_reason: str | None = None


class _Day(msgspec.Struct):
    date: str
    activity: list[_Activity]


class _Person(msgspec.Struct):
    country: str | None = None


class _Last(msgspec.Struct):
    date: str | None = None
    city: str | None = None
    dep_name: str | None = None


class _Answer(msgspec.Struct):
    trackid: str
    error: str | None = None
    events: list[_Day] | None = None
    # The summary has the rest.
    status: str | None = None
    status_code: str | None = None
    x_status: str | None = None  # in recorded answers this pair is swapped
    x_status_code: str | None = None
    sender: _Person | None = None
    receiver: _Person | None = None
    last: _Last | None = None
    weight: float | None = None  # kilograms
    package_type: str | None = None


def _decoded(body: bytes) -> _Answer:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except msgspec.ValidationError as problem:
        expected, _, path = str(problem).partition(" - at `$")
        raise Unreadable(path.strip(".`") or "reply", expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unavailable(f"not a whole JSON answer: {problem}") from None


def _asked(trackid: str, reply: Reply) -> str:
    """The number in the spelling asked for. Raises Unreadable for a number nobody asked for."""
    for number in reply.numbers or (trackid,):
        if number.upper() == trackid.upper():
            return number
    raise Unreadable("trackid", trackid)


def _history(number: str, answer: _Answer) -> Report:
    if answer.events is None:
        raise Unreadable("events", None)
    if not answer.events:
        return Report(number, Outcome.NOT_FOUND)
    found = [
        _event(number, code, f"{day.date} {act.time}", f"events[{d}].activity[{a}].time", act)
        for d, day in enumerate(answer.events)
        for a, act in enumerate(day.activity)
        for code in act.status
    ]
    unique = {(e.raw_code, e.withdraws, e.occurred_at, e.place): e for e in reversed(found)}
    ordered = sorted(unique.values(), key=lambda e: (e.occurred_at, e.code.startswith("done.")))
    events = tuple(_with_direction(ordered))
    unmapped = sum(event.code == "sys.unmapped" for event in events)
    return Report(number, Outcome.FOUND, events, unmapped=unmapped)


def _summary(number: str, answer: _Answer) -> Report:
    """The parcel as a whole, with its last scan where the answer dates one."""
    codes = (answer.status_code, answer.x_status_code, answer.x_status)
    code = next((c for c in codes if c and re.fullmatch(r"[A-Z][A-Z0-9_]+", c)), "")
    events: tuple[Event, ...] = ()
    if code and answer.last and answer.last.date:
        scan = _Activity("", [code], answer.last.city, answer.last.dep_name)
        events = (_event(number, code, answer.last.date, "last.date", scan, answer.status or ""),)
    return Report(
        number,
        Outcome.FOUND,
        tuple(_with_direction(events)),
        origin=_iso(answer.sender),
        destination=_iso(answer.receiver),
        service=answer.package_type or "",
        weight_g=round(answer.weight * 1000) if answer.weight and 0 < answer.weight < 1000 else None,
        unmapped=sum(event.code == "sys.unmapped" for event in events),
    )


def _with_direction(events: Iterable[Event]) -> Iterator[Event]:
    """Oldest first: from the first sign of a return on, everything belongs to the way back."""
    is_back = False
    for event in events:
        is_back = is_back or (event.code.startswith("ret.") and not event.withdraws)
        yield replace(event, direction=Direction.RETURN) if is_back else event


def _event(number: str, code: str, date: str, where: str, scan: _Activity, title: str = "") -> Event:
    raw_code = _words(code.removesuffix("_UNDO"))
    country = _country(raw_code, number)
    why = scan.nondlv_reason or scan.return_reason or scan.forward_reason or ""
    canonical = _CODES.get(raw_code, "sys.unmapped")
    is_inbound = country == "KZ" and _issuer(number) not in {"KZ", ""}
    return Event(
        code=_INTO_KAZAKHSTAN.get(canonical, canonical) if is_inbound else canonical,
        raw_code=raw_code,
        raw_text=_words(f"{title or code} {why}"),
        raw_time=date,
        occurred_at=_moment(date, where),
        zone_basis=ZoneBasis.CARRIER_RULE if country == "KZ" else ZoneBasis.UNKNOWN,
        zone="Asia/Almaty" if country == "KZ" else "",
        text_language="ru" if title or why else "",
        reason=next((reason for words, reason in _REASONS if words in why.casefold()), ""),
        place=", ".join(filter(None, map(_words, (scan.city, scan.name)))),
        country=country,
        withdraws=code.endswith("_UNDO"),
    )


def _words(text: str | None) -> str:
    """A text of the carrier in one line; what is longer than any honest one is cut."""
    return " ".join((text or "")[:500].split())


def _moment(date: str, where: str) -> datetime:
    """UTC of a time in Kazakhstan; a time abroad is read alike for want of better."""
    try:
        if "." in date[:3]:
            return datetime.strptime(date, "%d.%m.%Y %H:%M").replace(tzinfo=_ALMATY).astimezone(UTC)
        return datetime.fromisoformat(date).replace(tzinfo=_ALMATY).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(where, date) from None


def _country(raw_code: str, number: str) -> str:
    """Where a scan was made: Kazpost's own codes at home, UPU's where the number's country makes it sure."""
    if raw_code not in _UPU:
        return "KZ"
    issuer, leg = _issuer(number), _UPU[raw_code].partition(".")[0]
    if leg in {"orig", "exp"}:
        return issuer
    return "KZ" if leg != "line" and issuer not in {"KZ", ""} else ""


def _issuer(number: str) -> str:
    """The country in an UPU S10 number, else empty."""
    s10 = re.fullmatch(r"[A-Z]{2}\d{9}([A-Z]{2})", number.upper())
    return s10.group(1) if s10 else ""


def _iso(person: _Person | None) -> str:
    country = (person.country or "").upper() if person else ""
    return country if re.fullmatch("[A-Z]{2}", country) else ""
