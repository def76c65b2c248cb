import pytest

from sledi_simulator import STRICT, running
from sledi_simulator.tests.asking import (
    client_of,
    registered_info,
    send,
    seventeentrack,
    shape,
    standing_still,
)

SILENT = "RB298431881CN"
DOCUMENTS_BG = "RB196872937CN"
GOING_BACK = "RB401085808CN"
FAILED = "LB289247255CN"
SINGAPORE = "LM660045924SG"
EMS = "EA324695795CN"
RENUMBERED, ITS_LOCAL_NUMBER = "LP640831192CN", "80149169554910"
DELIVERED = "RB556626341CN"
UNKNOWN = "RB542030041CN"

NO_ADDRESS = {
    "country": "CN",
    "state": None,
    "city": None,
    "street": None,
    "postal_code": None,
    "coordinates": {"longitude": None, "latitude": None},
}
COMPOSED = {
    "number": "RB481503678CN",
    "carrier": 3011,
    "param": None,
    "tag": "order-1042",
    "track_info": {
        "shipping_info": {
            "shipper_address": NO_ADDRESS,
            "recipient_address": {**NO_ADDRESS, "city": "Sofia"},
        },
        "latest_status": {
            "status": "InTransit",
            "sub_status": "InTransit_CustomsRequiringInformation",
            "sub_status_descr": None,
        },
        "latest_event": {
            "time_iso": "2026-05-14T09:10:00+03:00",
            "time_utc": "2026-05-14T06:10:00Z",
            "description": "Presented to import customs",
            "location": "SOFIA",
            "stage": None,
            "sub_status": "InTransit_CustomsProcessing",
            "address": None,
        },
        "time_metrics": {
            "days_after_order": 11,
            "days_of_transit": 9,
            "days_of_transit_done": 0,
            "days_after_last_update": 1,
            "estimated_delivery_date": {"source": None, "from": None, "to": None},
        },
        "milestone": [
            {
                "key_stage": "InfoReceived",
                "time_iso": "2026-05-03T18:00:00+08:00",
                "time_utc": "2026-05-03T10:00:00Z",
            }
        ],
        "misc_info": {
            "risk_factor": 0,
            "service_type": None,
            "weight_raw": "0.35 kg",
            "weight_kg": "0.35",
            "pieces": None,
            "dimensions": None,
            "customer_number": None,
            "reference_number": None,
            "local_number": None,
            "local_provider": None,
            "local_key": 0,
        },
        "tracking": {
            "providers_hash": -1204551,
            "providers": [
                {
                    "provider": {
                        "key": 3011,
                        "name": "China Post",
                        "alias": "China Post",
                        "tel": None,
                        "homepage": "https://www.ems.com.cn/",
                        "country": "CN",
                    },
                    "service_type": None,
                    "latest_sync_status": "Success",
                    "latest_sync_time": "2026-05-15T02:00:11Z",
                    "events_hash": 77120,
                    "provider_lang": "zh-hans",
                    "events": [],
                }
            ],
        },
    },
}


def rejected(answer):
    return [row["error"]["code"] for row in answer["data"]["rejected"]]


def sub_statuses(item):
    return [provider["events"][0]["sub_status"] for provider in item["track_info"]["tracking"]["providers"]]


def without_events(item):
    """The item as the composed example has it: no events, and no newer field in the latest one."""
    providers = [{**provider, "events": []} for provider in item["track_info"]["tracking"]["providers"]]
    latest = {name: value for name, value in item["track_info"]["latest_event"].items() if name != "time_raw"}
    tracking = {**item["track_info"]["tracking"], "providers": providers}
    return {**item, "track_info": {**item["track_info"], "latest_event": latest, "tracking": tracking}}


def test_an_item_has_the_fields_and_types_of_the_composed_example(client):
    item = registered_info(client, DOCUMENTS_BG, tag="order-1042")
    assert shape(without_events(item)) == shape(COMPOSED)


