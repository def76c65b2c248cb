"""Kuaidi100 (快递100): aggregator of Chinese couriers, for the domestic leg of bought items; pushes too.

Contract: the operator's demos (kuaidi100-api/java-demo, kuaidi100-api/python-demo), tourze/kuaidi100-query-bundle
and the documentation on api.kuaidi100.com; read 2026-11-21. The push's signature and acknowledgement and the
texts of the return codes are not verified. A number asked more often than every 30 minutes is locked.

``lastResult`` and the query's answer are a leg inside China. Its "签收" (signed) means that the forwarder's
warehouse or whoever is the consignee in China has it, never the buyer abroad: the codes are ``done.*`` with
country CN, which close that leg only; the warehouse's own scan confirms. ``destResult`` is the leg abroad, its
times local there. Customs on the Chinese leg is export's. Texts name couriers and their telephones: masked.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote_plus, unquote_to_bytes, urlencode
from zoneinfo import ZoneInfo

import msgspec

from sledi.core.carrier import (
    Account,
    Call,
    Denied,
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
from sledi.core.privacy import private_fields, without_people
from sledi.core.replies import (
    EXPORT_SIDE,
    as_asked,
    check_status,
    decoded,
    history,
    is_signed,
    moment_in,
    one_line,
    s10_country,
    secrets_of,
)

SLUG = "kuaidi100"
CALLS = (
    Call("query", role="history", secrets=("customer", "key"), again_after_s=1800),
    Call("subscribe", role="register", secrets=("key", "salt")),
    Call("push", role="push", secrets=("salt",)),
)
ACKNOWLEDGEMENT = '{"result":true,"returnCode":"200","message":"成功"}'.encode()

_ADDRESS = "https://poll.kuaidi100.com"
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_PAUSE_S = 60
_DENIED = {401: "HTTP 401", 403: "HTTP 403"}

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_STATES: dict[str, str] = {state: code for state, (_, code) in _TABLES["states"].items()}
_BY_WORD: dict[str, str] = dict(_TABLES["states"].values())
# Return codes that speak of the number, not of the call.
_OUTCOMES = {
    ("query", "500"): Outcome.NOT_FOUND,  # nothing known yet
    ("query", "408"): Outcome.DENIED,  # the telephone's digits are missing or wrong
    ("subscribe", "700"): Outcome.DENIED,  # courier not supported
    ("subscribe", "701"): Outcome.DENIED,  # subscription refused
}
# All others are our mistake.
_ERRORS = {"500": Unavailable, "501": Unavailable, "503": Denied, "600": Denied, "601": Denied}


def _slugs_by_code() -> dict[str, str]:
    """Whom Kuaidi100's codes mean, from the directory of carriers, and those that have a second code."""
    slugs: dict[str, str] = dict(_TABLES["second_codes"])
    for file in Path(__file__).with_name("directory").glob("*.toml"):
        code = tomllib.loads(file.read_text(encoding="utf-8")).get("keys", {}).get(SLUG)
        if code:
            slugs[code] = file.stem
    return slugs


_COURIERS = _slugs_by_code()


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
    """The request for one number's history, or to have its news pushed to ``callback_url``.

    Hints: ``com`` (or ``carrier_key``), the courier's code, which a query needs and a subscription finds out
    itself; ``phone``, its last four digits for SF and ZTO. ValueError for another kind or several numbers.
    """
    (number,) = numbers
    courier = hints.get("com") or hints.get("carrier_key") or ""
    phone = hints.get("phone", "")[-4:]
    if kind == "query":
        return _query(number, courier, phone, account)
    if kind == "subscribe":
        return _subscription(number, courier, phone, account, callback_url)
    raise ValueError(f"{SLUG} has no call {kind!r}")


def _query(number: str, courier: str, phone: str, account: Account) -> Request:
    asked = {"com": courier, "num": number, "phone": phone, "resultv2": "4", "show": "0", "order": "desc"}
    param = json.dumps(asked, ensure_ascii=False)
    key, customer = account.secrets["key"], account.secrets["customer"]
    form = {"customer": customer, "sign": _md5((param + key + customer).encode()), "param": param}
    return _post("/poll/query.do", form, account)


