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
import hmac
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote_plus, unquote_to_bytes, urlencode
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

# state and statusCode, with the word the carrier prints beside it: code, or code and reason.
_STATES = {
    "0": ("在途", "line.moving"),
    "1": ("揽收", "orig.accepted"),
    "2": ("疑难", "bad.other"),
    "3": ("签收", "done.delivered"),
    "4": ("退签", "ret.done"),
    "5": ("派件", "last.out"),
    "6": ("退回", "ret.started"),
    "7": ("转投", "last.handover"),
    "8": ("清关", "imp.customs_in"),
    "10": ("待清关", "imp.customs_in"),
    "11": ("清关中", "imp.customs_in"),
    "12": ("已清关", "imp.customs_out"),
    "13": ("清关异常", "imp.customs_held"),
    "14": ("拒签", "bad.refused"),
    "101": ("已下单", "pre.info"),
    "102": ("待揽收", "pre.info"),
    "103": ("已揽收", "orig.accepted"),
    "1001": ("到达派件城市", "line.hub_in"),
    "1002": ("干线", "line.moving"),
    "1003": ("转递", "line.moving"),
    "501": ("投柜或驿站", "last.ready"),
    "301": ("本人签收", "done.signed"),
    "302": ("派件异常后签收", "done.delivered"),
    "303": ("代签", "done.neighbour"),
    "304": ("投柜或站签收", "done.collected"),
    "401": ("已销单", "bad.cancelled"),
    "201": ("超时未签收", "line.delayed"),
    "202": ("超时未更新", "line.delayed"),
    "203": ("拒收", "bad.refused"),
    "204": ("派件异常", "last.failed"),
    "205": ("柜或驿站超时未取", "bad.unclaimed"),
    "206": ("无法联系", "last.failed consignee_not_available"),
    "207": ("超区", "last.failed"),
    "208": ("滞留", "line.delayed"),
    "209": ("破损", "bad.damaged"),
    "210": ("销单", "bad.cancelled"),
}
_BY_WORD = dict(_STATES.values())
_EXPORT_SIDE = {
    "imp.customs_in": "exp.customs_in",
    "imp.customs_out": "exp.customs_out",
    "imp.customs_held": "exp.customs_held",
}
# Return codes that speak of the number, not of the call.
_OUTCOMES = {
    ("query", "500"): Outcome.NOT_FOUND,  # nothing known yet
    ("query", "408"): Outcome.DENIED,  # the telephone's digits are missing or wrong
    ("subscribe", "700"): Outcome.DENIED,  # courier not supported
    ("subscribe", "701"): Outcome.DENIED,  # subscription refused
}


def _slugs_by_code() -> dict[str, str]:
    """Whom Kuaidi100's codes mean, from the directory of carriers, and those that have a second code."""
    slugs = {"huitongkuaidi": "best", "youzhengguonei": "china_post", "youzhengguoji": "china_post"}
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
    hints: Mapping[str, str] | None = None,
) -> Request:
    """The request for one number's history, or to have its news pushed to ``callback_url``.

    Hints: ``com`` (or ``carrier_key``), the courier's code, which a query needs and a subscription finds out
    itself; ``phone``, its last four digits for SF and ZTO. ValueError for another kind or several numbers.
    """
    (number,) = numbers
    hints = hints or {}
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
        "salt": _salts(account)[0],
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


def _salts(account: Account) -> list[str]:
    """The salt of new subscriptions, and after a comma the one of older ones: both sign our pushes."""
    return [salt.strip() for salt in account.secrets.get("salt", "").split(",") if salt.strip()]


def _form(body: bytes) -> dict[bytes, bytes]:
    pairs = (field.partition(b"=") for field in body.split(b"&"))
    return {name: unquote_to_bytes(value.replace(b"+", b" ")) for name, _, value in pairs}


_PRIVATE = re.compile(
    rb'(?s)("(context|location|message|\w{0,30}(?:[Pp]hone|[Mm]obile|[Tt]el|ManName|ourierName)\w{0,30})"\s*:\s*)'
    rb'("(?:[^"\\]++|\\.)*+"?|[\w.+-]++)'
)
_PHONE = (
    r"(?<![0-9A-Za-z+*])"
    r"(?:\+\d[\d ()-]{7,16}\d|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|1[3-9]\d\*++\d{2,4}|0\d{2,3}-\d{7,8}|\d{10,12})(?!\d)"
)
_PEOPLE = (
    # Two to four characters before a telephone are a name, unless they end like a verb of delivery.
    (
        re.compile(
            r"[\u4e00-\u9fff*]{2,4}(?<![件递送收投])"
            rf"(?=[,，、\s(（【\[]{{1,3}}(?:联系)?(?:电话|手机号?|号码)?[:：]?\s*{_PHONE})"
        ),
        "***",
    ),
    (re.compile(_PHONE), "***"),
    (
        re.compile(
            r"((?:派件|派送|快递|配送|投递|业务|揽收|揽投|收件)员|[联收寄签代][系件货收]人)(\s*[:：是为【\[(（]\s*|\s+)"
            r"[^\s,，。;；、()（）【】\[\]:：]+"
        ),
        r"\1\2***",
    ),
)


