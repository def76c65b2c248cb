from sledi_simulator import STRICT, running
from sledi_simulator.tests.asking import belpost, client_of, send, shape, standing_still

READY_IN_GOMEL = "RB463557649CN"
UNKNOWN = "RB542030041CN"

COMPOSED = {
    "data": [
        {
            "number": "RB123456785BY",
            "steps": [
                {
                    "system": "external",
                    "timestamp": 1778745600,
                    "created_at": "2026-05-14 11:00:00",
                    "place": "MINSK PCI-3",
                    "event": "Прибыло в учреждение международного почтового обмена",
                    "is_border": False,
                    "border_link": None,
                    "place_index": None,
                    "code": 30,
                }
            ],
        }
    ],
    "uuid": "5f1d…",
    "barcode": "RB123456785BY",
}


def steps(response):
    return response.json()["data"][0]["steps"]


def test_the_answer_has_the_fields_and_types_of_the_composed_example(client):
    document = belpost(client, READY_IN_GOMEL).json()
    external = [step for step in document["data"][0]["steps"] if step["system"] == "external"]
    document["data"][0]["steps"] = external
    assert shape(document) == shape(COMPOSED)


def test_steps_come_newest_first_with_the_moment_and_the_clock_of_minsk(client):
    send(
        client,
        "RB123456785BY",
        ("EMA", "BY.gomel", "2026-01-14T07:00:00+00:00"),
        ("EDH", "BY.minsk", "2026-05-14T08:00:00+00:00"),
    )
    told = steps(belpost(client, "RB123456785BY"))
    assert [(step["timestamp"], step["created_at"], step["place"]) for step in told] == [
        (1778745600, "2026-05-14 11:00:00", "220030 Минск-30"),
        (1768374000, "2026-01-14 10:00:00", "246050 Гомель-50"),
    ]


def test_the_arrival_is_told_by_both_systems_with_one_timestamp(client):
    arrivals = [step for step in steps(belpost(client, READY_IN_GOMEL)) if step.get("code") == 30]
    assert {step["system"] for step in arrivals} == {"internal", "external"}
    assert len({step["timestamp"] for step in arrivals}) == 1


def test_some_codes_are_numbers_some_have_a_fraction_and_some_are_missing(client):
    kinds = set()
    for number in ("RB123456785BY", "RB123456808BY", "RB123456502BY"):
        send(client, number, ("EMA", "BY.gomel", "2026-05-14T08:00:00+00:00"))
        kinds.add(type(steps(belpost(client, number))[0].get("code")))
    assert kinds == {int, float, type(None)}


def test_json_and_forms_are_understood(client):
    as_json = client.post("/belpost/api/v1/tracking", json={"number": READY_IN_GOMEL})
    assert as_json.json() == belpost(client, READY_IN_GOMEL).json()


def test_a_number_with_a_wrong_check_digit_is_a_422(client):
    response = belpost(client, "RB463557648CN")
    assert response.status_code == 422
    assert response.json() == {
        "message": "The given data was invalid.",
        "errors": {"number": ["Поле number имеет ошибочный формат."]},
    }


def test_an_unknown_number_has_no_parcel_or_a_parcel_without_steps(client):
    assert belpost(client, UNKNOWN).json()["data"] == []
    assert belpost(client, "RB151323935CN").json()["data"] == [{"number": "RB151323935CN", "steps": []}]


def test_other_calls_are_refused(client):
    assert client.get("/belpost/api/v1/tracking").status_code == 405
    assert client.post("/belpost/api/v2/tracking").status_code == 404


def test_the_strict_service_wants_a_minute_between_calls():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        assert belpost(client, READY_IN_GOMEL).status_code == 200
        second = belpost(client, READY_IN_GOMEL)
        assert (second.status_code, second.headers["retry-after"]) == (429, "60")
        run.world.clock.advance(60)
        assert belpost(client, READY_IN_GOMEL).status_code == 200
