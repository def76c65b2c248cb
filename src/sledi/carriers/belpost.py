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

import msgspec

from sledi.core.carrier import (
    Account,
    Call,
    Event,
    Outcome,
    Reading,
    Refused,
    Reply,
    Report,
    Request,
    Unreadable,
    ZoneBasis,
)
from sledi.core.privacy import telephones
from sledi.core.replies import (
    DESTINATION_HUBS,
    EXPORT_SIDE,
    as_asked,
    check_status,
    decoded,
    history,
    one_line,
    s10_country,
)

SLUG = "belpost"
CALLS = (Call("tracking", role="history", spacing_s=60.0),)

_ADDRESS = "https://api.belpost.by"
_PAUSE_S = 60
_BLOCKED = dict.fromkeys((401, 403), "the service is open, so it is our address that is blocked")

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


_TELEPHONES = telephones(r"(?:\+?375[ (-]{0,2}|80)\d{2}[ )-]{0,2}\d{3}[ -]?\d{2}[ -]?\d{2}")


def mask(reply: Reply) -> Reply:
    """The reply without telephones, the only personal data that a text of this service could hold."""
    return replace(reply, body=_TELEPHONES.sub(b"***", reply.body))


def read(reply: Reply) -> Reading:
    """What the reply says of its number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    check_status(reply, _PAUSE_S, _BLOCKED, answers=(200, 422))
    if reply.status == 422:
        return Reading(tuple(_wrong_numbers(reply)))
    steps: dict[str, list[_Step]] = {number: [] for number in reply.numbers}
    for position, track in enumerate(decoded(reply.body, _Answer).data):
        steps.setdefault(as_asked(track.number, reply, f"data[{position}].number"), []).extend(track.steps)
    return Reading(tuple(_report(number, own) for number, own in steps.items()))


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


def _wrong_numbers(reply: Reply) -> Iterator[Report]:
    """HTTP 422 about the number means a number of impossible form; about anything else, our mistake."""
    errors = decoded(reply.body, _Invalid).errors
    if "number" not in errors:
        raise Refused(f"HTTP 422 about {', '.join(sorted(errors)) or 'nothing'}")
    for number in reply.numbers:
        yield Report(number, Outcome.WRONG_NUMBER, message=" ".join(errors["number"]))


def _report(number: str, steps: Sequence[_Step]) -> Report:
    if not steps:
        return Report(number, Outcome.NOT_FOUND)
    steps = steps[::-1]  # they come newest first
    # Of two that tell one event the last stays, so the internal one goes behind the external.
    ordered = sorted(steps, key=lambda step: (step.timestamp, step.system == "internal"))
    unique = {_sameness(event): event for event in (_event(step) for step in ordered)}
    return history(number, _with_sides(number, unique.values()))


def _sameness(event: Event) -> tuple[datetime, str]:
    """Two systems tell one event at the same moment, with places in different words."""
    return event.occurred_at, event.raw_text if event.code == "sys.unmapped" else event.code


def _with_sides(number: str, events: Iterable[Event]) -> Iterator[Event]:
    """Customs and hubs as the number's country tells: a foreign parcel is exported abroad, imported here."""
    issuer = s10_country(number)
    is_own, is_foreign = issuer == "BY", issuer not in {"BY", ""}
    has_left = False
    for event in events:
        is_home = event.country == "BY"
        is_export = is_home if is_own else is_foreign and not is_home and not has_left
        code = EXPORT_SIDE.get(event.code, event.code) if is_export else event.code
        has_left = has_left or code == "exp.departed" or code.startswith(("imp.", "last."))
        code = DESTINATION_HUBS.get(code, code) if is_foreign and is_home else code
        # Posting and export happen in the country that issued the number.
        country = issuer if issuer and code.startswith(("orig.", "exp.")) else event.country
        yield replace(event, code=code, country=country)


def _event(step: _Step) -> Event:
    # Newer answers write 4.0 for 4.
    raw_code = "" if step.code is None else one_line(str(step.code)).removesuffix(".0")
    place = one_line(step.place)
    is_home = step.system == "internal" or place.upper().startswith(("MINSK", "МИНСК"))
    try:
        occurred_at = datetime.fromtimestamp(step.timestamp, UTC)
    except (ValueError, OverflowError, OSError):
        raise Unreadable("data[].steps[].timestamp", step.timestamp) from None
    return Event(
        code=_code(raw_code, step.event),
        raw_code=raw_code,
        raw_text=one_line(step.event),
        raw_time=step.created_at or str(step.timestamp),
        occurred_at=occurred_at,
        zone_basis=ZoneBasis.GIVEN,
        zone="Europe/Minsk" if step.created_at else "UTC",
        text_language="ru",
        place=place,
        country="BY" if is_home else "",
    )


def _code(raw_code: str, text: str) -> str:
    words = one_line(text).casefold()
    by_text = next((code for pattern, code in _TEXTS if re.search(pattern, words)), "sys.unmapped")
    return _CODES.get(raw_code, by_text)
