"""Belpost (Белпочта): the open tracking service behind its site, JSON over HTTPS.

Contract: answers recorded by public clients (L-Eugene/BelpostTracker_bot, itsvic-dev/parcel); there is no
published specification; read 2026-11-21. Clients that ask more often than once a minute are blocked.

The service joins Belpost's own scans ("internal") with the international exchange ("external"), so one event
often comes twice with the same moment; the internal one says more of the place. Texts are Russian only, codes
came later than texts and not for every event. The moment is an epoch: certain, wherever it happened.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

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

SLUG = "belpost"
CALLS = (Call("tracking", role="history", spacing_s=60.0),)

_ADDRESS = "https://api.belpost.by"
_PAUSE_S = 60

_CODES = {
    "1": "orig.accepted",  # abroad
    "4": "orig.accepted",  # in Belarus
    "3": "exp.office_in",
    "8": "exp.departed",
    "6": "line.hub_in",
    "15": "line.hub_out",
    "30": "imp.office_in",
    "31": "imp.customs_in",
    "32": "imp.customs_in",  # into the customs store
    "35": "imp.customs_in",
    "38": "imp.customs_out",
    "70": "last.ready",
    # 21 is "handed over", but to whom only the text says.
}
# For events without a known code; the first that is found decides.
_TEXTS = (
    (r"неудачн\w+ попытк|не вручено", "last.failed"),
    (r"вручен\w* (отправителю|возврат)|возврат\w* вручен", "ret.done"),
    (r"возврат|возвращен", "ret.started"),
    (r"(вручен|выдан)[оа]?\b", "done.delivered"),
    (r"передано почтальону|в доставк[еу]", "last.out"),
    (r"ист[её]к\w* срок\w* хранени", "bad.unclaimed"),
    (r"хранени", "last.ready"),
    (r"завершен\w+ таможенн", "imp.customs_out"),
    (r"таможенн\w+ оформлен", "imp.customs_in"),
    (r"принято от отправителя", "orig.accepted"),
    (r"направлено из страны", "exp.departed"),
    (r"направлено по назначению", "line.moving"),
    (r"обмена страны назначения|прибыло в учреждение международного", "imp.office_in"),
    (r"принято в обработку в учреждении международного", "exp.office_in"),
    (r"поступило в отделение", "last.ready"),
    (r"поступило в обработку", "line.hub_in"),
    (r"^(отправлено|направлено)$", "line.hub_out"),
    (r"утрачен|утерян", "bad.lost"),
    (r"информация об отправлении", "pre.info"),
)
_INTO_BELARUS = {"line.hub_in": "last.sort_in", "line.hub_out": "last.sort_out"}
_EXPORT_SIDE = {"imp.customs_in": "exp.customs_in", "imp.customs_out": "exp.customs_out"}


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
    """The request for one number's history. Raises ValueError for another kind or several numbers."""
    (number,) = numbers
    if kind != "tracking":
        raise ValueError(f"{SLUG} has no call {kind!r}")
    return Request(
        "POST",
        f"{account.base_url or _ADDRESS}/api/v1/tracking",
        {"content-type": "application/json", "accept": "application/json"},
        msgspec.json.encode({"number": number}),
    )


_PHONES = re.compile(rb"(?<![\w.+*-])(?:\+?375[ (-]{0,2}|80)\d{2}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}(?!\d)")


def mask(reply: Reply) -> Reply:
    """The reply without telephones, the only personal data that a text of this service could hold."""
    return replace(reply, body=_PHONES.sub(b"***", reply.body))


