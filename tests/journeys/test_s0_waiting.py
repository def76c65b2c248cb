"""Waiting: for a number that is late, for an item that stands still, and what the history tells of both."""

from datetime import timedelta

import pytest

from tests.journeys.office import Office, moment
from tests.journeys.purchases import KETTLE, LAMP, item_of, ordered
from tests.journeys.world import command

PROFILE = "buyout"
pytestmark = pytest.mark.django_db

A = "YT8825498020044"


def flags(office: Office, item: str) -> list[str]:
    return [flag["key"] for flag in item_of(office, item)["flags"]]


def deadline(office: Office, order: str, name: str) -> dict[str, object]:
    (found,) = [one for one in office.see("operator", f"orders/{order}")["deadlines"] if one["name"] == name]
    return dict(found)


# --- the number that is late ----------------------------------------------------------------------------------


@pytest.mark.promise("S0.9")
def test_before_two_days_the_item_says_when_its_number_is_expected(office: Office) -> None:
    order = ordered(office, KETTLE)
    office.wait(days=1, hours=23, minutes=59)
    page = office.read("reseller", f"orders/{order}/").replace("\xa0", " ")
    assert "Трек-номер по Китаю ожидается до 30 сентября" in page
    expected = deadline(office, order, "number_overdue")
    assert (expected["at"], expected["ahead"]) == (
        "2026-09-30T09:00:00+00:00",
        "The number in China is expected by 30\xa0September",
    )
    assert office.see("operator", "items?flag=number_overdue")["rows"] == []


@pytest.mark.promise("S0.9")
def test_after_two_days_the_item_is_listed_as_overdue_for_the_operator(office: Office) -> None:
    late, given = ordered(office, KETTLE), ordered(office, LAMP)
    office.do("operator", f"items/{given}.1", "dispatch", domestic_number=A)
    office.wait(days=2)
    (row,) = office.see("operator", "items?flag=number_overdue")["rows"]
    assert row["orders"] == [late]
    assert flags(office, f"{late}.1") == ["number_overdue"]
    listed = office.read("operator", "items/?flag=number_overdue")
    assert "Трек-номер по Китаю запаздывает" in listed
    assert (late in listed, given in listed) == (True, False)
    home = office.html("operator", "")
    assert "/items/?flag=number_overdue" in home
    page = office.read("reseller", f"orders/{late}/")
    assert "ожидается до" not in page
    office.do("operator", f"items/{late}.1", "dispatch", domestic_number="JT5343908375834")
    assert office.see("operator", "items?flag=number_overdue")["rows"] == []


# --- what stands still ----------------------------------------------------------------------------------------


def stalled_on(office: Office, item: str) -> str:
    """The day, looked at every hour, on which the flag appears."""
    while "stalled" not in flags(office, item):
        assert office.now < moment("2026-10-20 00:00")
        office.wait(hours=6)
    return office.now.date().isoformat()


@pytest.mark.promise("S0.18")
@pytest.mark.parametrize(("limit", "day"), [(4, "2026-10-12"), (5, "2026-10-13")])
def test_the_flag_counts_chinas_working_days_past_its_national_day(
    office: Office, limit: int, day: str
) -> None:
    code, said = command("business", "set", office.business.slug, f"stall_days={limit}")
    assert code == 0, said
    office.business.refresh_from_db()
    office.go_to(moment("2026-09-29 09:00"))
    order = ordered(office, KETTLE)
    office.go_to(moment("2026-09-30 09:00"))
    office.do("operator", f"items/{order}.1", "dispatch", domestic_number=A)
    office.go_to(moment("2026-10-08 00:00"))
    assert flags(office, f"{order}.1") == []
    assert stalled_on(office, f"{order}.1") == day
    assert item_of(office, f"{order}.1")["flags"] == [{"key": "stalled", "label": "Давно без изменений"}]
    for who in ("reseller", "logist"):
        card, _, _history = office.read(who, f"orders/{order}/").partition("История")
        assert "Давно без изменений" in card
    assert "Давно без изменений 1" in office.read("logist", "")
    (row,) = office.see("logist", "items?flag=stalled")["rows"]
    assert row["orders"] == [order]


# --- the history ----------------------------------------------------------------------------------------------


@pytest.mark.promise("S0.38")
def test_every_state_has_its_time_and_actor_and_none_is_missing(office: Office) -> None:
    order = ordered(office, KETTLE)
    office.wait(hours=5)
    office.do("operator", f"items/{order}.1", "dispatch", domestic_number=A)
    office.wait(hours=5)
    office.do("operator", f"items/{order}.1", "receive", scanned_number=A)
    told = list(reversed(office.see("supervisor", f"items/{order}.1/history")["history"]))
    assert [(one["act"], one["from"], one["to"], one["actor"]["role"]) for one in told] == [
        ("send", "draft", "queued", "reseller"),
        ("take", "queued", "buying", "operator"),
        ("buy", "buying", "ordered", "operator"),
        ("dispatch", "ordered", "domestic_transit", "operator"),
        ("receive", "domestic_transit", "received", "operator"),
    ]
    assert [one["at"] for one in told] == [
        *["2026-09-28T09:00:00+00:00"] * 3,
        "2026-09-28T14:00:00+00:00",
        "2026-09-28T19:00:00+00:00",
    ]
    sequences = [one["sequence"] for one in told]
    assert sequences == sorted(sequences)
    assert item_of(office, f"{order}.1")["state"]["key"] == told[-1]["to"]
    page = office.read("supervisor", f"items/{order}.1/").partition("Весь путь")[2]
    ways = [
        "Не отправлен на выкуп → В очереди на выкуп",
        "В очереди на выкуп → Выкупается",
        "Выкупается → Заказан",
        "Заказан → В пути на склад",
        "В пути на склад → Получено на склад",
    ]
    assert [way for way in ways if way in page] == ways
    assert sorted(ways, key=page.index, reverse=True) == ways  # the newest stands first


@pytest.mark.promise("S0.38")
def test_the_age_of_the_last_change_is_what_the_stall_rule_counts(office: Office) -> None:
    order = ordered(office, KETTLE)
    office.wait(hours=30)
    office.do("reseller", f"items/{order}.1", "ask_logist", question="Когда отправит продавец?")
    last = office.see("supervisor", f"items/{order}.1/history")["history"][0]
    changed_at = item_of(office, f"{order}.1")["changed_at"]
    assert (last["act"], last["at"], changed_at) == (
        "ask_logist",
        "2026-09-29T15:00:00+00:00",
        "2026-09-29T15:00:00+00:00",
    )
    # 30 September and, after the holiday week, 8, 9 and 10 October.
    due = deadline(office, order, "stalled")["at"]
    assert due == "2026-10-10T15:00:00+00:00"
    office.go_to(moment("2026-10-10 15:00") - timedelta(seconds=1))
    assert flags(office, f"{order}.1") == ["number_overdue"]
    office.wait(seconds=1)
    assert flags(office, f"{order}.1") == ["number_overdue", "stalled"]