def mask(reply: Reply) -> Reply:
    """The reply or push without people: names and telephones leave texts and fields.

    Works on the bytes, so that half a body is masked like a whole one. A masked push no longer verifies.
    """
    if reply.kind != "push" or b"param=" not in reply.body:
        return replace(reply, body=_without_people(reply.body))
    return replace(reply, body=b"&".join(_masked_field(field) for field in reply.body.split(b"&")))


def _masked_field(field: bytes) -> bytes:
    name, sign, value = field.partition(b"=")
    content = unquote_to_bytes(value.replace(b"+", b" "))
    clean = _without_people(content)
    return field if clean == content else name + sign + quote_plus(clean).encode()


def _without_people(body: bytes) -> bytes:
    return _PRIVATE.sub(_masked_value, body)


def _masked_value(match: re.Match[bytes]) -> bytes:
    key, name, value = match.groups()
    if name not in {b"context", b"location", b"message"}:
        return key + b'""'
    try:
        text = clean = json.loads(value.decode())
    except ValueError:  # half a string: who knows what it names
        return key + b'"***"'
    for pattern, replacement in _PEOPLE if isinstance(text, str) else ():
        clean = pattern.sub(replacement, clean)
    return match.group() if clean == text else key + json.dumps(clean).encode()


def read(reply: Reply) -> Reading:
    """What the reply or push says of its number. Raises one of the five errors when the whole call failed."""
    reply = mask(reply)
    if reply.kind == "push":
        return Reading((_pushed(reply),))
    _check_status(reply)
    answer = _decoded(reply.body, _Track)
    code = "" if answer.return_code is None else str(answer.return_code)
    words = f"{code} {answer.message or ''}".strip()
    if reply.kind == "subscribe" and code in {"200", "501"}:  # 501: subscribed before
        return Reading(registered=reply.numbers)
    if reply.kind != "subscribe" and code in {"", "200"} and str(answer.result).casefold() != "false":
        return Reading((_report(_asked(answer.nu, reply, "nu"), answer, None),))
    if not code:
        raise Unreadable("returnCode", None)
    if code in {"503", "600", "601"}:
        raise Denied(words)
    if (reply.kind, code) in _OUTCOMES:
        outcome = _OUTCOMES[reply.kind, code]
        return Reading(tuple(Report(n, outcome, message=answer.message or "") for n in reply.numbers))
    if code == "502":  # busy, or this number was asked for a moment ago
        raise Throttled(words, _PAUSE_S)
    raise Unavailable(words) if code in {"500", "501"} else Refused(words)


def _check_status(reply: Reply) -> None:
    if reply.status == 429:
        wanted = reply.headers.get("retry-after", "")
        raise Throttled("too many calls", int(wanted) if re.fullmatch(r"\d{1,5}", wanted) else _PAUSE_S)
    if not (reply.status == 200 or 400 <= reply.status < 500) or reply.body.lstrip()[:1] == b"<":
        raise Unavailable(f"HTTP {reply.status} instead of an answer of the service")
    if reply.status in {401, 403}:
        raise Denied(f"HTTP {reply.status}")
    if reply.status != 200:
        raise Refused(f"HTTP {reply.status}")


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


_Shape = TypeVar("_Shape")


