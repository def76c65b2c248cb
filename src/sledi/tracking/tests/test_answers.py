"""What carriers say of a parcel as a whole, report after report (no database)."""

from datetime import UTC, datetime, timedelta

import pytest

from sledi.core.carrier import Outcome, Report
from sledi.tracking.answers import Answer, country, is_storable, storable

T0 = datetime(2026, 11, 21, 12, tzinfo=UTC)
T1, T2 = T0 + timedelta(hours=1), T0 + timedelta(hours=2)

FOUND = Report("RB1CN", Outcome.FOUND, origin="CN", destination="RU", service="EMS", weight_g=420)
SILENT = Report("RB1CN", Outcome.NOT_FOUND, message="nothing here")


def test_a_report_says_how_things_stand() -> None:
    answer = Answer().after(FOUND, T0)
    assert answer == Answer(T0, "found", "", "CN", "RU", "EMS", 420)


def test_a_newer_report_counts_and_forgets_no_country() -> None:
    answer = Answer().after(FOUND, T0).after(SILENT, T1)
    assert answer == Answer(T1, "not_found", "nothing here", "CN", "RU", "EMS", 420)


def test_a_late_report_only_fills_in_what_is_not_known() -> None:
    answer = Answer().after(SILENT, T1).after(FOUND, T0)
    assert answer == Answer(T1, "not_found", "nothing here", "CN", "RU", "EMS", 420)


def test_the_order_of_arrival_does_not_matter() -> None:
    moved = Report("RB1CN", Outcome.FOUND, expected_until=T2)
    in_order = Answer().after(FOUND, T0).after(SILENT, T1).after(moved, T2)
    assert Answer().after(moved, T2).after(FOUND, T0).after(SILENT, T1) == in_order


def test_the_promise_is_that_of_the_newest_report() -> None:
    promised = Report("RB1CN", Outcome.FOUND, expected_from=T1, expected_until=T2)
    assert Answer().after(promised, T0).expected_until == T2
    assert Answer().after(promised, T0).after(FOUND, T1).expected_until is None


@pytest.mark.parametrize(("report", "changes"), [(FOUND, True), (SILENT, False)])
def test_a_page_changes_with_what_it_shows(report: Report, changes: bool) -> None:
    before = Answer().after(SILENT, T0)
    assert before.after(report, T1).changes_the_page(before) is changes


@pytest.mark.parametrize("weight_g", [0, -5, 2**31, 10**30])
def test_an_impossible_weight_is_none(weight_g: int) -> None:
    assert Answer().after(Report("RB1CN", Outcome.FOUND, weight_g=weight_g), T0).weight_g is None


@pytest.mark.parametrize("code", ["C", "CHN", "cn", "中国", "\0\0", ""])
def test_what_is_no_country_is_none(code: str) -> None:
    assert country(code) == ""


def test_what_the_database_refuses_is_replaced() -> None:
    assert storable("a\0b\ud800c") == "a\ufffdb\ufffdc"
    assert not is_storable("\0")
    assert not is_storable("\udfff")
    assert is_storable("Прибыло 到达 📦")


def test_long_words_are_cut() -> None:
    answer = Answer().after(Report("RB1CN", Outcome.NOT_FOUND, service="s" * 999, message="m" * 999), T0)
    assert (len(answer.service), len(answer.message)) == (200, 300)