def test_registration_detects_verifies_and_corrects_the_carrier(client):
    items = [
        {"number": "RB481503678CN", "tag": "order-1042"},
        {"number": EMS, "carrier": 3013},
        {"number": SINGAPORE, "carrier": 18031},
        {"number": SILENT, "carrier": 18031, "auto_detection": False},
    ]
    answer = seventeentrack(client, "register", items)
    accepted = [(row["origin"], row["number"], row["carrier"]) for row in answer["data"]["accepted"]]
    assert accepted == [(1, "RB481503678CN", 3011), (2, EMS, 3013), (1, SINGAPORE, 19131), (3, SILENT, 18031)]
    assert answer["data"]["accepted"][0] == {
        "origin": 1,
        "number": "RB481503678CN",
        "carrier": 3011,
        "tag": "order-1042",
        "email": None,
        "lang": None,
    }


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ({}, -18010010),
        ({"number": "ab"}, -18010012),
        ({"number": 12345678}, -18010012),
        ({"number": SILENT, "tag": "x" * 101}, -18010015),
        ({"number": SILENT, "carrier": 4711}, -18019910),
        ({"number": SILENT, "carrier": "post"}, -18010011),
        ({"number": "HELLO-WORLD"}, -18019903),
    ],
)
def test_a_bad_item_is_rejected_by_itself(client, item, code):
    answer = seventeentrack(client, "register", [item, {"number": DELIVERED}])
    assert answer["code"] == 0
    assert rejected(answer) == [code]
    assert len(answer["data"]["accepted"]) == 1


def test_registering_twice_is_rejected_and_asking_unregistered_too(client):
    seventeentrack(client, "register", [{"number": SILENT}])
    assert rejected(seventeentrack(client, "register", [{"number": SILENT}])) == [-18019901]
    answer = seventeentrack(client, "gettrackinfo", [{"number": "ZZ999"}])
    assert answer["data"]["rejected"] == [
        {
            "number": "ZZ999",
            "tag": None,
            "error": {
                "code": -18019902,
                "message": "The tracking number 'ZZ999' does not register, please register first.",
            },
        }
    ]


@pytest.mark.parametrize("content", [[], {}, "text", [1]])
def test_a_body_that_is_no_list_of_items_fails_as_a_whole(client, content):
    assert seventeentrack(client, "register", content)["code"] == -18010013


def test_forty_one_items_fail_as_a_whole(client):
    numbers = [{"number": f"RB{number}"} for number in range(10_000, 10_041)]
    answer = seventeentrack(client, "gettrackinfo", numbers)
    assert answer["code"] == -18010014
    assert answer["data"]["errors"][0]["code"] == -18010014
    assert len(rejected(seventeentrack(client, "gettrackinfo", numbers[:40]))) == 40


def test_a_wrong_key_is_refused_with_401(client):
    response = client.post("/seventeentrack/track/v2.2/getquota", headers={"17token": "wrong"})
    assert (response.status_code, response.json()["code"]) == (401, -18010002)


def test_both_versions_know_the_same_methods(client):
    seventeentrack(client, "register", [{"number": SILENT}], version="v2.4")
    assert seventeentrack(client, "gettrackinfo", [{"number": SILENT}])["data"]["accepted"]


def test_events_come_newest_first_from_both_posts_in_their_own_words(client):
    item = registered_info(client, GOING_BACK)
    china, russia = item["track_info"]["tracking"]["providers"]
    assert (china["provider_lang"], russia["provider_lang"]) == ("zh-hans", "ru")
    assert china["events"][-2]["description"] == "【深圳龙华揽投部】已收寄"
    assert russia["events"][0]["description"] == "Возврат, Истёк срок хранения"
    for provider in (china, russia):
        moments = [event["time_utc"] for event in provider["events"]]
        assert moments == sorted(moments, reverse=True)


def test_the_same_event_stands_at_both_posts(client):
    china, russia = registered_info(client, GOING_BACK)["track_info"]["tracking"]["providers"]
    arrivals = [
        event["time_utc"]
        for each in (china, russia)
        for event in each["events"]
        if event["stage"] == "Arrival"
    ]
    assert len(arrivals) == 2
    assert len(set(arrivals)) == 1


