from sledi_simulator import STRICT, running
from sledi_simulator.tests.asking import client_of, send, shape, standing_still

LOCKER = "RB266107419CN"
DELIVERED_IN_ASTANA = "RB541330946CN"
WITHDRAWN = "RB215687612CN"
DUTY = "CB899698406CN"
UNKNOWN = "RB542030041CN"

COMPOSED = {
    "trackid": "CC000123455KZ",
    "timestamp": "10:15:42 18.05.2026",
    "events": [
        {
            "date": "17.05.2026",
            "activity": [
                {
                    "time": "16:20",
                    "zip": "050010",
                    "city": "г. Алматы",
                    "name": "ОПС № 10",
                    "x_dep_id": "000000",
                    "status": ["STR"],
                    "dep_code": "050000/10",
                    "nondlv_reason": None,
                    "return_reason": None,
                    "forward_reason": None,
                }
            ],
        }
    ],
}


def events(client, number):
    return client.get(f"/kazpost/api/v2/{number}/events").json()


def codes(document):
    return [code for day in document["events"] for activity in day["activity"] for code in activity["status"]]


def test_the_history_has_the_fields_and_types_of_the_composed_example(client):
    assert shape(events(client, LOCKER)) == shape(COMPOSED)


def test_days_and_the_scans_inside_them_come_newest_first(client):
    assert codes(events(client, DELIVERED_IN_ASTANA)) == [
        "ISSPAY", "DLV", "TRNRPO", "SRTSND", "TRNSRT", "SRTSND", "SNDZONE_T", "SRT_CUSTOM", "EMD", "EMC", "EMB", "EMA",
    ]  # fmt: skip


def test_times_are_those_of_kazakhstan_before_and_after_it_changed_its_zone(client):
    send(
        client,
        "CC000123458KZ",
        ("EMA", "KZ.astana", "2024-02-29T10:20:00+00:00"),
        ("EDD", "KZ.almaty_hub", "2024-03-01T10:20:00+00:00"),
    )
    document = events(client, "CC000123458KZ")
    times = [(day["date"], day["activity"][0]["time"]) for day in document["events"]]
    assert times == [("01.03.2024", "15:20"), ("29.02.2024", "16:20")]


def test_a_scan_abroad_has_the_time_of_kazakhstan_too(client):
    send(
        client,
        "RB481503678CN",
        ("EMA", "CN.urumqi", "2026-05-01T02:00:00+00:00"),
        ("EDH", "KZ.almaty", "2026-05-13T02:00:00+00:00"),
    )
    accepted = events(client, "RB481503678CN")["events"][-1]
    assert accepted["activity"][0]["time"] == "07:00"  # ten o'clock in Urumqi


def test_a_withdrawn_delivery_stays_and_is_undone(client):
    assert codes(events(client, WITHDRAWN))[:3] == ["ISSPAY_UNDO", "ISSPAY", "STR"]


def test_duty_to_pay_is_storage_at_the_customs(client):
    assert codes(events(client, DUTY))[0] == "STRCUST"


def test_the_summary_swaps_two_fields_and_gives_the_recipient_away(client):
    summary = client.get(f"/kazpost/api/v2/{DELIVERED_IN_ASTANA}").json()
    assert (summary["status"], summary["status_code"]) == ("Вручено", "ISSPAY")
    assert (summary["x_status"], summary["x_status_code"]) == ("ISSPAY", "Вручено")
    assert summary["receiver"]["name"] == "AIGERIM   SADYKOVA"
    assert summary["last"]["city"] == "г. Астана"
    assert 0.1 < summary["weight"] < 2


def test_an_unknown_number_is_an_error_text_in_200_and_404(client):
    summary = client.get(f"/kazpost/api/v2/{UNKNOWN}")
    history = client.get(f"/kazpost/api/v2/{UNKNOWN}/events")
    assert (summary.status_code, history.status_code) == (200, 404)
    assert list(summary.json()) == ["trackid", "timestamp", "exectime", "api", "data_name", "error"]
    assert "не найдена" in history.json()["error"]


def test_a_parcel_to_another_country_is_unknown(client):
    assert "error" in client.get("/kazpost/api/v2/RB372813271CN").json()


def test_the_strict_service_answers_once_a_second():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        answers = [client.get(f"/kazpost/api/v2/{LOCKER}").status_code for _ in range(2)]
    assert answers == [200, 429]
