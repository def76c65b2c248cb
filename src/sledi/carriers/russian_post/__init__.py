"""Russian Post (Почта России): one number at once (rtm34), many by a ticket (fc).

Contract: the specification of the tracking service, single and batch access, as published on
tracking.pochta.ru/specification (texts of 2021), and the WSDL of both services. Read in November 2026.
The two accesses have a protocol each: ``history`` and ``batch``, in the envelopes of ``soap``. What their records
mean is the same: ``journey``. The operations, with our decision for each pair, are in ``operations.csv``; the time
zone of an office, by the first three digits of its index, in ``zones.csv``. What we decided where the contract is
silent: ``docs/carriers/russian_post.md``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sledi.carriers.russian_post import batch, history, soap
from sledi.core.carrier import Account, Call, Denied, Reading, Reply, Request
from sledi.core.replies import check_pace

SLUG = "russian_post"

CALLS = (
    Call("history", role="history", secrets=("login", "password"), per_day=100, timeout_s=30.0),
    Call(
        "ticket",
        role="ticket",
        batch=500,  # 3,000 are allowed; large answers are known to fail
        secrets=("batch_login", "batch_password"),
        timeout_s=60.0,
    ),
    Call(
        "answer",
        role="collect",
        batch=500,
        secrets=("batch_login", "batch_password"),
        again_after_s=batch.PAUSE_S,
        timeout_s=120.0,
    ),
)

_ADDRESS = "https://tracking.russianpost.ru"


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
    """One number (``history``), up to 500 (``ticket``), or the answer to ``ticket`` (``answer``)."""
    words = "RUS" if language in {"ru", "uk", "be", "kk"} else "ENG"
    address = (account.base_url or _ADDRESS).rstrip("/")
    secrets = account.secrets
    if kind == "history":
        [number] = numbers
        body = history.request(number, secrets["login"], secrets["password"], words)
        return _post(f"{address}/rtm34", {"content-type": "application/soap+xml; charset=UTF-8"}, body)
    login, password = secrets["batch_login"], secrets["batch_password"]
    if kind == "ticket":
        body = batch.ticket_request(numbers, login, password, words)
    elif kind == "answer":
        body = batch.answer_request(ticket, login, password)
    else:
        raise ValueError(kind)
    return _post(f"{address}/fc", {"content-type": "text/xml; charset=UTF-8", "soapaction": '""'}, body)


# Nothing but the element's own end, or the end of half a body, stops a name.
_PERSON = re.compile(
    rb"(<(?:[^\s<>/:]+:)?(Sndr|Rcpn)(?:\s[^<>]*)?(?<!/)>).*?(</(?:[^\s<>/:]+:)?\2\s*>|\Z)", re.DOTALL
)


def mask(reply: Reply) -> Reply:
    """The reply without the names of sender and recipient (``Sndr``, ``Rcpn``), whole or cut off.

    A body with zero bytes is not the UTF-8 of the contract: names in it could not be found, so it is dropped.
    """
    body = b"" if b"\0" in reply.body else _PERSON.sub(rb"\1\3", reply.body)
    return replace(reply, body=body)


def read(reply: Reply) -> Reading:
    """What the reply says: one report (``history``), a ticket (``ticket``) or a report per item (``answer``).

    An answer that is not ready gives a ticket with an empty token, meaning the one asked with: the reply does
    not repeat it. A ticket that has expired gives TEMPORARY for each number, so that a new one is ordered.
    """
    check_pace(reply, batch.PAUSE_S)
    if reply.status in {401, 403}:
        raise Denied(f"HTTP {reply.status}")
    # Masked first: a name with a bare "&" must not spoil the history it stands in.
    payload = soap.payload(mask(reply).body, reply.status)
    if soap.is_fault(payload):
        return history.read_fault(reply, payload)
    read_payload = {"history": history.read, "ticket": batch.read_ticket, "answer": batch.read_answer}
    return read_payload[reply.kind](reply, payload)


def _post(url: str, headers: Mapping[str, str], body: str) -> Request:
    return Request("POST", url, headers, body.encode())