def test_tracked_letters_and_ems_speak_english(client):
    china = registered_info(client, EMS)["track_info"]["tracking"]["providers"][0]
    assert china["provider"]["key"] == 3013
    assert china["events"][-2]["description"] == "Posted"


def test_singapore_post_is_there(client):
    singapore, russia = registered_info(client, SINGAPORE)["track_info"]["tracking"]["providers"]
    assert singapore["provider"]["name"] == "Singapore Post"
    assert "Despatched to overseas (Country code: RU)" in [
        event["description"] for event in singapore["events"]
    ]
    assert russia["provider"]["country"] == "RU"


def test_bulgarian_posts_speak_the_words_of_ips(client):
    item = registered_info(client, DOCUMENTS_BG)
    bulgaria = item["track_info"]["tracking"]["providers"][1]
    assert bulgaria["events"][0]["description"] == "Record item customs information (Inb)"
    assert item["track_info"]["latest_status"]["sub_status"] == "InTransit_CustomsRequiringInformation"


def test_a_language_asked_for_adds_a_translation_and_costs_double(client):
    item = registered_info(client, FAILED, lang="ru")
    translation = item["track_info"]["latest_event"]["description_translation"]
    assert translation == {"lang": "ru", "description": "Неудачная попытка вручения"}
    quota = seventeentrack(client, "getquota", {})["data"]
    assert (quota["quota_used"], quota["quota_remain"]) == (2, 999_998)


def test_a_failed_delivery_says_why(client):
    assert sub_statuses(registered_info(client, FAILED)) == ["DeliveryFailure_NoBody"] * 2


def test_milestones_are_nine_and_empty_until_reached(client):
    milestones = registered_info(client, SILENT)["track_info"]["milestone"]
    assert [milestone["key_stage"] for milestone in milestones] == [
        "InfoReceived", "PickedUp", "Departure", "Arrival", "AvailableForPickup",
        "OutForDelivery", "Delivered", "Returning", "Returned",
    ]  # fmt: skip
    assert [milestone["time_utc"] is not None for milestone in milestones] == [True] * 3 + [False] * 6


def test_local_and_utc_times_are_one_moment(client):
    send(
        client,
        "RB481503678CN",
        ("EMA", "CN.shenzhen", "2026-01-10T02:00:00+00:00"),
        ("EDB", "BG.sofia_exchange", "2026-05-14T06:10:00+00:00"),
    )
    event = registered_info(client, "RB481503678CN")["track_info"]["latest_event"]
    assert (event["time_iso"], event["time_utc"]) == ("2026-05-14T09:10:00+03:00", "2026-05-14T06:10:00Z")
    assert event["time_raw"] == {"date": "2026-05-14", "time": "09:10:00", "timezone": "+03:00"}


def test_a_handed_over_parcel_names_its_local_number(client):
    info = registered_info(client, RENUMBERED)["track_info"]
    assert info["misc_info"]["local_number"] == ITS_LOCAL_NUMBER
    assert (info["misc_info"]["local_provider"], info["misc_info"]["local_key"]) == ("Russian Post", 18031)
    (russia,) = registered_info(client, ITS_LOCAL_NUMBER)["track_info"]["tracking"]["providers"]
    assert [event["stage"] for event in russia["events"]] == [None, None, None]


def test_a_post_without_words_for_the_hand_over_names_the_local_number_too(client):
    info = registered_info(client, "LP873114632CN")["track_info"]
    assert info["misc_info"]["local_number"] == "0526441639384"


def test_an_unknown_number_is_accepted_and_not_found(client):
    info = registered_info(client, UNKNOWN)["track_info"]
    assert info["latest_status"]["sub_status"] == "NotFound_Other"
    assert info["latest_event"] is None
    assert info["tracking"]["providers"][0]["events"] == []


def test_a_wrong_carrier_finds_nothing(client):
    item = registered_info(client, SILENT, carrier=2171, auto_detection=False)
    assert item["track_info"]["latest_status"]["status"] == "NotFound"


