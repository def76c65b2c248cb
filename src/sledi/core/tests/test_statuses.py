"""The vocabulary of parcel events: its size, and that its parts fit together."""

from collections import Counter

from sledi.core.statuses import CLOSING_CODES, EVENT_CODES, FINAL_CODES, REASONS, PublicStatus


def test_there_are_71_codes_35_reasons_and_16_public_statuses() -> None:
    assert (len(EVENT_CODES), len(REASONS), len(PublicStatus)) == (71, 35, 16)


def test_the_codes_are_spread_over_the_legs_of_a_journey() -> None:
    assert Counter(row.leg for row in EVENT_CODES.values()) == {
        "sys": 7,
        "pre": 4,
        "orig": 3,
        "exp": 7,
        "line": 11,
        "imp": 9,
        "last": 11,
        "done": 5,
        "ret": 2,
        "bad": 12,
    }


def test_every_row_is_found_under_its_own_code() -> None:
    assert all(row.code == code for code, row in EVENT_CODES.items())


def test_every_public_status_but_none_is_reached_by_some_code() -> None:
    assert {row.public for row in EVENT_CODES.values()} == {*PublicStatus, None}


def test_only_three_codes_change_no_status() -> None:
    assert {code for code, row in EVENT_CODES.items() if row.public is None} == {
        "sys.error",
        "sys.unmapped",
        "sys.note",
    }


def test_whoever_must_act_is_one_of_three() -> None:
    assert {row.owes for row in EVENT_CODES.values()} == {"", "buyer", "seller", "operator"}


def test_every_code_says_what_it_means() -> None:
    assert all(row.meaning for row in EVENT_CODES.values())


def test_finals_are_the_deliveries_the_return_and_the_losses() -> None:
    assert {
        "done.delivered",
        "done.signed",
        "done.collected",
        "done.cod",
        "done.neighbour",
        "ret.done",
        "bad.lost",
        "bad.destroyed",
    } == FINAL_CODES


def test_a_closing_code_is_never_final() -> None:
    assert {"pre.cancelled", "bad.cancelled", "imp.terminated"} == CLOSING_CODES
    assert not CLOSING_CODES & FINAL_CODES


def test_every_reason_implies_a_code_that_exists() -> None:
    assert set(REASONS.values()) <= set(EVENT_CODES)


def test_reasons_say_who_caused_it() -> None:
    causes = Counter(reason.partition("_")[0] for reason in REASONS)
    assert (causes["carrier"], causes["retailer"], causes["consignee"], causes["customs"]) == (8, 6, 9, 5)
