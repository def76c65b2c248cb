import pytest

from sledi_simulator import STRICT, running
from sledi_simulator.tests.asking import BEARER, client_of, send, shape, standing_still, statuses

READY_IN_LVIV = "RB573797434CN"
DELIVERED_IN_ODESA = "RB164523572CN"
DOMESTIC = "0562501126057"
RUSSIAN = "RB372813271CN"
UNKNOWN = "RB542030041CN"
URL = "/ukrposhta/status-tracking/0.0.1"

COMPOSED = {
    "barcode": "0500100031143",
    "step": 3,
    "date": "2026-03-04T09:20:30",
    "index": "01001",
    "name": "КИЇВ 1",
    "event": 10100,
    "eventName": "Відправлення прийняте у відділенні",
    "country": "Україна",
    "eventReason": None,
    "eventReason_id": None,
    "mailType": 4096,
    "indexOrder": 1,
}


def post(client, path, batch):
    return client.post(URL + path, json=batch, headers=BEARER)


def codes(events):
    return [event["event"] for event in events]


def test_an_event_has_the_fields_and_types_of_the_composed_example(client):
    events = statuses(client, READY_IN_LVIV).json()
    assert shape(events[-1]) == shape(COMPOSED)


def test_a_parcel_from_china_through_warsaw_waits_in_lviv(client):
    events = statuses(client, READY_IN_LVIV).json()
    assert codes(events) == [
        10100,
        24100,
        27200,
        29200,
        29300,
        82700,
        90700,
        90800,
        82800,
        20700,
        20900,
        21700,
    ]
    assert (events[-1]["name"], events[-1]["index"]) == ("ЛЬВІВ", "79000")


def test_steps_do_not_grow_with_time(client):
    steps = [event["step"] for event in statuses(client, READY_IN_LVIV).json()]
    assert len(set(steps)) == len(steps)
    assert steps != sorted(steps)


def test_dates_are_the_wall_clock_in_summer_and_in_winter(client):
    send(
        client,
        "RA314075228UA",
        ("EMA", "UA.kyiv", "2026-01-15T08:20:30+00:00"),
        ("EDD", "UA.lviv_hub", "2026-05-06T11:02:00+00:00"),
    )
    dates = [event["date"] for event in statuses(client, "RA314075228UA").json()]
    assert dates == ["2026-01-15T10:20:30", "2026-05-06T14:02:00"]


def test_events_abroad_have_the_wall_clock_of_the_place_and_no_index(client):
    warsaw = statuses(client, READY_IN_LVIV).json()[3]
    assert (warsaw["country"], warsaw["index"], warsaw["name"]) == ("Польща", None, "WARSZAWA")


def test_names_in_english_on_demand(client):
    assert (
        statuses(client, READY_IN_LVIV, "EN").json()[-1]["eventName"] == "At the post office, ready for issue"
    )


def test_a_parcel_inside_ukraine_gives_a_telephone_away(client):
    accepted = statuses(client, DOMESTIC).json()[1]
    assert accepted["event"] == 10100
    assert accepted["addresseePhoneNum"] == "+380500001122"


def test_the_last_event_has_its_code_as_a_string(client):
    one = client.get(f"{URL}/statuses/last", params={"barcode": DELIVERED_IN_ODESA}, headers=BEARER).json()
    assert one["event"] == "41000"
    assert (one["eventReason"], one["eventReason_id"]) == ("особисто", 2)


def test_a_batch_parts_the_found_from_the_not_found(client):
    answer = post(client, "/statuses/with-not-found", [READY_IN_LVIV, UNKNOWN, RUSSIAN]).json()
    assert list(answer["found"]) == [READY_IN_LVIV]
    assert answer["notFound"] == [UNKNOWN, RUSSIAN]


def test_a_batch_of_unknown_numbers_only_is_a_404(client):
    response = post(client, "/statuses/with-not-found", [UNKNOWN])
    assert response.status_code == 404
    assert response.json()["code"] == "UPE02000"


def test_the_plain_batch_leaves_unknown_numbers_out(client):
    answer = post(client, "/statuses/last", [READY_IN_LVIV, UNKNOWN]).json()
    assert [event["barcode"] for event in answer] == [READY_IN_LVIV]


@pytest.mark.parametrize(
    ("path", "most"),
    [("/statuses/with-not-found", 50), ("/statuses/last", 100), ("/statuses/last/with-not-found", 100)],
)
def test_a_batch_has_its_limit(client, path, most):
    assert post(client, path, [READY_IN_LVIV] * most).status_code == 200
    assert post(client, path, [READY_IN_LVIV] * (most + 1)).status_code == 400


def test_an_unknown_number_is_a_404_with_a_code(client):
    response = statuses(client, UNKNOWN)
    assert response.status_code == 404
    assert response.json() == {"code": "UPE02000", "message": "Shipment not found"}


def test_a_parcel_that_only_the_sender_knows_is_invisible(client, simulator):
    post_own = {"number": "0500100031143", "origin": "UA", "destination": "UA"}
    announced = {"kind": "PRE", "place": "UA.kyiv", "in_h": -1}
    accepted = {"kind": "EMA", "place": "UA.kyiv", "in_h": 1}
    client.post("/_control/journeys", json={**post_own, "scans": [announced, accepted]})
    assert statuses(client, "0500100031143").status_code == 404
    simulator.world.clock.advance(3600)
    assert codes(statuses(client, "0500100031143").json()) == [10601, 10100]


def test_a_wrong_bearer_is_refused(client):
    response = client.get(
        f"{URL}/statuses", params={"barcode": READY_IN_LVIV}, headers={"Authorization": "Bearer no"}
    )
    assert response.status_code == 401


def test_the_route_names_both_ends(client):
    route = client.get(f"{URL}/barcodes/{READY_IN_LVIV}/route/in-lang/EN", headers=BEARER).json()
    assert route == {"from": "YIWU", "to": "LVIV"}


def test_the_strict_gateway_throttles_above_ten_a_second():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        answers = [statuses(client, READY_IN_LVIV).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
