"""Kazpost (Qazpost): the public tracking service, JSON over HTTPS.

Contract: answers recorded by a public client (rpagyc/parcel) and the dictionary of codes that clients carry;
there is no published specification; read 2026-11-21. The service caches for about an hour; no key.

Dates are wall clock of Kazakhstan without a zone, which moved from UTC+6 to UTC+5 on 2024-03-01: always
``Asia/Almaty``. UPU events of the other country are local there, in an unknown zone. A code with ``_UNDO``
takes back the earlier event of that code. A hand-out and a transit scan may share one minute: the hand-out is
put last, so that it is the newest. The summary's status may lag behind; histories come from ``events``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote
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
    country_code,
    decoded,
    grams,
    history,
    moment_in,
    one_line,
    s10_country,
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
_BLOCKED = dict.fromkeys((401, 403), "the service is open, so it is our address that is blocked")

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
    hints: Mapping[str, str] = {},
) -> Request:
    """The request for one number. Raises KeyError for an unknown kind, ValueError for several numbers."""
    (number,) = numbers
    url = f"{account.base_url or _ADDRESS}/api/v2/{quote(number, safe='')}{_PATHS[kind]}"
    return Request("GET", url, {"accept": "application/json"})


_PRIVATE = private_fields(people=r"sender|receiver|name_fact|\w{0,30}[Pp]hone\w{0,30}")
_TELEPHONES = telephones(r"(?:\+?7|8)[ (-]{0,2}7\d{2}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}")


def mask(reply: Reply) -> Reply:
    """The reply without people: of sender and receiver the country stays, telephones go."""
    return replace(reply, body=_TELEPHONES.sub(b"***", without_people(reply.body, _PRIVATE)))


def read(reply: Reply) -> Reading:
    """What the reply says of its number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    check_status(reply, _PAUSE_S, _BLOCKED, answers=(200, 404))
    answer = decoded(reply.body, _Answer)
    number = as_asked(answer.trackid, reply, "trackid")
    if answer.error is not None or reply.status == 404:
        is_unknown = reply.status == 404 or "не найден" in (answer.error or "").casefold()
        outcome = Outcome.NOT_FOUND if is_unknown else Outcome.TEMPORARY
        return Reading((Report(number, outcome, message=answer.error or ""),))
    return Reading((_summary(number, answer) if reply.kind == "summary" else _history(number, answer),))


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
    return history(number, ordered)


def _summary(number: str, answer: _Answer) -> Report:
    """The parcel as a whole, with its last scan where the answer dates one."""
    codes = (answer.status_code, answer.x_status_code, answer.x_status)
    code = next((c for c in codes if c and re.fullmatch(r"[A-Z][A-Z0-9_]+", c)), "")
    events: tuple[Event, ...] = ()
    if code and answer.last and answer.last.date:
        scan = _Activity("", [code], answer.last.city, answer.last.dep_name)
        events = (_event(number, code, answer.last.date, "last.date", scan, answer.status or ""),)
    return replace(
        history(number, events),
        origin=country_code((answer.sender or _Person()).country),
        destination=country_code((answer.receiver or _Person()).country),
        service=answer.package_type or "",
        weight_g=grams(answer.weight),
    )


def _event(number: str, code: str, date: str, where: str, scan: _Activity, title: str = "") -> Event:
    raw_code = one_line(code.removesuffix("_UNDO"))
    country = _country(raw_code, number)
    why = scan.nondlv_reason or scan.return_reason or scan.forward_reason or ""
    canonical = _CODES.get(raw_code, "sys.unmapped")
    is_inbound = country == "KZ" and s10_country(number) not in {"KZ", ""}
    return Event(
        code=DESTINATION_HUBS.get(canonical, canonical) if is_inbound else canonical,
        raw_code=raw_code,
        raw_text=one_line(f"{title or code} {why}"),
        raw_time=date,
        occurred_at=_moment(date, where),
        zone_basis=ZoneBasis.CARRIER_RULE if country == "KZ" else ZoneBasis.UNKNOWN,
        zone="Asia/Almaty" if country == "KZ" else "",
        text_language="ru" if title or why else "",
        reason=next((reason for words, reason in _REASONS if words in why.casefold()), ""),
        place=", ".join(filter(None, map(one_line, (scan.city, scan.name)))),
        country=country,
        withdraws=code.endswith("_UNDO"),
    )


def _moment(date: str, where: str) -> datetime:
    """UTC of a time in Kazakhstan; a time abroad is read alike for want of better."""
    return moment_in(_ALMATY, date, where, "%d.%m.%Y %H:%M" if "." in date[:3] else "")


def _country(raw_code: str, number: str) -> str:
    """Where a scan was made: Kazpost's own codes at home, UPU's where the number's country makes it sure."""
    if raw_code not in _UPU:
        return "KZ"
    issuer, leg = s10_country(number), _UPU[raw_code].partition(".")[0]
    if leg in {"orig", "exp"}:
        return issuer
    return "KZ" if leg != "line" and issuer not in {"KZ", ""} else ""
