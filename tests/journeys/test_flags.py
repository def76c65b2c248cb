"""What a deadline flagged is found by its flag in every list of whatever level, at every door."""

from tests.journeys.forwarding import new_order, truck
from tests.journeys.office import Office, moment

PROFILE = "forwarder"


def overdue(office: Office) -> tuple[str, str]:
    """Two trucks on the road, of which the first should have come; their numbers."""
    trucks = []
    for day in ("2026-10-10", "2026-11-10"):
        haul = truck(office, new_order(office, "at_china_warehouse"))
        office.do("logist", f"hauls/{haul}", "depart", expected_at=day)
        trucks.append(haul)
    office.go_to(moment("2026-10-11 12:00"))
    office.work()
    late, on_time = trucks
    return late, on_time


def test_hauls_are_listed_by_flag_over_rest_on_the_page_and_by_command(office: Office) -> None:
    late, on_time = overdue(office)
    assert {row["number"] for row in office.see("logist", "hauls")["rows"]} == {on_time, late}
    assert [row["number"] for row in office.see("logist", "hauls?flag=eta_passed")["rows"]] == [late]
    assert office.see("logist", "hauls?flag=eta_passed&state=closed")["rows"] == []
    page = office.read("logist", "hauls/?flag=eta_passed")
    assert (late in page, on_time in page) == (True, False)
    code, said = office.shell("logist", "parcel", "list", "--level", "haul", "--flag", "eta_passed")
    assert (code, late in said, on_time in said) == (0, True, False)


def test_a_flag_that_no_deadline_raises_is_refused_at_every_door(office: Office) -> None:
    for path in ("hauls", "parcels", "cases", "orders"):
        answer = office.api("logist", "get", f"{path}?flag=eta%00passed")
        assert (answer.status, answer.kind) == (422, "unknown-flag"), path
        assert answer.body["errors"] == [{"pointer": "flag", "detail": "unknown"}]
    assert office.api("logist", "get", "parcels?flag=eta_passed").status == 422  # of hauls alone
    assert office.browser("logist").get("/forwarder/parcels/?flag=nothing").status_code == 404
    code, _ = office.shell("logist", "parcel", "list", "--flag", "nothing")
    assert code == 1