def _decoded(body: bytes, shape: type[_Shape]) -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as problem:
        expected, _, path = str(problem).partition(" - at `$")
        raise Unreadable(path.strip(".`") or "reply", expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unavailable(f"not a whole JSON answer: {problem}") from None


def _asked(found: str | None, reply: Reply, where: str) -> str:
    """The number in the spelling asked for. Raises Unreadable for a number nobody asked for."""
    for number in reply.numbers or ((found,) if found else ()):
        if found and number.upper() == found.upper():
            return number
    raise Unreadable(where, found)


def _pushed(reply: Reply) -> Report:
    param = _form(reply.body).get(b"param")
    if param is None:
        raise Unreadable("param", None)
    push = _decoded(param, _Push)
    if push.status not in {"polling", "updateall", "shutdown", "abort"}:
        raise Unreadable("status", push.status)
    number = _asked(push.last_result.nu, reply, "lastResult.nu")
    abroad = push.dest_result
    if abroad is not None and abroad.nu and abroad.nu.upper() != number.upper():
        raise Unreadable("destResult.nu", abroad.nu)
    report = _report(number, push.last_result, abroad)
    is_over = push.status == "abort"  # three days without a record, or sixty without change
    return replace(report, message=f"abort: {push.message or ''}") if is_over else report


def _report(number: str, home: _Track, abroad: _Track | None) -> Report:
    # Of an international item the Chinese carrier also tells what was scanned abroad.
    home_country = "" if re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number.upper()) else "CN"
    found = _events(home, "data", home_country) + (_events(abroad, "destResult", None) if abroad else [])
    if not found:
        return Report(number, Outcome.NOT_FOUND, message=home.message or "")
    ordered = sorted((event for event, _ in found), key=lambda event: event.occurred_at)
    unmapped = sum(not is_mapped for _, is_mapped in found)
    return Report(number, Outcome.FOUND, tuple(_with_direction(ordered)), unmapped=unmapped)


def _events(leg: _Track, where: str, home_country: str | None) -> list[tuple[Event, bool]]:
    """Scans of one leg, oldest first, each with whether its meaning is known.

    ``home_country`` is that of a scan of the Chinese leg that names none, None on the leg abroad.
    """
    slug = _COURIERS.get(leg.com or "", "")
    found = {}
    for position, scan in reversed(list(enumerate(leg.data or []))):
        # The leg's state is that of its newest scan.
        words, is_mapped = _meaning(scan, str(leg.state) if position == 0 else "")
        at = _moment(scan.time, f"{where}[{position}].time")
        event = _event(scan, words, at, slug, home_country)
        found[event.raw_code, event.raw_time, event.place, event.raw_text] = (event, is_mapped)
    return list(found.values())


def _meaning(scan: _Scan, state: str) -> tuple[str, bool]:
    """The code (perhaps with a reason) of a scan, and whether the carrier's own code for it is known."""
    code, word = str(scan.status_code or ""), scan.status or ""
    if scan.status_code is not None and str(scan.status_code) in _STATES:
        return _STATES[str(scan.status_code)][1], True
    if word in _BY_WORD:
        return _BY_WORD[word], not code
    return (_STATES[state][1], not code) if state in _STATES else ("sys.unmapped", False)


def _event(scan: _Scan, words: str, at: datetime, slug: str, home_country: str | None) -> Event:
    area = re.match("[A-Z]{2}", scan.area_code or "")
    country = area.group() if area else home_country or ""
    code, _, reason = words.partition(" ")
    is_export = "出口" in scan.context or (country == "CN" and "进口" not in scan.context)
    is_abroad = home_country is None
    return Event(
        code=_EXPORT_SIDE.get(code, code) if is_export else code,
        raw_code=_words(str(scan.status_code if scan.status_code is not None else scan.status or "")),
        raw_text=_words(scan.context),
        raw_time=scan.time,
        occurred_at=at,
        zone_basis=ZoneBasis.UNKNOWN if is_abroad else ZoneBasis.CARRIER_RULE,
        zone="" if is_abroad else "Asia/Shanghai",
        text_language="zh" if re.search("[\u4e00-\u9fff]", scan.context) else "en",
        reason=reason,
        place=_words(scan.area_name or scan.location),
        country=country,
        carrier=slug,
    )


def _words(text: str | None) -> str:
    """A text of the carrier in one line; what is longer than any honest one is cut."""
    return " ".join((text or "")[:500].split())


def _moment(time: str, where: str) -> datetime:
    """UTC of a Beijing time; a time abroad is read alike for want of better."""
    try:
        return datetime.fromisoformat(time).replace(tzinfo=_SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable(where, time) from None


def _with_direction(events: Iterable[Event]) -> Iterator[Event]:
    """Oldest first: from the first sign of a return on, everything belongs to the way back."""
    is_back = False
    for event in events:
        is_back = is_back or event.code.startswith("ret.")
        yield replace(event, direction=Direction.RETURN) if is_back else event


def verify(headers: Mapping[str, str], body: bytes, account: Account) -> bool:
    """Whether ``sign`` is the upper-case MD5 of the raw ``param`` and our salt; constant time."""
    form = _form(body)
    param, given = form.get(b"param"), form.get(b"sign")
    if not param or not given:
        return False
    expected = [_md5(param + salt.encode()).encode() for salt in _salts(account)]
    return any([hmac.compare_digest(given, sign) for sign in expected])  # noqa: C419  each is compared
