"""Orders as the universal tracker and a shop tell of them: before there is a number, how long it takes, and by whom."""

import pytest

from tests.journeys.office import Office, moment, text_of

PROFILE = "tracker"

NUMBER = "RB556626995CN"


def track_of(office: Office, name: str = "") -> str:
    """The one thing this buyer follows."""
    (row,) = office.see("buyer", "tracks", name=name)["rows"]
    return str(row["number"])


def begin_waiting(office: Office, purchased_on: str) -> str:
    """Press the button as a buyer does who has bought something somewhere."""
    client, address = office.browser("buyer"), f"/{office.business.slug}/tracks/new/watch/"
    assert "Ждать отправки" in office.read("buyer", "tracks/")
    form = text_of(client.get(address).content.decode())
    assert "Когда куплено" in form
    answer = client.post(address, {"purchased_on": purchased_on, "shop": "AliExpress"}, follow=True)
    assert answer.status_code == 200
    return track_of(office)


@pytest.mark.promise("S2.1")
def test_an_order_without_a_number_waits_for_dispatch_and_becomes_tracking_by_itself(office: Office) -> None:
    from sledi.tracking.tests.scans import scan

    track = begin_waiting(office, "2026-09-27")
    assert office.read("buyer", f"tracks/{track}/").startswith("Ждёт отправки")
    assert office.see("buyer", f"tracks/{track}")["numbers"] == []
    assert office.api("buyer", "get", f"tracks/{track}", name="somebody").status == 404
    office.wait(days=4)
    office.do("platform", f"tracks/{track}", "give_number", tracking_number=NUMBER)
    assert office.read("buyer", f"tracks/{track}/").startswith("Ещё не передана")
    office.scan(NUMBER, scan("orig.accepted", occurred_at=office.now))
    page = office.read("buyer", f"tracks/{track}/")
    assert page.startswith("Принята")
    assert "RB 556 626 995 CN" in page.replace("\xa0", " ")


@pytest.mark.promise("S2.2")
def test_on_the_second_day_the_page_names_the_window_of_dispatch(office: Office) -> None:
    office.go_to(moment("2026-09-28 09:00"))
    track = begin_waiting(office, "2026-09-28")
    office.wait(days=2)
    said = "Ожидается через 3–5 дней после покупки, то есть между 1 октября и 3 октября"
    assert said in office.read("buyer", f"tracks/{track}/").replace("\xa0", " ")
    office.go_to(moment("2026-10-03 08:59"))
    assert office.see("buyer", f"tracks/{track}")["flags"] == []
    office.go_to(moment("2026-10-03 09:00"))
    assert [flag["key"] for flag in office.see("buyer", f"tracks/{track}")["flags"]] == ["dispatch_overdue"]


def test_a_number_that_is_known_is_followed_at_once(office: Office) -> None:
    made = office.api("buyer", "post", "tracks", {"move": "follow", "fields": {"tracking_number": NUMBER}})
    assert made.status == 201, made.body
    shown = office.see("buyer", f"tracks/{made.body['number']}")
    assert (shown["state"]["key"], [one["number"] for one in shown["numbers"]]) == ("announced", [NUMBER])
    assert office.see("buyer", "tracks", name="somebody")["rows"] == []