def _subscription(number: str, courier: str, phone: str, account: Account, callback_url: str) -> Request:
    parameters = {
        "callbackurl": callback_url,
        "salt": secrets_of(account, "salt")[0],
        "resultv2": "4",
        "autoCom": "0" if courier else "1",
        "interCom": "1",
        "phone": phone,
    }
    asked = {"company": courier, "number": number, "key": account.secrets["key"], "parameters": parameters}
    return _post("/poll", {"schema": "json", "param": json.dumps(asked, ensure_ascii=False)}, account)


def _post(path: str, form: Mapping[str, str], account: Account) -> Request:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return Request("POST", f"{account.base_url or _ADDRESS}{path}", headers, urlencode(form).encode())


def _md5(content: bytes) -> str:
    """What the protocol asks for; it protects little."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest().upper()


def _form(body: bytes) -> dict[bytes, bytes]:
    pairs = (field.partition(b"=") for field in body.split(b"&"))
    return {name: unquote_to_bytes(value.replace(b"+", b" ")) for name, _, value in pairs}


_PRIVATE = private_fields(
    r"\w{0,30}(?:[Pp]hone|[Mm]obile|[Tt]el|ManName|ourierName)\w{0,30}", texts="context|location|message"
)


def mask(reply: Reply) -> Reply:
    """The reply or push without people: names and telephones leave texts and fields.

    A masked push no longer verifies.
    """
    if reply.kind != "push" or b"param=" not in reply.body:
        return replace(reply, body=without_people(reply.body, _PRIVATE))
    return replace(reply, body=b"&".join(_masked_field(field) for field in reply.body.split(b"&")))


def _masked_field(field: bytes) -> bytes:
    name, sign, value = field.partition(b"=")
    content = unquote_to_bytes(value.replace(b"+", b" "))
    clean = without_people(content, _PRIVATE)
    return field if clean == content else name + sign + quote_plus(clean).encode()


def read(reply: Reply) -> Reading:
    """What the reply or push says of its number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    if reply.kind == "push":
        return Reading((_pushed(reply),))
    check_status(reply, _PAUSE_S, _DENIED, unless_page=(401, 403))
    answer = decoded(reply.body, _Track)
    code = "" if answer.return_code is None else str(answer.return_code)
    words = f"{code} {answer.message or ''}".strip()
    if reply.kind == "subscribe" and code in {"200", "501"}:  # 501: subscribed before
        return Reading(registered=reply.numbers)
    if reply.kind != "subscribe" and code in {"", "200"} and str(answer.result).casefold() != "false":
        return Reading((_report(as_asked(answer.nu, reply, "nu"), answer, None),))
    if not code:
        raise Unreadable("returnCode", None)
    if (reply.kind, code) in _OUTCOMES:
        outcome = _OUTCOMES[reply.kind, code]
        return Reading(tuple(Report(n, outcome, message=answer.message or "") for n in reply.numbers))
    if code == "502":  # busy, or this number was asked for a moment ago
        raise Throttled(words, _PAUSE_S)
    raise _ERRORS.get(code, Refused)(words)


def verify(headers: Mapping[str, str], body: bytes, account: Account) -> bool:
    """Whether ``sign`` is the upper-case MD5 of the raw ``param`` and our salt; constant time."""
    form = _form(body)
    param, given = form.get(b"param"), form.get(b"sign")
    if not param or not given:
        return False
    return is_signed(given, (_md5(param + salt.encode()).encode() for salt in secrets_of(account, "salt")))


class _Scan(msgspec.Struct, rename="camel"):
    time: str
    context: str = ""
    location: str | None = None
    area_code: str | None = None
    area_name: str | None = None
    status: str | None = None
    status_code: str | int | None = None


