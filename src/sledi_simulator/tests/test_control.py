import pytest

from sledi_simulator.tests.asking import history, operations, seventeentrack, statuses

SILENT = "RB298431881CN"
READY = "RB372813271CN"


def add(client, **content):
    return client.post("/_control/journeys", json=content)


def test_the_overview_lists_carriers_courses_and_bad_days(client):
    overview = client.get("/_control").json()
    assert overview["carriers"] == [
        "belpost",
        "kazpost",
        "kuaidi100",
        "russian_post",
        "seventeentrack",
        "ukrposhta",
    ]
    assert overview["kinds"]["EMI"] == "delivered"
    assert "gigabytes" in overview["bad_days"]


def test_journeys_are_listed_with_stage_and_what_comes_next(client):
    rows = {row["number"]: row for row in client.get("/_control/journeys").json()}
    assert (rows[SILENT]["stage"], rows[SILENT]["next"], rows[SILENT]["lane"]) == ("EMC", "FLO", "CN-RU")
    assert rows["RB542030041CN"]["stage"] is None


def test_a_journey_is_added_by_lane_and_stage(client):
    added = add(client, number="RB481503678CN", lane="CN-UA", stage="EMJ", course="courier", ago_h=3)
    assert added.status_code == 200
    assert added.json()["stage"] == "EMJ"
    assert [event["event"] for event in statuses(client, "RB481503678CN").json()] == [10100, 24100, 27200]


def test_a_journey_is_added_by_its_ends(client):
    added = add(
        client, number="RB481503678CN", **{"from": "CN.yiwu", "to": "RU.vladivostok"}, stage="EDH"
    ).json()
    assert added["scans"][-1]["place"] == "RU.vladivostok"


def test_a_journey_is_added_scan_by_scan(client):
    rows = [
        {"kind": "EMA", "place": "CN.shenzhen", "at": "2026-05-01T10:00:00+08:00"},
        {"kind": "EMD", "place": "RU.moscow_exchange", "in_h": -2},
        {"kind": "EME", "place": "RU.moscow_exchange", "in_h": -1, "reason": "duty"},
    ]
    assert add(client, number="RB481503678CN", scans=rows).status_code == 200
    assert operations(history(client, "RB481503678CN")) == ["1:1", "9:1", "14:6"]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"number": "RB481503678CN"},
        {"number": "R B", "lane": "CN-RU", "stage": "EMA"},
        {"number": "RB481503678CN", "lane": "CN-XX", "stage": "EMA"},
        {"number": "RB481503678CN", "lane": "SG-BG", "stage": "EMA"},
        {"number": "RB481503678CN", "lane": "CN-RU", "stage": "EDG", "course": "pickup"},
        {"number": "RB481503678CN", "lane": "CN-RU", "stage": "EMA", "course": "teleport"},
        {"number": "RB481503678CN", "scans": []},
        {"number": "RB481503678CN", "scans": [{"kind": "EMA", "place": "CN.atlantis", "in_h": 0}]},
        {
            "number": "RB481503678CN",
            "scans": [{"kind": "EMA", "place": "CN.yiwu", "at": "2026-05-01T10:00:00"}],
        },
    ],
)
def test_a_journey_that_cannot_be_is_refused_and_changes_nothing(client, content):
    before = client.get("/_control/journeys").json()
    response = add(client, **content)
    assert response.status_code == 400
    assert response.json()["error"]
    assert client.get("/_control/journeys").json() == before


def test_a_body_that_is_no_json_is_refused(client):
    assert client.post("/_control/journeys", content=b"{").json() == {"error": "the body is not JSON"}
    assert client.post("/_control/journeys", content=b"[]").status_code == 400


def test_advancing_makes_the_next_scan_visible_now(client):
    moved = client.post(f"/_control/journeys/{SILENT}/advance").json()
    assert (moved["stage"], moved["since"]) == ("FLO", "2026-05-14T09:00:00+00:00")
    assert client.post(f"/_control/journeys/{SILENT}/advance", json={"to": "EMI"}).json()["stage"] == "EMI"
    assert operations(history(client, SILENT))[-1] == "2:1"


