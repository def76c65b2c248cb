"""What all carriers' replies have in common."""

import doctest
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from sledi.core import replies
from sledi.core.carrier import (
    Account,
    CarrierError,
    Denied,
    Direction,
    Event,
    Outcome,
    Refused,
    Reply,
    Report,
    Throttled,
    Unavailable,
    Unreadable,
    ZoneBasis,
)
from sledi.core.replies import (
    as_asked,
    check_pace,
    check_status,
    country_code,
    decoded,
    grams,
    history,
    is_signed,
    moment_in,
    one_line,
    reports_asked,
    s10_country,
    secrets_of,
    with_direction,
)
from sledi.core.statuses import EVENT_CODES

START = datetime(2026, 3, 1, tzinfo=UTC)
DENIED = {401: "the key is wrong", 403: "the key may not"}


def reply(status: int = 200, body: bytes = b"{}", *numbers: str, **headers: str) -> Reply:
    return Reply(status, body, "history", numbers, headers)


def event(code: str, day: int = 0, *, withdraws: bool = False) -> Event:
    return Event(
        code, code, "", "", START + timedelta(days=day), ZoneBasis.GIVEN, zone="UTC", withdraws=withdraws
    )


def test_the_examples_in_the_module_hold() -> None:
    found = doctest.testmod(replies)
    assert found.attempted > 0
    assert found.failed == 0


# Status


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (201, b"{}", Unavailable),
        (302, b"{}", Unavailable),
        (400, b"{}", Refused),
        (401, b"{}", Denied),
        (401, b"<html>", Denied),
        (403, b"{}", Denied),
        (403, b" \n<html>", Unavailable),
        (404, b"{}", Refused),
        (404, b"<html>", Unavailable),
        (200, b"\n<html>", Unavailable),
        (500, b"{}", Unavailable),
        (429, b"<html>", Throttled),
    ],
)
def test_a_failed_call_is_sorted_by_who_must_act(status: int, body: bytes, error: type[CarrierError]) -> None:
    with pytest.raises(error) as caught:
        check_status(reply(status, body), 60, DENIED, unless_page=(403,))
    assert type(caught.value) is error


def test_an_answer_with_a_status_of_the_contract_passes() -> None:
    check_status(reply(), 60, DENIED)
    check_status(reply(422), 60, DENIED, answers=(200, 422))
    with pytest.raises(Refused, match="HTTP 422"):
        check_status(reply(422), 60, DENIED)


def test_a_refused_access_tells_the_operator_in_the_carriers_words() -> None:
    with pytest.raises(Denied, match="the key may not"):
        check_status(reply(403), 60, DENIED)


@pytest.mark.parametrize(
    ("wanted", "wait_s"),
    [("17", 17), ("0", 0), ("86400", 86400), ("100000", 60), ("", 60), ("soon", 60), ("-1", 60), ("²", 60)],
)
def test_a_throttled_call_waits_as_told_or_as_the_contract_says(wanted: str, wait_s: int) -> None:
    with pytest.raises(Throttled) as caught:
        check_pace(Reply(429, b"", "history", headers={"retry-after": wanted}), 60)
    assert caught.value.retry_after_s == wait_s


def test_any_other_status_is_no_matter_of_pace() -> None:
    check_pace(reply(503), 60)


# JSON


class Scan(msgspec.Struct):
    at: int


