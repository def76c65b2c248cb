"""17TRACK: aggregator, JSON over HTTPS, with signed pushes; our way to China Post and Singapore Post.

Contract: 17TRACK API v2.2 (help.17track.net: statuses, signature, automatic stop; models in
wksw/17track-golang-sdk; the header ``sign`` from several public webhook handlers); read 2026-11-21.
A number is registered first and costs a unit of quota; asking for what is known of it costs nothing.

Offsets come from 17TRACK, not from the post, and are an hour wrong in some summers: the basis is "given", but
two posts' events closer than an hour have no sure order. The latest status also follows from inactivity, so
it explains only the newest event, and only when that says nothing itself. Texts and places are the posts' own.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import msgspec

from sledi.carriers.seventeentrack.history import report_of
from sledi.carriers.seventeentrack.wire import Answer, Data, Error, Item, Push, Rejected, TrackInfo
from sledi.core.carrier import (
    Account,
    Call,
    Denied,
    Outcome,
    Reading,
    Refused,
    Reply,
    Report,
    Request,
    Unavailable,
    Unreadable,
)
from sledi.core.privacy import private_fields, without_people
from sledi.core.replies import as_asked, check_status, decoded, is_signed, reports_asked, secrets_of

SLUG = "seventeentrack"
CALLS = (
    Call("gettrackinfo", "history", 40, ("key",), spacing_s=0.34, again_after_s=600, after="register"),
    Call("register", "register", 40, ("key",), spacing_s=0.34),
    Call("push", "push", 1, ("key",)),
)
ACKNOWLEDGEMENT = b""  # any HTTP 200 will do

_ADDRESS = "https://api.17track.net"
_PAUSE_S = 1  # three requests a second are allowed
_DENIED = {401: "the access key is not accepted"}

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
    hints: Mapping[str, str] = {},
) -> Request:
    """The request to register numbers, or for what is known of registered ones. ValueError for other kinds.

    Hints, for all numbers (``carrier_key``) or one (``RB1CN:carrier_key``): ``carrier_key`` and
    ``final_carrier`` (17TRACK's numeric keys), ``tag``, ``param``, ``lang`` (a translation costs a unit).
    """
    if kind not in {"register", "gettrackinfo"}:
        raise ValueError(f"{SLUG} has no call {kind!r}")
    items: list[dict[str, str | int]] = [{"number": number} for number in numbers]
    for item, number in zip(items, numbers, strict=True) if kind == "register" else ():
        item.update(_wishes(number, hints))
    return Request(
        "POST",
        f"{account.base_url or _ADDRESS}/track/v2.2/{kind}",
        {
            "17token": secrets_of(account, "key")[0],
            "content-type": "application/json",
            "accept": "application/json",
        },
        msgspec.json.encode(items),
    )


def _wishes(number: str, hints: Mapping[str, str]) -> Iterator[tuple[str, str | int]]:
    for hint, field in (("carrier_key", "carrier"), ("final_carrier", "final_carrier")):
        if key := hints.get(f"{number}:{hint}") or hints.get(hint):
            yield field, int(key)
    for hint in ("tag", "param", "lang"):
        if wish := hints.get(f"{number}:{hint}") or hints.get(hint):
            yield hint, wish


_PRIVATE = private_fields(
    "street|state|postal_code|longitude|latitude|param|email|phone|remark|order_no|customer_number|reference_number",
    texts="description|sub_status_descr",
)


def mask(reply: Reply) -> Reply:
    """The reply without people: of addresses, country and city stay; names and telephones leave the texts."""
    return replace(reply, body=without_people(reply.body, _PRIVATE))


def read(reply: Reply) -> Reading:
    """What the reply or push says of each number. Raises one of the five errors when the whole failed."""
    reply = mask(reply)
    if reply.kind == "push":
        return Reading((_pushed(reply),))
    check_status(reply, _PAUSE_S, _DENIED)
    data = _checked(decoded(reply.body, Answer))
    return _registration(data, reply) if reply.kind == "register" else _histories(data, reply)


def verify(headers: Mapping[str, str], body: bytes, account: Account) -> bool:
    """Whether ``sign`` is the lower-case hex SHA-256 of the raw body, a slash and our key; constant time."""
    given = headers.get("sign", "").encode("utf-8", "replace")
    keys = secrets_of(account, "key")
    return is_signed(given, (hashlib.sha256(body + b"/" + key.encode()).hexdigest().encode() for key in keys))


def _checked(answer: Answer) -> Data:
    """The data of a call that went well; also when the account is refused number by number, it did not."""
    data = answer.data
    problems = [] if data is None else data.errors
    if data is not None and not data.accepted and all(r.error.code in _ACCOUNT for r in data.rejected):
        problems = problems + [rejected.error for rejected in data.rejected]
    if answer.code != 0:
        problems = [*problems, Error(answer.code)]
    for problem in problems:
        words = f"{problem.code} {problem.message}"
        if problem.code in _ACCOUNT:
            raise Denied(words)
        raise Unavailable(words) if problem.code == _INTERNAL else Refused(words)
    if data is None:
        raise Unreadable("data", None)
    return data


def _registration(data: Data, reply: Reply) -> Reading:
    registered, refused = [], []
    for where, row in _rows(data):
        number = as_asked(row.number, reply, f"{where}.number")
        if isinstance(row, Rejected) and row.error.code != _REGISTERED_ALREADY:
            refused.append(_refusal(number, row.error))
        else:
            registered.append(number)
    return Reading(tuple(refused), registered=tuple(registered))


def _histories(data: Data, reply: Reply) -> Reading:
    def report(entry: tuple[str, Item | Rejected]) -> Report:
        where, row = entry
        number = as_asked(row.number, reply, f"{where}.number")
        return (
            _refusal(number, row.error) if isinstance(row, Rejected) else report_of(number, _info(row, where))
        )

    return Reading(reports_asked(reply, _rows(data), report))


def _rows(data: Data) -> Iterator[tuple[str, Item | Rejected]]:
    """What was accepted and what was rejected, each with its path."""
    for position, item in enumerate(data.accepted):
        yield f"data.accepted[{position}]", item
    for position, rejected in enumerate(data.rejected):
        yield f"data.rejected[{position}]", rejected


def _refusal(number: str, error: Error) -> Report:
    return Report(number, _OUTCOMES.get(error.code, Outcome.DENIED), message=error.message)


def _pushed(reply: Reply) -> Report:
    push = decoded(reply.body, Push)
    number = as_asked(push.data.number, reply, "data.number")
    if push.event == "TRACKING_STOPPED":
        return Report(number, Outcome.TEMPORARY, message=push.event)
    if push.event != "TRACKING_UPDATED":
        raise Unreadable("event", push.event)
    return report_of(number, _info(push.data, "data"))


def _info(item: Item, where: str) -> TrackInfo:
    if bytes(item.track_info) == b"null":
        return TrackInfo()
    return decoded(item.track_info, TrackInfo, f"{where}.track_info")
