"""17TRACK: aggregator, JSON over HTTPS, with signed pushes; our way to China Post and Singapore Post.

Contract: 17TRACK API v2.2 (help.17track.net: statuses, signature, automatic stop; models in
wksw/17track-golang-sdk; the header ``sign`` from several public webhook handlers); read 2026-11-21.
A number is registered first and costs a unit of quota; asking for what is known of it costs nothing.

Offsets come from 17TRACK, not from the post, and are an hour wrong in some summers: the basis is "given", but
two posts' events closer than an hour have no sure order. The latest status also follows from inactivity, so
it explains only the newest event, and only when that says nothing itself. Texts and places are the posts' own.
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

import msgspec

from sledi.core.carrier import (
    Account,
    Alias,
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

SLUG = "seventeentrack"
CALLS = (
    Call("gettrackinfo", "history", 40, ("key",), spacing_s=0.34, again_after_s=600, after="register"),
    Call("register", "register", 40, ("key",), spacing_s=0.34),
    Call("push", "push", 1, ("key",)),
)
ACKNOWLEDGEMENT = b""  # any HTTP 200 will do

_ADDRESS = "https://api.17track.net"
_PAUSE_S = 1  # three requests a second are allowed

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_SUB_STATUSES: dict[str, str] = _TABLES["sub_statuses"]
_STATUSES: dict[str, str] = _TABLES["statuses"]
_STAGES: dict[str, str] = _TABLES["stages"]
_TEXTS = [(re.compile(pattern, re.IGNORECASE), code) for pattern, code in _TABLES["texts"]["rules"]]
_PROVIDER_NAMES = [(re.compile(p, re.IGNORECASE), slug) for p, slug in _TABLES["provider_names"]["rules"]]


def _slugs_by_key() -> dict[str, str]:
    """Whom 17TRACK's keys mean, from the directory of carriers; a key that two share is the country's post."""
    slugs: dict[str, str] = {}
    for file in sorted(Path(__file__).with_name("directory").glob("*.toml")):
        entry = tomllib.loads(file.read_text(encoding="utf-8"))
        key = entry.get("keys", {}).get(SLUG)
        if key and (key not in slugs or "post_of" in entry):
            slugs[key] = file.stem
    return slugs


_PROVIDERS = _slugs_by_key()
# Statuses that 17TRACK also sets when nothing moves: they explain no event.
_FROM_INACTIVITY = frozenset({"NotFound", "Expired", "Exception"})
# Sub-statuses beside which the text may say more.
_VAGUE = frozenset({"", "InTransit_Other", "InTransit_CustomsProcessing", "InTransit_CustomsReleased"})
_EXPORT_SIDE = {
    "imp.customs_in": "exp.customs_in",
    "imp.customs_out": "exp.customs_out",
    "imp.customs_docs": "exp.customs_held",
}
_AT_ORIGIN, _AT_DESTINATION = {"orig", "exp"}, {"imp", "last", "done"}
_ACROSS = ("exp.departed", "line.flight", "line.transit")

# Errors of a whole call, or of one number in it.
_ACCOUNT = frozenset({-18010001, -18010002, -18010004, -18010005, -18019907, -18019908})
_INTERNAL = -18010003
_REGISTERED_ALREADY = -18019901
_OUTCOMES = {
    -18019902: Outcome.TEMPORARY,  # not registered: register, then ask again
    -18019903: Outcome.NOT_FOUND,  # no carrier fits the number
    -18019909: Outcome.NOT_FOUND,  # nothing known yet
    -18019911: Outcome.TEMPORARY,  # cannot be registered at present
    -18019912: Outcome.TEMPORARY,
}


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
    """The request to register numbers, or for what is known of registered ones. ValueError for other kinds.

    Hints, for all numbers (``carrier_key``) or one (``RB1CN:carrier_key``): ``carrier_key`` and
    ``final_carrier`` (17TRACK's numeric keys), ``tag``, ``param``, ``lang`` (a translation costs a unit).
    """
    if kind not in {"register", "gettrackinfo"}:
        raise ValueError(f"{SLUG} has no call {kind!r}")
    items: list[dict[str, str | int]] = [{"number": number} for number in numbers]
    for item, number in zip(items, numbers, strict=True) if kind == "register" else ():
        item.update(_wishes(number, hints or {}))
    return Request(
        "POST",
        f"{account.base_url or _ADDRESS}/track/v2.2/{kind}",
        {"17token": _keys(account)[0], "content-type": "application/json", "accept": "application/json"},
        msgspec.json.encode(items),
    )


def _wishes(number: str, hints: Mapping[str, str]) -> Iterator[tuple[str, str | int]]:
    for hint, field in (("carrier_key", "carrier"), ("final_carrier", "final_carrier")):
        if key := hints.get(f"{number}:{hint}") or hints.get(hint):
            yield field, int(key)
    for hint in ("tag", "param", "lang"):
        if wish := hints.get(f"{number}:{hint}") or hints.get(hint):
            yield hint, wish


def _keys(account: Account) -> list[str]:
    """The access key, and after a comma the one it replaces: pushes signed with either are ours."""
    return [key.strip() for key in account.secrets.get("key", "").split(",") if key.strip()]


_PRIVATE = re.compile(
    rb'(?s)("(street|state|postal_code|longitude|latitude|param|email|phone|remark|order_no|customer_number'
    rb'|reference_number|description|sub_status_descr)"\s*:\s*)("(?:[^"\\]++|\\.)*+"?|[\w.+-]++)'
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
    (re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++\.[\w.]++"), "***"),
    (
        re.compile(
            r"((?:派件|派送|快递|配送|投递|业务|揽收|揽投|收件)员|[联收寄签代][系件货收]人)(\s*[:：是为【\[(（]\s*|\s+)"
            r"[^\s,，。;；、()（）【】\[\]:：]+"
        ),
        r"\1\2***",
    ),
    (re.compile(r"(?i)(\bsigned (?:for )?by)\s*:?\s+[^,.;:()\[\]]+"), r"\1 ***"),
    (
        re.compile(
            r"(?i)(получатель|адресат|курьер|отримувач|одержувач|recipient|courier)\s*:\s*[^,.;:()\[\]]+"
        ),
        r"\1: ***",
    ),
)


def mask(reply: Reply) -> Reply:
    """The reply without people: of addresses, country and city stay; names and telephones leave the texts.

    Works on the bytes, so that half a body is masked like a whole one.
    """
    return replace(reply, body=_PRIVATE.sub(_without_people, reply.body))


def _without_people(match: re.Match[bytes]) -> bytes:
    key, name, value = match.groups()
    if name not in {b"description", b"sub_status_descr"}:
        return key + b'""'
    try:
        text = json.loads(value.decode())
    except ValueError:  # half a string: who knows what it names
        return key + b'"***"'
    clean = _clean(text) if isinstance(text, str) else text
    return match.group() if clean == text else key + json.dumps(clean).encode()


def _clean(text: str) -> str:
    for pattern, replacement in _PEOPLE:
        text = pattern.sub(replacement, text)
    return text


def read(reply: Reply) -> Reading:
    """What the reply or push says of each number. Raises one of the five errors when the whole failed."""
    reply = mask(reply)
    if reply.kind == "push":
        return Reading((_pushed(reply),))
    _check_status(reply)
    data = _checked(_decoded(reply.body, _Answer))
    return _registration(data, reply) if reply.kind == "register" else _histories(data, reply)


def _check_status(reply: Reply) -> None:
    if reply.status == 429:
        wanted = reply.headers.get("retry-after", "")
        raise Throttled("too many calls", int(wanted) if re.fullmatch(r"\d{1,5}", wanted) else _PAUSE_S)
    if reply.status == 401:
        raise Denied("the access key is not accepted")
    if not (reply.status == 200 or 400 <= reply.status < 500) or reply.body.lstrip()[:1] == b"<":
        raise Unavailable(f"HTTP {reply.status} instead of an answer of the service")
    if reply.status != 200:
        raise Refused(f"HTTP {reply.status}")


class _Error(msgspec.Struct):
    code: int
    message: str = ""


class _Address(msgspec.Struct):
    country: str | None = None
    city: str | None = None


class _Shipping(msgspec.Struct):
    shipper_address: _Address | None = None
    recipient_address: _Address | None = None


class _Latest(msgspec.Struct):
    status: str | None = None
    sub_status: str | None = None


class _RawTime(msgspec.Struct):
    date: str | None = None
    time: str | None = None
    timezone: str | None = None


class _Scan(msgspec.Struct):
    time_iso: datetime | None = None
    time_utc: datetime | None = None
    time_raw: _RawTime | None = None
    description: str | None = None
    location: str | None = None
    stage: str | None = None
    sub_status: str | None = None
    address: _Address | None = None


class _Milestone(msgspec.Struct):
    key_stage: str | None = None
    time_iso: datetime | None = None
    time_utc: datetime | None = None


class _Post(msgspec.Struct):
    key: int | None = None
    name: str | None = None
    alias: str | None = None


class _Provider(msgspec.Struct):
    provider: _Post | None = None
    events: list[_Scan] | None = None


class _Tracking(msgspec.Struct):
    providers: list[_Provider] | None = None


class _Window(msgspec.Struct):
    earliest: str | None = msgspec.field(default=None, name="from")
    latest: str | None = msgspec.field(default=None, name="to")


class _Times(msgspec.Struct):
    estimated_delivery_date: _Window | None = None


class _Misc(msgspec.Struct):
    service_type: str | None = None
    weight_kg: str | float | None = None
    local_number: str | int | None = None  # null, "" and 0 all mean none
    local_provider: str | int | None = None
    local_key: int | None = None


class _TrackInfo(msgspec.Struct):
    shipping_info: _Shipping | None = None
    latest_status: _Latest | None = None
    latest_event: _Scan | None = None
    time_metrics: _Times | None = None
    milestone: list[_Milestone] | None = None
    misc_info: _Misc | None = None
    tracking: _Tracking | None = None


class _Item(msgspec.Struct):
    number: str
    track_info: msgspec.Raw = msgspec.Raw(b"null")  # read by itself: one that is broken spoils no other


class _Rejected(msgspec.Struct):
    number: str
    error: _Error


class _Data(msgspec.Struct):
    accepted: list[_Item] = []
    rejected: list[_Rejected] = []
    errors: list[_Error] = []


class _Answer(msgspec.Struct):
    code: int
    data: _Data | None = None


class _Push(msgspec.Struct):
    event: str
    data: _Item


_Shape = TypeVar("_Shape")


def _info(item: _Item, where: str) -> _TrackInfo:
    if bytes(item.track_info) == b"null":
        return _TrackInfo()
    return _decoded(item.track_info, _TrackInfo, f"{where}.track_info")


def _decoded(body: bytes | msgspec.Raw, shape: type[_Shape], where: str = "") -> _Shape:
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as problem:
        expected, _, path = str(problem).partition(" - at `$")
        raise Unreadable((where + path).strip(".`") or "reply", expected) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Unavailable(f"not a whole JSON answer: {problem}") from None


def _checked(answer: _Answer) -> _Data:
    """The data of a call that went well; also when the account is refused number by number, it did not."""
    data = answer.data
    problems = [] if data is None else data.errors
    if data is not None and not data.accepted and all(r.error.code in _ACCOUNT for r in data.rejected):
        problems = problems + [rejected.error for rejected in data.rejected]
    if answer.code != 0:
        problems = [*problems, _Error(answer.code)]
    for problem in problems:
        words = f"{problem.code} {problem.message}"
        if problem.code in _ACCOUNT:
            raise Denied(words)
        raise Unavailable(words) if problem.code == _INTERNAL else Refused(words)
    if data is None:
        raise Unreadable("data", None)
    return data


def _registration(data: _Data, reply: Reply) -> Reading:
    registered, refused = [], []
    for where, row in _rows(data):
        number = _asked(row.number, reply, f"{where}.number")
        if isinstance(row, _Rejected) and row.error.code != _REGISTERED_ALREADY:
            refused.append(_refusal(number, row.error))
        else:
            registered.append(number)
    return Reading(tuple(refused), registered=tuple(registered))


def _histories(data: _Data, reply: Reply) -> Reading:
    reports: dict[str, Report] = {}
    problems: list[Unreadable] = []
    for where, row in _rows(data):
        try:
            number = _asked(row.number, reply, f"{where}.number")
            if isinstance(row, _Rejected):
                reports[number] = _refusal(number, row.error)
            else:
                reports[number] = _report(number, _info(row, where))
        except Unreadable as problem:  # one number steps aside, the others of the batch go on
            problems.append(problem)
    if problems and not reports:
        raise problems[0]
    why = "; ".join(map(str, problems)) or "not mentioned in the reply"
    silent = [number for number in reply.numbers if number not in reports]
    return Reading((*reports.values(), *(Report(n, Outcome.TEMPORARY, message=why) for n in silent)))


def _rows(data: _Data) -> Iterator[tuple[str, _Item | _Rejected]]:
    """What was accepted and what was rejected, each with its path."""
    for position, item in enumerate(data.accepted):
        yield f"data.accepted[{position}]", item
    for position, rejected in enumerate(data.rejected):
        yield f"data.rejected[{position}]", rejected


def _asked(found: str, reply: Reply, where: str) -> str:
    """The number in the spelling asked for. Raises Unreadable for a number nobody asked for."""
    for number in reply.numbers or (found,):
        if number.upper() == found.upper():
            return number
    raise Unreadable(where, found)


def _refusal(number: str, error: _Error) -> Report:
    return Report(number, _OUTCOMES.get(error.code, Outcome.DENIED), message=error.message)


def _pushed(reply: Reply) -> Report:
    push = _decoded(reply.body, _Push)
    number = _asked(push.data.number, reply, "data.number")
    if push.event == "TRACKING_STOPPED":
        return Report(number, Outcome.TEMPORARY, message=push.event)
    if push.event != "TRACKING_UPDATED":
        raise Unreadable("event", push.event)
    return _report(number, _info(push.data, "data"))


def _report(number: str, info: _TrackInfo) -> Report:
    latest, misc, shipping = (
        info.latest_status or _Latest(),
        info.misc_info or _Misc(),
        info.shipping_info or _Shipping(),
    )
    origin, destination = _country(shipping.shipper_address), _country(shipping.recipient_address)
    found = _events(info, latest)
    return Report(
        number,
        _outcome(found, latest),
        tuple(_placed(_with_direction(event for event, _ in found), origin or _issuer(number), destination)),
        origin=origin,
        destination=destination,
        aliases=_aliases(number, misc),
        service=_words(misc.service_type),
        weight_g=_grams(misc.weight_kg),
        expected_from=_promised(info, "earliest"),
        expected_until=_promised(info, "latest"),
        unmapped=sum(not is_mapped for _, is_mapped in found),
        message="" if found else latest.sub_status or latest.status or "",
    )


def _outcome(found: Sequence[object], latest: _Latest) -> Outcome:
    if found:
        return Outcome.FOUND
    if latest.sub_status == "NotFound_InvalidCode":
        return Outcome.WRONG_NUMBER
    return Outcome.NOT_FOUND if latest.status in {None, "", "NotFound"} else Outcome.FOUND


def _events(info: _TrackInfo, latest: _Latest) -> list[tuple[Event, bool]]:
    """Scans of all posts, oldest first, each with whether its meaning is known."""
    providers = (info.tracking.providers if info.tracking else None) or []
    scans = [(scan, _slug(p.provider)) for p in providers for scan in reversed(p.events or [])]
    if not scans:
        only = _slug(providers[0].provider) if len(providers) == 1 else ""
        scans = [(scan, only) for scan in _without_history(info)]
    dated = sorted(((*_moment(scan), scan, slug) for scan, slug in scans), key=lambda one: one[0])
    found = {}
    for position, (occurred_at, basis, raw_time, scan, slug) in enumerate(dated, start=1):
        words, is_mapped = _meaning(scan, latest if position == len(dated) else _Latest())
        event = _event(scan, words, occurred_at, basis, raw_time, slug)
        found[event.raw_code, event.raw_text, event.raw_time[:16], event.place, slug] = (event, is_mapped)
    return list(found.values())


def _without_history(info: _TrackInfo) -> Iterator[_Scan]:
    """Without any scan, the milestones reached and the latest event are what is known."""
    for milestone in info.milestone or []:
        scan = _Scan(milestone.time_iso, milestone.time_utc, stage=milestone.key_stage)
        if (scan.time_iso or scan.time_utc) and not (
            info.latest_event and _is_same_time(scan, info.latest_event)
        ):
            yield scan
    if info.latest_event and (info.latest_event.time_iso or info.latest_event.time_utc):
        yield info.latest_event


def _is_same_time(one: _Scan, other: _Scan) -> bool:
    return (one.time_utc, one.time_iso) == (other.time_utc, other.time_iso)


def _moment(scan: _Scan) -> tuple[datetime, ZoneBasis, str]:
    """UTC, how sure it is, and the time as written."""
    written = scan.time_iso or scan.time_utc or _raw_time(scan.time_raw)
    certain = (
        scan.time_utc.replace(tzinfo=UTC) if scan.time_utc and not scan.time_utc.tzinfo else scan.time_utc
    )
    certain = certain or written
    basis = ZoneBasis.GIVEN if certain.tzinfo else ZoneBasis.UNKNOWN
    try:
        moment = certain.astimezone(UTC) if certain.tzinfo else certain.replace(tzinfo=UTC)
    except OverflowError:
        raise Unreadable("events[].time_utc", certain.isoformat()) from None
    return moment, basis, written.isoformat()


def _raw_time(raw: _RawTime | None) -> datetime:
    parts = (raw.date or "", raw.time or "00:00:00", raw.timezone or "") if raw else ("", "", "")
    try:
        return datetime.fromisoformat(f"{parts[0]}T{parts[1]}{parts[2]}")
    except ValueError:
        raise Unreadable("events[].time_iso", " ".join(parts)) from None


def _meaning(scan: _Scan, latest: _Latest) -> tuple[str, bool]:
    """The code (perhaps with a reason) of a scan, and whether it follows from a known status or text."""
    sub_status = scan.sub_status or ""
    by_text = _by_text(_words(scan.description))
    if by_text and (sub_status in _VAGUE or sub_status not in _SUB_STATUSES):
        return by_text, True
    if sub_status in _SUB_STATUSES:
        return _SUB_STATUSES[sub_status], True
    if scan.stage in _STAGES:
        return _STAGES[scan.stage], True
    if latest.status in _STATUSES and latest.status not in _FROM_INACTIVITY:
        return _SUB_STATUSES.get(latest.sub_status or "", _STATUSES[latest.status]), True
    return _STATUSES.get(sub_status.partition("_")[0], "sys.unmapped"), False


def _by_text(description: str) -> str:
    return next((code for pattern, code in _TEXTS if pattern.search(description)), "")


def _event(scan: _Scan, words: str, at: datetime, basis: ZoneBasis, raw_time: str, slug: str) -> Event:
    code, _, reason = words.partition(" ")
    text = _words(scan.description)
    return Event(
        code=code,
        raw_code=_words(scan.sub_status or scan.stage),
        raw_text=text,
        raw_time=raw_time,
        occurred_at=at,
        zone_basis=basis,
        zone=raw_time[-6:] if re.search(r"[+-]\d\d:\d\d$", raw_time) else "",
        text_language=_language(text, slug),
        reason=reason,
        place=_words(scan.location or (scan.address.city if scan.address else None)),
        country=_country(scan.address),
        carrier=slug,
    )


def _words(text: str | None) -> str:
    """A text of the carrier in one line; what is longer than any honest one is cut."""
    return " ".join((text or "")[:500].split())


def _language(text: str, slug: str) -> str:
    if re.search("[\u4e00-\u9fff]", text):
        return "zh"
    if re.search("[а-яёіїєґў]", text.casefold()):
        return {"ukrposhta": "uk", "bulgarian_posts": "bg"}.get(slug, "ru")
    return "en" if text else ""


def _placed(events: Iterable[Event], origin: str, destination: str) -> Iterator[Event]:
    """Scans with the side of customs and the country, where they name neither.

    Customs are the export's until something has left. Posting and export happen in the country of origin; import
    and delivery, unless on the way back, in that of destination.
    """
    has_begun = has_left = False
    for event in events:
        code = event.code
        if _is_export(event, origin, destination, has_begun and not has_left):
            code = _EXPORT_SIDE.get(code, code)
        leg = code.partition(".")[0]
        has_begun = has_begun or leg in {"pre", "orig", "exp"} or code.startswith("line.hub")
        has_left = has_left or leg in _AT_DESTINATION or code.startswith(_ACROSS)
        is_forward = event.direction is Direction.FORWARD
        usual = origin if leg in _AT_ORIGIN else destination if leg in _AT_DESTINATION and is_forward else ""
        yield replace(event, code=code, country=event.country or usual)


def _is_export(event: Event, origin: str, destination: str, is_on_its_way_out: bool) -> bool:
    named = _by_text(event.raw_text)[:4]
    if named in {"exp.", "imp."}:
        return named == "exp."
    if event.country in {origin, destination} - {""} and origin != destination:
        return event.country == origin
    return is_on_its_way_out


def _with_direction(events: Iterable[Event]) -> Iterator[Event]:
    """Oldest first: from the first sign of a return on, everything belongs to the way back."""
    is_back = False
    for event in events:
        is_back = is_back or event.code.startswith("ret.")
        yield replace(event, direction=Direction.RETURN) if is_back else event


def _slug(post: _Post | None) -> str:
    """The slug of the post that scanned, empty when it is none we know."""
    if post is None:
        return ""
    names = (_words(post.name), _words(post.alias))
    by_name = (slug for pattern, slug in _PROVIDER_NAMES if any(map(pattern.search, names)))
    return _PROVIDERS.get(str(post.key)) or next(by_name, "")


def _aliases(number: str, misc: _Misc) -> tuple[Alias, ...]:
    local = str(misc.local_number or "").strip()
    if local in {"", "0", number}:
        return ()
    return (Alias(local, _slug(_Post(misc.local_key, str(misc.local_provider or ""))), "local"),)


def _country(address: _Address | None) -> str:
    country = (address.country or "").upper() if address else ""
    return country if re.fullmatch("[A-Z]{2}", country) else ""


def _issuer(number: str) -> str:
    """The country in an UPU S10 number, else empty."""
    s10 = re.fullmatch(r"[A-Z]{2}\d{9}([A-Z]{2})", number.upper())
    return s10.group(1) if s10 else ""


def _grams(weight_kg: str | float | None) -> int | None:
    try:
        kilograms = float(weight_kg or 0)
    except ValueError:
        return None
    return round(kilograms * 1000) if 0 < kilograms < 1000 else None


def _promised(info: _TrackInfo, end: str) -> datetime | None:
    """One end of the window in which the post expects to deliver; without an offset it is read as UTC."""
    window = info.time_metrics.estimated_delivery_date if info.time_metrics else None
    text = getattr(window, end, None)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"time_metrics.estimated_delivery_date.{end}", text) from None


def verify(headers: Mapping[str, str], body: bytes, account: Account) -> bool:
    """Whether ``sign`` is the lower-case hex SHA-256 of the raw body, a slash and our key; constant time."""
    given = headers.get("sign", "").encode("utf-8", "replace")
    expected = [hashlib.sha256(body + b"/" + key.encode()).hexdigest().encode() for key in _keys(account)]
    return any([hmac.compare_digest(given, sign) for sign in expected])  # noqa: C419  each is compared