def test_forgetting_takes_all_changes_back(client):
    client.post(f"/_control/journeys/{SILENT}/advance")
    assert client.delete(f"/_control/journeys/{SILENT}").json()["forgotten"] is True
    assert client.get(f"/_control/journeys/{SILENT}").json()["stage"] == "EMC"


@pytest.mark.parametrize(
    ("to", "operation"), [("return", "3:4"), ("loss", "18:0"), ("correction", "2:1"), ("hand_over", "8:26")]
)
def test_a_journey_takes_a_turn(client, to, operation):
    turn = {"to": to, "local_number": "80123456789018"}
    assert client.post(f"/_control/journeys/{READY}/turn", json=turn).status_code == 200
    assert operations(history(client, READY))[-1] == operation


def test_a_correction_withdraws_after_an_hour(client, simulator):
    client.post(f"/_control/journeys/{READY}/turn", json={"to": "correction"})
    simulator.world.clock.advance(3600)
    assert operations(history(client, READY))[-3:] == ["8:2", "2:1", "26:2"]


def test_a_carrier_without_a_code_for_it_takes_the_mistake_back(client, simulator):
    lviv = "RB573797434CN"
    client.post(f"/_control/journeys/{lviv}/turn", json={"to": "correction"})
    assert statuses(client, lviv).json()[-1]["event"] == 41000
    simulator.world.clock.advance(3600)
    assert statuses(client, lviv).json()[-1]["event"] == 21700


@pytest.mark.parametrize(
    ("path", "content", "status"),
    [
        (f"{READY}/turn", {"to": "the moon"}, 400),
        (f"{READY}/turn", {}, 400),
        (f"{READY}/turn", {"to": "hand_over"}, 400),
        (f"{READY}/advance", {"to": "XXX"}, 400),
        ("RB542030041CN/advance", {}, 404),
    ],
)
def test_an_impossible_change_is_refused(client, path, content, status):
    assert client.post(f"/_control/journeys/{path}", json=content).status_code == status


def test_the_clock_is_set_and_told(client):
    moved = client.post("/_control/clock", json={"advance_s": 3600}).json()
    assert (moved["now"], moved["speed"]) == ("2026-05-14T10:00:00+00:00", 0)
    assert client.post("/_control/clock", json={"speed": 3600}).json()["speed"] == 3600
    assert client.post("/_control/clock", json={"advance_s": -1}).status_code == 400
    assert client.post("/_control/clock", json={"hurry": 1}).status_code == 400


def test_requests_are_counted_by_carrier_call_and_number(client):
    history(client, READY)
    history(client, READY)
    history(client, SILENT)
    counts = client.get("/_control/requests").json()
    assert counts == {
        "russian_post": {"total": 3, "calls": {"POST /rtm34": 3}, "numbers": {READY: 2, SILENT: 1}},
    }
    client.delete("/_control/requests")
    assert client.get("/_control/requests").json() == {}


def test_every_number_of_a_batch_is_counted(client):
    seventeentrack(client, "register", [{"number": READY}, {"number": SILENT}])
    assert client.get("/_control/requests").json()["seventeentrack"]["numbers"] == {READY: 1, SILENT: 1}


def test_limits_are_switched_whole_or_one_by_one(client):
    assert client.post("/_control/limits", json={"preset": "strict"}).json()["seventeentrack_per_s"] == 3
    assert client.post("/_control/limits", json={"ticket_ready_s": 5}).json()["ticket_ready_s"] == 5
    assert client.post("/_control/limits", json={"tickets": 5}).status_code == 400
    assert client.post("/_control/limits", json={"preset": "none"}).status_code == 400


def test_a_reset_forgets_everything(client, simulator):
    seventeentrack(client, "register", [{"number": SILENT}])
    client.post(f"/_control/journeys/{SILENT}/advance")
    client.post("/_control/bad-days", json={"day": "html"})
    client.post("/_control/reset")
    assert client.get("/_control/requests").json() == {}
    assert seventeentrack(client, "gettracklist", {})["page"]["data_total"] == 0
    assert client.get(f"/_control/journeys/{SILENT}").json()["stage"] == "EMC"
    assert "html" not in [row["day"] for row in client.get("/_control/bad-days").json() if not row["number"]]


def test_what_is_not_there_is_a_404(client):
    assert client.get("/_control/weather").status_code == 404
    assert client.delete("/_control/clock").status_code == 404