def read(reply: Reply) -> Reading:
    """What the reply says of its number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    _check_status(reply)
    if reply.status == 422:
        return Reading(tuple(_wrong_numbers(reply)))
    tracks = _decoded(reply.body, _Answer).data
    steps: dict[str, list[_Step]] = {number: [] for number in reply.numbers}
    for position, track in enumerate(tracks):
        steps.setdefault(_asked(track.number, reply, f"data[{position}].number"), []).extend(track.steps)
    return Reading(tuple(_report(number, own) for number, own in steps.items()))


def _check_status(reply: Reply) -> None:
    if reply.status == 429:
        wanted = reply.headers.get("retry-after", "")
        raise Throttled("too many calls", int(wanted) if re.fullmatch(r"\d{1,5}", wanted) else _PAUSE_S)
    if reply.status in {401, 403}:
        raise Denied("the service is open, so it is our address that is blocked")
    if not (reply.status == 200 or 400 <= reply.status < 500) or reply.body.lstrip()[:1] == b"<":
        raise Unavailable(f"HTTP {reply.status} instead of an answer of the service")
    if reply.status not in {200, 422}:
        raise Refused(f"HTTP {reply.status}")


class _Step(msgspec.Struct):
    system: str
    timestamp: int | float
    event: str
    created_at: str | None = None
    place: str | None = None
    code: int | float | str | None = None


class _Track(msgspec.Struct):
    number: str
    steps: list[_Step]


class _Answer(msgspec.Struct):
    data: list[_Track]


class _Invalid(msgspec.Struct):
    errors: dict[str, list[str]]


_Shape = TypeVar("_Shape")


def _decoded(body: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as problem:
        expected, _, path = str(problem).partition(" - at `$")
        raise Unreadable(path.strip(".`") or "reply", expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unavailable(f"not a whole JSON answer: {problem}") from None


def _wrong_numbers(reply: Reply) -> Iterator[Report]:
    """HTTP 422 about the number means a number of impossible form; about anything else, our mistake."""
    errors = _decoded(reply.body, _Invalid).errors
    if "number" not in errors:
        raise Refused(f"HTTP 422 about {', '.join(sorted(errors)) or 'nothing'}")
    for number in reply.numbers:
        yield Report(number, Outcome.WRONG_NUMBER, message=" ".join(errors["number"]))


def _asked(found: str, reply: Reply, where: str) -> str:
    """The number in the spelling asked for. Raises Unreadable for a number nobody asked for."""
    for number in reply.numbers or (found,):
        if number.upper() == found.upper():
            return number
    raise Unreadable(where, found)


def _report(number: str, steps: Sequence[_Step]) -> Report:
    if not steps:
        return Report(number, Outcome.NOT_FOUND)
    steps = steps[::-1]  # they come newest first
    # Of two that tell one event the last stays, so the internal one goes behind the external.
    ordered = sorted(steps, key=lambda step: (step.timestamp, step.system == "internal"))
    unique = {_sameness(event): event for event in (_event(step) for step in ordered)}
    events = tuple(_with_direction(_with_sides(number, unique.values())))
    unmapped = sum(event.code == "sys.unmapped" for event in events)
    return Report(number, Outcome.FOUND, events, unmapped=unmapped)


def _sameness(event: Event) -> tuple[datetime, str]:
    """Two systems tell one event at the same moment, with places in different words."""
    return event.occurred_at, event.raw_text if event.code == "sys.unmapped" else event.code


def _with_sides(number: str, events: Iterable[Event]) -> Iterator[Event]:
    """Customs and hubs as the number's country tells: a foreign parcel is exported abroad, imported here."""
    issuer = re.fullmatch(r"[A-Z]{2}\d{9}([A-Z]{2})", number.upper())
    is_own, is_foreign = (issuer[1] == "BY", issuer[1] != "BY") if issuer else (False, False)
    has_left = False
    for event in events:
        is_home = event.country == "BY"
        is_export = is_home if is_own else is_foreign and not is_home and not has_left
        code = _EXPORT_SIDE.get(event.code, event.code) if is_export else event.code
        has_left = has_left or code == "exp.departed" or code.startswith(("imp.", "last."))
        code = _INTO_BELARUS.get(code, code) if is_foreign and is_home else code
        # Posting and export happen in the country that issued the number.
        country = issuer[1] if issuer and code.startswith(("orig.", "exp.")) else event.country
        yield replace(event, code=code, country=country)


def _with_direction(events: Iterable[Event]) -> Iterator[Event]:
    """Oldest first: from the first sign of a return on, everything belongs to the way back."""
    is_back = False
    for event in events:
        is_back = is_back or event.code.startswith("ret.")
        yield replace(event, direction=Direction.RETURN) if is_back else event


def _event(step: _Step) -> Event:
    raw_code = (
        "" if step.code is None else _words(str(step.code)).removesuffix(".0")
    )  # newer answers write 4.0
    place = _words(step.place)
    is_home = step.system == "internal" or place.upper().startswith(("MINSK", "МИНСК"))
    try:
        occurred_at = datetime.fromtimestamp(step.timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable("data[].steps[].timestamp", step.timestamp) from None
    return Event(
        code=_code(raw_code, step.event),
        raw_code=raw_code,
        raw_text=_words(step.event),
        raw_time=step.created_at or str(step.timestamp),
        occurred_at=occurred_at,
        zone_basis=ZoneBasis.GIVEN,
        zone="Europe/Minsk" if step.created_at else "UTC",
        text_language="ru",
        place=place,
        country="BY" if is_home else "",
    )


def _code(raw_code: str, text: str) -> str:
    words = _words(text).casefold()
    by_text = next((code for pattern, code in _TEXTS if re.search(pattern, words)), "sys.unmapped")
    return _CODES.get(raw_code, by_text)


def _words(text: str | None) -> str:
    """A text of the carrier in one line; what is longer than any honest one is cut."""
    return " ".join((text or "")[:500].split())