class _Track(msgspec.Struct, rename="camel"):
    """One leg; also the shape of every failure."""

    nu: str | None = None
    com: str | None = None
    state: str | int | None = None
    data: list[_Scan] | None = None
    result: bool | str | None = None
    return_code: str | int | None = None
    message: str | None = None


class _Push(msgspec.Struct, rename="camel"):
    status: str
    last_result: _Track
    dest_result: _Track | None = None
    message: str | None = None


def _pushed(reply: Reply) -> Report:
    param = _form(reply.body).get(b"param")
    if param is None:
        raise Unreadable("param", None)
    push = decoded(param, _Push)
    if push.status not in {"polling", "updateall", "shutdown", "abort"}:
        raise Unreadable("status", push.status)
    number = as_asked(push.last_result.nu, reply, "lastResult.nu")
    abroad = push.dest_result
    if abroad is not None and abroad.nu and abroad.nu.upper() != number.upper():
        raise Unreadable("destResult.nu", abroad.nu)
    report = _report(number, push.last_result, abroad)
    is_over = push.status == "abort"  # three days without a record, or sixty without change
    return replace(report, message=f"abort: {push.message or ''}") if is_over else report


def _report(number: str, home: _Track, abroad: _Track | None) -> Report:
    # Of an international item the Chinese carrier also tells what was scanned abroad.
    home_country = "" if s10_country(number) else "CN"
    found = _events(home, "data", home_country) + (_events(abroad, "destResult", None) if abroad else [])
    if not found:
        return Report(number, Outcome.NOT_FOUND, message=home.message or "")
    ordered = sorted((event for event, _ in found), key=lambda event: event.occurred_at)
    return replace(history(number, ordered), unmapped=sum(not is_mapped for _, is_mapped in found))


def _events(leg: _Track, where: str, home_country: str | None) -> list[tuple[Event, bool]]:
    """Scans of one leg, oldest first, each with whether its meaning is known.

    ``home_country`` is that of a scan of the Chinese leg that names none, None on the leg abroad.
    """
    slug = _COURIERS.get(leg.com or "", "")
    found = {}
    for position, scan in reversed(list(enumerate(leg.data or []))):
        # The leg's state is that of its newest scan.
        words, is_mapped = _meaning(scan, str(leg.state) if position == 0 else "")
        # A time abroad is read as Beijing's for want of better.
        at = moment_in(_SHANGHAI, scan.time, f"{where}[{position}].time")
        event = _event(scan, words, at, slug, home_country)
        found[event.raw_code, event.raw_time, event.place, event.raw_text] = (event, is_mapped)
    return list(found.values())


def _meaning(scan: _Scan, state: str) -> tuple[str, bool]:
    """The code (perhaps with a reason) of a scan, and whether the carrier's own code for it is known."""
    code, word = str(scan.status_code or ""), scan.status or ""
    if scan.status_code is not None and str(scan.status_code) in _STATES:
        return _STATES[str(scan.status_code)], True
    if word in _BY_WORD:
        return _BY_WORD[word], not code
    return (_STATES[state], not code) if state in _STATES else ("sys.unmapped", False)


def _event(scan: _Scan, words: str, at: datetime, slug: str, home_country: str | None) -> Event:
    area = re.match("[A-Z]{2}", scan.area_code or "")
    country = area.group() if area else home_country or ""
    code, _, reason = words.partition(" ")
    is_export = "出口" in scan.context or (country == "CN" and "进口" not in scan.context)
    is_abroad = home_country is None
    return Event(
        code=EXPORT_SIDE.get(code, code) if is_export else code,
        raw_code=one_line(str(scan.status_code if scan.status_code is not None else scan.status or "")),
        raw_text=one_line(scan.context),
        raw_time=scan.time,
        occurred_at=at,
        zone_basis=ZoneBasis.UNKNOWN if is_abroad else ZoneBasis.CARRIER_RULE,
        zone="" if is_abroad else "Asia/Shanghai",
        text_language="zh" if re.search("[\u4e00-\u9fff]", scan.context) else "en",
        reason=reason,
        place=one_line(scan.area_name or scan.location),
        country=country,
        carrier=slug,
    )
