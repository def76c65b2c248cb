"""Bad days that ukrposhta, belpost, kazpost, seventeentrack and kuaidi100 have in common."""

import copy
import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sledi.carriers import belpost, kazpost, kuaidi100, seventeentrack, ukrposhta
from sledi.core.carrier import (
    Account,
    CarrierError,
    Denied,
    Reading,
    Refused,
    Reply,
    Throttled,
    Unavailable,
    Unreadable,
    ZoneBasis,
)
from sledi.core.statuses import EVENT_CODES, REASONS

ACCOUNT = Account("http://127.0.0.1:9000/carrier", {"bearer": "b", "key": "k", "customer": "c", "salt": "s"})
CONTRACTS = Path(__file__).parents[4] / "tests" / "contracts"


@dataclass(frozen=True)
class Case:
    """An example of a contract, the call it answers and the numbers that were asked for."""

    carrier: ModuleType
    file: str
    kind: str
    numbers: tuple[str, ...] = ()

    @property
    def reply(self) -> Reply:
        body = (CONTRACTS / self.carrier.SLUG / self.file).read_bytes()
        if self.kind == "push" and self.carrier is kuaidi100:
            body = b"sign=0&param=" + quote_plus(body).encode()
        return Reply(200, body, self.kind, self.numbers)

    def __str__(self) -> str:
        return f"{self.carrier.SLUG}/{self.file}"


CASES = (
    Case(ukrposhta, "composed_statuses.json", "statuses", ("0500100031143", "RA314075228UA")),
    Case(ukrposhta, "composed_returned.json", "statuses", ("0500100031143",)),
    Case(ukrposhta, "composed_last.json", "last", ("0500100031143", "RA314075228UA", "RB481503678CN")),
    Case(belpost, "composed_tracking.json", "tracking", ("RB123456785BY",)),
    Case(belpost, "composed_told_twice.json", "tracking", ("RB481503678CN",)),
    Case(kazpost, "composed_events.json", "events", ("CC000123455KZ",)),
    Case(kazpost, "composed_same_minute.json", "events", ("RB481503678CN",)),
    Case(kazpost, "composed_summary.json", "summary", ("RB481503678CN",)),
    Case(seventeentrack, "composed_register.json", "register", ("…",)),
    Case(seventeentrack, "composed_gettrackinfo.json", "gettrackinfo", ("RB481503678CN", "ZZ999")),
    Case(seventeentrack, "composed_two_posts.json", "gettrackinfo", ("RB481503678CN",)),
    Case(seventeentrack, "composed_push_updated.json", "push"),
    Case(kuaidi100, "composed_query.json", "query", ("YT8812345678901",)),
    Case(kuaidi100, "composed_signed_for.json", "query", ("SF1234567890123",)),
    Case(kuaidi100, "composed_subscribed.json", "subscribe", ("SF1234567890123",)),
    Case(kuaidi100, "composed_push.json", "push"),
)
CALLED = tuple(case for case in CASES if case.kind != "push")
WITH_EVENTS = tuple(case for case in CASES if case.kind not in {"register", "subscribe"})
each_case = pytest.mark.parametrize("case", CASES, ids=str)
each_call = pytest.mark.parametrize("case", CALLED, ids=str)
each_history = pytest.mark.parametrize("case", WITH_EVENTS, ids=str)


def outcome(case: Case, reply: Reply) -> Reading | tuple[type, str]:
    try:
        return case.carrier.read(reply)
    except CarrierError as error:
        return type(error), str(error)


def answered(case: Case, status: int, body: bytes = b"{}", **headers: str) -> Reply:
    return Reply(status, body, case.kind, case.numbers, {k.replace("_", "-"): v for k, v in headers.items()})


@each_case
def test_reading_a_masked_reply_is_reading_the_reply(case):
    masked = case.carrier.mask(case.reply)
    assert case.carrier.read(masked) == case.carrier.read(case.reply)
    assert case.carrier.mask(masked) == masked


@each_history
def test_events_speak_our_vocabulary_in_utc_oldest_first(case):
    for report in case.carrier.read(case.reply).reports:
        assert all(event.code in EVENT_CODES for event in report.events)
        assert all(event.reason in {*REASONS, ""} for event in report.events)
        assert all(event.occurred_at.utcoffset().total_seconds() == 0 for event in report.events)
        assert [e.occurred_at for e in report.events] == sorted(e.occurred_at for e in report.events)
        assert all(bool(e.zone) == (e.zone_basis is not ZoneBasis.UNKNOWN) for e in report.events)


@each_history
def test_a_number_is_reported_as_it_was_asked_for(case):
    asked = tuple(number.lower() for number in case.numbers)
    reports = case.carrier.read(replace(case.reply, numbers=asked)).reports
    assert case.kind == "push" or {report.number for report in reports} == set(asked)


@each_history
def test_another_parcels_number_in_the_reply_is_never_attributed(case):
    with pytest.raises(Unreadable):
        case.carrier.read(replace(case.reply, numbers=("RR000000005XX",)))