class Answer(msgspec.Struct):
    scans: list[Scan]


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"[]", "reply"),
        (b"{}", "reply"),
        (b'{"scans":7}', "scans"),
        (b'{"scans":[{"at":1},{"at":"x"}]}', "scans[1].at"),
    ],
)
def test_a_field_that_breaks_the_contract_is_named(body: bytes, where: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decoded(body, Answer)
    assert caught.value.where == where


def test_a_field_inside_a_part_is_named_from_the_top() -> None:
    with pytest.raises(Unreadable) as caught:
        decoded(msgspec.Raw(b'{"scans":[{}]}'), Answer, "found.RB1")
    assert caught.value.where == "found.RB1.scans[0]"


@pytest.mark.parametrize("body", [b"", b"OK", b'{"scans":[', b"\xff{}", b'{"x":' + b"[" * 100_000])
def test_what_is_no_json_is_asked_for_again(body: bytes) -> None:
    with pytest.raises(Unavailable):
        decoded(body, Answer)


def test_a_whole_answer_is_typed() -> None:
    assert decoded(b'{"scans":[{"at":5}],"new":1}', Answer) == Answer([Scan(5)])


# The numbers asked for


def test_a_number_is_reported_in_the_spelling_asked_for() -> None:
    assert as_asked("RB1CN", reply(200, b"", "lp1", "rb1cn"), "number") == "rb1cn"
    assert as_asked("RB1CN", reply(), "number") == "RB1CN"


@pytest.mark.parametrize("found", ["RB2CN", "", None])
@pytest.mark.parametrize("numbers", [("RB1CN",), ("",)])
def test_another_parcels_number_is_never_taken(found: str | None, numbers: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable) as caught:
        as_asked(found, reply(200, b"", *numbers), "data[0].number")
    assert caught.value.where == "data[0].number"


@pytest.mark.parametrize("found", ["", None])
def test_a_push_must_name_a_number(found: str | None) -> None:
    with pytest.raises(Unreadable):
        as_asked(found, reply(), "number")


def read_entry(entry: str) -> Report:
    if entry.startswith("!"):
        raise Unreadable(f"found.{entry}", entry)
    return Report(entry, Outcome.FOUND)


def test_in_a_batch_one_broken_entry_steps_aside() -> None:
    asked = reply(200, b"", "A", "B")
    assert reports_asked(asked, ["!B", "A"], read_entry) == (
        Report("A", Outcome.FOUND),
        Report("B", Outcome.TEMPORARY, message="found.!B: '!B'"),
    )


def test_a_number_the_reply_leaves_out_has_no_answer_yet() -> None:
    assert reports_asked(reply(200, b"", "A"), [], read_entry) == (
        Report("A", Outcome.TEMPORARY, message="not mentioned in the reply"),
    )


def test_when_no_entry_can_be_read_the_first_is_named() -> None:
    with pytest.raises(Unreadable) as caught:
        reports_asked(reply(200, b"", "A", "B"), ["!A", "!B"], read_entry)
    assert caught.value.where == "found.!A"


def test_without_numbers_asked_every_entry_is_reported() -> None:
    assert [report.number for report in reports_asked(reply(), ["B", "A"], read_entry)] == ["B", "A"]


# Events


def test_from_the_first_return_on_everything_is_on_the_way_back() -> None:
    codes = ("orig.accepted", "last.failed", "ret.started", "line.hub_in", "ret.done")
    assert [e.direction for e in with_direction(event(code) for code in codes)] == [
        *[Direction.FORWARD] * 2,
        *[Direction.RETURN] * 3,
    ]


def test_a_return_that_was_taken_back_turns_nothing_around() -> None:
    withdrawn = [event("ret.started", withdraws=True), event("last.out")]
    assert [e.direction for e in with_direction(withdrawn)] == [Direction.FORWARD] * 2


def test_a_known_parcel_counts_the_events_without_a_meaning() -> None:
    report = history("RB1", [event("sys.unmapped"), event("ret.started", 1), event("sys.unmapped", 2)])
    assert (report.number, report.outcome, report.unmapped) == ("RB1", Outcome.FOUND, 2)
    assert [e.direction for e in report.events] == [Direction.FORWARD, Direction.RETURN, Direction.RETURN]


def test_sides_of_the_border_are_codes_of_the_vocabulary() -> None:
    for table in (replies.EXPORT_SIDE, replies.DESTINATION_HUBS):
        assert {*table, *table.values()} <= set(EVENT_CODES)


# Times, texts, weights, countries

ALMATY = ZoneInfo("Asia/Almaty")


@pytest.mark.parametrize(
    ("text", "pattern", "moment"),
    [
        ("2026-03-10 08:22:10", "", datetime(2026, 3, 10, 3, 22, 10, tzinfo=UTC)),
        ("2024-02-29 23:00", "", datetime(2024, 2, 29, 17, 0, tzinfo=UTC)),  # UTC+6 until 2024-03-01
        ("10.03.2026 08:22", "%d.%m.%Y %H:%M", datetime(2026, 3, 10, 3, 22, tzinfo=UTC)),
        ("2026-03-10T08:22:10+03:00", "", datetime(2026, 3, 10, 3, 22, 10, tzinfo=UTC)),
    ],
)
def test_a_local_time_is_that_of_the_contracts_zone(text: str, pattern: str, moment: datetime) -> None:
    assert moment_in(ALMATY, text, "time", pattern) == moment


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("", ""),
        ("soon", ""),
        ("2026-02-30 10:00", ""),
        ("0001-01-01 00:00", ""),
        ("2026-03-10 08:22", "%d.%m.%Y %H:%M"),
    ],
)
def test_a_time_that_is_none_is_named(text: str, pattern: str) -> None:
    with pytest.raises(Unreadable) as caught:
        moment_in(ALMATY, text, "data[0].time", pattern)
    assert caught.value.where == "data[0].time"


def test_a_text_is_one_short_line() -> None:
    assert one_line(" Прибыло\n в  место \t вручения ") == "Прибыло в место вручения"
    assert one_line("x" * 10_000) == "x" * 500
    assert one_line(None) == ""


@pytest.mark.parametrize(
    ("kilograms", "weight_g"),
    [
        ("0.35", 350),
        (1.5, 1500),
        (0.0004, 0),
        (0, None),
        (-1, None),
        (1000, None),
        ("heavy", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_a_weight_is_in_grams_or_unknown(kilograms: str | float | None, weight_g: int | None) -> None:
    assert grams(kilograms) == weight_g


@pytest.mark.parametrize(
    ("text", "country"), [("kz", "KZ"), ("KZ", "KZ"), ("KAZ", ""), ("", ""), (None, ""), ("К3", "")]
)
def test_a_country_is_two_letters_or_unknown(text: str | None, country: str) -> None:
    assert country_code(text) == country


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("RB481503678CN", "CN"),
        ("rb481503678cn", "CN"),
        ("RB48150367CN", ""),
        ("80123456789018", ""),
        ("", ""),
    ],
)
def test_an_s10_number_names_its_country(number: str, country: str) -> None:
    assert s10_country(number) == country


# Signatures


@pytest.mark.parametrize(
    ("configured", "secrets"),
    [
        ({"key": "new, old"}, ["new", "old"]),
        ({"key": " one "}, ["one"]),
        ({"key": " , "}, []),
        ({"salt": "x"}, []),
    ],
)
def test_a_secret_may_stand_beside_the_one_it_replaces(
    configured: dict[str, str], secrets: list[str]
) -> None:
    assert secrets_of(Account(secrets=configured), "key") == secrets


def test_one_of_the_expected_signatures_is_enough() -> None:
    assert is_signed(b"old", [b"new", b"old"])
    assert not is_signed(b"ol", [b"new", b"old"])
    assert not is_signed(b"", [])


def test_every_expected_signature_is_compared() -> None:
    left = iter([b"right", b"wrong"])
    assert is_signed(b"right", left)
    assert list(left) == []