def test_strict_17track_asks_the_posts_on_its_own_schedule():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        seventeentrack(client, "register", [{"number": SILENT}])
        assert rejected(seventeentrack(client, "gettrackinfo", [{"number": SILENT}])) == [-18019909]
        run.world.clock.advance(300)
        (item,) = seventeentrack(client, "gettrackinfo", [{"number": SILENT}])["data"]["accepted"]
        assert item["track_info"]["tracking"]["providers"][0]["latest_sync_time"] == "2026-05-14T09:05:00Z"


def test_strict_17track_takes_three_calls_a_second():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        url, headers = "/seventeentrack/track/v2.2/getquota", {"17token": "secret"}
        assert [client.post(url, headers=headers).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_the_quota_ends():
    with running(options=standing_still(STRICT)) as run, client_of(run) as client:
        client.post("/_control/limits", json={"seventeentrack_quota": 1, "seventeentrack_per_s": None})
        answer = seventeentrack(client, "register", [{"number": SILENT}, {"number": DELIVERED}])
        assert rejected(answer) == [-18019908]


def test_a_number_is_stopped_tracked_again_once_and_deleted(client):
    item = [{"number": SILENT}]
    seventeentrack(client, "register", item)
    assert rejected(seventeentrack(client, "retrack", item)) == [-18019904]
    assert seventeentrack(client, "stoptrack", item)["data"]["accepted"] == [
        {"number": SILENT, "carrier": 3011}
    ]
    assert rejected(seventeentrack(client, "stoptrack", item)) == [-18019906]
    assert rejected(seventeentrack(client, "retrack", item)) == []
    assert rejected(seventeentrack(client, "retrack", item)) == [-18019905]
    seventeentrack(client, "deletetrack", item)
    assert rejected(seventeentrack(client, "gettrackinfo", item)) == [-18019902]


def test_the_carrier_may_be_changed_five_times(client):
    seventeentrack(client, "register", [{"number": SILENT}])
    for new in (18031, 3011, 18031, 3011, 18031):
        assert (
            rejected(seventeentrack(client, "changecarrier", [{"number": SILENT, "carrier_new": new}])) == []
        )
    assert rejected(seventeentrack(client, "changecarrier", [{"number": SILENT, "carrier_new": 3011}])) == [
        -18019801
    ]


def test_a_tag_may_be_changed(client):
    registered_info(client, SILENT, tag="a")
    seventeentrack(client, "changeinfo", [{"number": SILENT, "items": {"tag": "b"}}])
    (item,) = seventeentrack(client, "gettrackinfo", [{"number": SILENT}])["data"]["accepted"]
    assert item["tag"] == "b"


def test_the_list_has_pages_of_forty(client):
    numbers = [f"RB{serial}5CN" for serial in range(48_150_001, 48_150_051)]
    for start in (0, 25):
        seventeentrack(client, "register", [{"number": number} for number in numbers[start : start + 25]])
    second = seventeentrack(client, "gettracklist", {"page_no": 2})
    assert second["page"] == {"data_total": 50, "page_total": 2, "page_no": 2, "page_size": 40}
    assert [row["number"] for row in second["data"]["accepted"]] == numbers[40:]


def test_tracking_stops_by_itself_after_30_quiet_days_or_15_days_after_the_end(client, simulator):
    for number in (UNKNOWN, DELIVERED):
        seventeentrack(client, "register", [{"number": number}])
    simulator.world.clock.advance(16 * 86_400)
    simulator.simulator.tick()
    rows = {
        row["number"]: row["tracking_status"]
        for row in seventeentrack(client, "gettracklist", {})["data"]["accepted"]
    }
    assert rows == {UNKNOWN: "Tracking", DELIVERED: "Stopped"}
    simulator.world.clock.advance(15 * 86_400)
    simulator.simulator.tick()
    rows = {
        row["number"]: row["tracking_status"]
        for row in seventeentrack(client, "gettracklist", {})["data"]["accepted"]
    }
    assert rows[UNKNOWN] == "Stopped"