@each_call
@pytest.mark.parametrize("status", [200, 302, 404, 500, 502, 503, 504])
def test_a_page_in_place_of_json_is_temporary(case, status):
    with pytest.raises(Unavailable):
        case.carrier.read(answered(case, status, b"\n<html><body>maintenance</body></html>"))


@each_call
@pytest.mark.parametrize("body", [b"", b" ", b"{", b"\xff\xfe{}", b"OK", b"{'a':1}"])
def test_a_body_that_is_no_json_is_temporary(case, body):
    with pytest.raises(Unavailable):
        case.carrier.read(answered(case, 200, body))


@each_call
def test_half_a_body_is_temporary_wherever_it_ends(case):
    body = case.reply.body.rstrip()
    for end in range(0, len(body), 7):
        assert outcome(case, replace(case.reply, body=body[:end]))[0] is Unavailable


@each_call
@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"text"', b"{}"])
def test_json_of_another_shape_names_the_field(case, body):
    with pytest.raises(Unreadable) as caught:
        case.carrier.read(answered(case, 200, body))
    assert caught.value.where


@each_call
def test_a_server_in_trouble_is_temporary(case):
    with pytest.raises(Unavailable):
        case.carrier.read(answered(case, 500, b'{"message":"error"}'))


@each_call
def test_throttling_says_when_to_come_back(case):
    with pytest.raises(Throttled) as caught:
        case.carrier.read(answered(case, 429, b"<html>slow down</html>", retry_after="17"))
    assert caught.value.retry_after_s == 17


@each_call
@pytest.mark.parametrize("wanted", ["", "soon", "-1", "²", "9" * 5000, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_throttling_without_a_usable_figure_takes_the_contracts(case, wanted):
    with pytest.raises(Throttled) as caught:
        case.carrier.read(answered(case, 429, b"{}", retry_after=wanted))
    assert 1 <= caught.value.retry_after_s <= 3600


@each_call
def test_refused_access_is_for_the_operator(case):
    with pytest.raises(Denied):
        case.carrier.read(answered(case, 401, b'{"message":"no"}'))


@each_call
def test_a_request_called_wrong_is_for_the_programmer(case):
    with pytest.raises(Refused):
        case.carrier.read(answered(case, 400, b'{"message":"bad request"}'))


@each_call
def test_there_is_no_request_for_an_unknown_call(case):
    with pytest.raises((KeyError, ValueError)):
        case.carrier.ask(["RB481503678CN"], ACCOUNT, "telepathy")


@each_call
def test_another_address_replaces_the_public_one(case):
    request = case.carrier.ask(["RB481503678CN"], ACCOUNT, case.kind)
    assert request.url.startswith("http://127.0.0.1:9000/carrier/")


def test_every_call_asks_for_what_it_lists_and_nothing_else():
    for case in CALLED:
        call = next(call for call in case.carrier.CALLS if call.kind == case.kind)
        needed = replace(ACCOUNT, secrets=dict.fromkeys(call.secrets, "secret"))
        assert case.carrier.ask(["RB481503678CN"], needed, case.kind).method in {"GET", "POST"}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**80), 2**80)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "31.12.9999", "+79161234567"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@st.composite
def mutants(draw: st.DrawFn, case: Case) -> Reply:
    """An example of the contract with one to three of its values replaced by anything."""
    document = json.loads((CONTRACTS / case.carrier.SLUG / case.file).read_bytes())
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(document)))
        value = copy.deepcopy(draw(JSON))
        if not path:
            document = value
            continue
        parent = document
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = value
    body = json.dumps(document, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    body = body[: draw(st.sampled_from([len(body), draw(st.integers(0, len(body)))]))]
    if case.kind == "push" and case.carrier is kuaidi100:
        body = b"sign=0&param=" + quote_plus(body).encode()
    return replace(case.reply, body=body)


def stands(case: Case, reply: Reply) -> None:
    """Reading ends in a Reading or one of the five errors, and masking changes nothing about it."""
    masked = case.carrier.mask(reply)
    assert case.carrier.mask(masked) == masked
    result = outcome(case, reply)
    assert result == outcome(case, masked)
    assert isinstance(result, Reading) or result[0] in {Unavailable, Throttled, Denied, Refused, Unreadable}


@each_case
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_a_changed_example_is_read_or_refused_by_name(case, data):
    stands(case, data.draw(mutants(case)))


FRAGMENTS = st.sampled_from(
    (
        r'"phone":~"addresseePhoneNum":~"receiver":{~"sender":"~"description":"~"context":"~"street":~"name_fact":"'
        r'~"country":"KZ"~}~{~"~\~\u00~,~:~***~+380671234567~0671234567~+7 701 123 45 67~87011234567~+375291234567'
        r"~13800138000~派件员:张三~李四(~signed by BORIS~получатель: Борис~boris@example.com~+~8~.~ ~param=~&~%~%7B"
    )
    .encode()
    .split(b"~")
)


@each_case
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_bytes_are_masked_once_and_read_or_refused(case, data):
    body = data.draw(st.binary(max_size=60) | st.lists(FRAGMENTS, max_size=14).map(b"".join))
    status = data.draw(st.sampled_from([200, 200, 404, 422, 401, 500]))
    stands(case, replace(case.reply, body=body, status=status))
