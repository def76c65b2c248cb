"""From the seller's courier to the buyer's door: the parcel's number, its news, where else to look, one timeline."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.journeys.boxes import ABROAD, IN_CHINA, answered, dispatched, in_russian, packed, scanned
from tests.journeys.markup import Element, links, section, text, tree
from tests.journeys.office import Office
from tests.journeys.office import office as office_of
from tests.journeys.purchases import KETTLE
from tests.journeys.world import ask_everybody, control

PROFILE = "buyout"
pytestmark = pytest.mark.django_db

MISTYPED = "RR123456784CN"
MARKS = frozenset(
    {"take", "buy", "dispatch", "receive", "pack", "hand_over", "deliver"}
    | {"orig.accepted", "exp.departed", "done.delivered"}
)
STORY = "RB556626341CN"  # of the simulator: delivered in Saint Petersburg
SCANS_IN_CHINA = (
    ("EMA", "yiwu", 30),
    ("ORI", "yiwu_hub", 28),
    ("ORO", "yiwu_hub", 26),
    ("EMD", "guangzhou_hub", 9),
)
CHINA_POST = "https://yjcx.chinapost.com.cn/qps/yjcx"


@pytest.fixture
def office_of_today(db: None) -> Iterator[Office]:
    """An office on the day of the carriers' simulator."""
    with office_of(PROFILE, at=datetime.now(UTC).replace(microsecond=0)) as found:
        yield found


# --- the international number ---------------------------------------------------------------------------------


@pytest.mark.promise("S0.33")
def test_a_number_whose_check_digit_does_not_fit_is_refused_at_every_door(office: Office) -> None:
    _, parcel = packed(office)
    refused = office.refused("logist", f"parcels/{parcel}", "hand_over", international_number=MISTYPED)
    assert (refused.status, refused.body["reason"]) == (422, "check_digit")
    page = office.press("logist", f"parcels/{parcel}", "hand_over", international_number=MISTYPED)
    assert "Ничего не изменилось" in page
    assert "контрольная цифра не сходится" in page
    code, said = office.shell(
        "logist",
        "parcel",
        "move",
        parcel,
        "hand_over",
        "--field",
        f"international_number={MISTYPED}",
        "--lang",
        "ru",
    )
    assert (code, "контрольная цифра не сходится" in said) == (1, True)
    file = f"level,number,move,international_number\nparcel,{parcel},hand_over,{MISTYPED}\n"
    assert "check" in str(office_file(office, file))
    assert office.see("logist", f"parcels/{parcel}")["state"]["key"] == "packed"
    assert office.see("logist", f"parcels/{parcel}")["numbers"] == []


def office_file(office: Office, content: str) -> Any:
    """What REST answers to a file of moves."""
    from django.test import Client

    answer = Client().post(
        f"/api/v1/businesses/{office.business.slug}/imports/moves",
        content.encode(),
        content_type="text/csv",
        headers={"authorization": f"Bearer {office._key('logist', '')}"},
    )
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.promise("S0.33")
def test_the_number_is_shown_and_followed_by_itself_and_the_carriers_events_arrive(
    office_of_today: Office, simulator: Any
) -> None:
    office = office_of_today
    order, parcel = packed(office)
    office.do("logist", f"parcels/{parcel}", "hand_over", international_number=STORY)
    told = in_russian(office, "reseller", f"parcels/{parcel}")
    assert told["state"]["label"] == "Передана службе доставки"
    assert [(one["number"], one["kind"]) for one in told["numbers"]] == [(STORY, "international")]
    assert STORY in office.read("reseller", f"parcels/{parcel}/").replace(" ", "")
    assert ask_everybody() > 0
    office.work()
    assert in_russian(office, "reseller", f"parcels/{parcel}")["state"]["label"] == "Вручена"
    assert in_russian(office, "reseller", f"orders/{order}")["state"]["label"] == "Доставлен"


BOOKED = "LP00123456789012"


@pytest.mark.promise("S0.33")
def test_a_number_that_the_carriers_adapter_returns_is_checked_shown_and_followed(
    office_of_today: Office, simulator: Any
) -> None:
    office = office_of_today
    _, parcel = packed(office)
    office.do("logist", f"parcels/{parcel}", "book", local_booking_number=BOOKED)
    answered(office, BOOKED, "pre.info", ABROAD)
    told = in_russian(office, "reseller", f"parcels/{parcel}")
    assert told["state"]["label"] == "Упакована"
    numbers = {one["number"]: one["kind"] for one in told["numbers"]}
    assert numbers == {BOOKED: "local", ABROAD: "international"}
    assert told["history"][0]["actor"]["role"] == "carrier"
    assert ABROAD in office.read("reseller", f"parcels/{parcel}/").replace(" ", "")
    scanned(office, ABROAD, "orig.accepted")
    assert in_russian(office, "reseller", f"parcels/{parcel}")["state"]["label"] == "Передана службе доставки"


@pytest.mark.promise("S0.33")
def test_a_mistyped_number_of_the_adapter_is_not_taken(office_of_today: Office, simulator: Any) -> None:
    office = office_of_today
    _, parcel = packed(office)
    office.do("logist", f"parcels/{parcel}", "book", local_booking_number=BOOKED)
    answered(office, BOOKED, "pre.info", MISTYPED)
    assert [one["number"] for one in office.see("reseller", f"parcels/{parcel}")["numbers"]] == [BOOKED]
    assert MISTYPED not in office.read("reseller", f"parcels/{parcel}/").replace(" ", "")


# --- where else to look ---------------------------------------------------------------------------------------


def sites_of(page: Element, title: str) -> dict[str, str]:
    """The links of a block to other sites, in their order; our own page, which stands first, left out."""
    blocks = [one for one in page.iter() if one.tag in ("div", "details") and text(one).startswith(title)]
    return {name: address for name, address in links(blocks[-1]).items() if "://" in address}


@pytest.mark.promise("S0.35")
@pytest.mark.parametrize(
    ("number", "expected"),
    [
        # A registered packet of China Post, and an ePacket, to Russia.
        ("RR123456785CN", ("Почта Китая", "Почта России", "17TRACK")),
        ("LX123456785CN", ("Почта Китая", "Почта России", "17TRACK")),
    ],
)
def test_the_links_of_a_number_lead_to_its_carriers_and_to_a_third_party(
    office: Office, number: str, expected: tuple[str, ...]
) -> None:
    _, parcel = packed(office, KETTLE)
    office.do("logist", f"parcels/{parcel}", "hand_over", international_number=number)
    page = tree(office.html("reseller", f"parcels/{parcel}/"))
    found = sites_of(page, "Где можно отследить")
    assert tuple(found) == expected
    assert found["Почта России"] == f"https://www.pochta.ru/tracking?barcode={number}"
    assert found["17TRACK"] == f"https://t.17track.net/en#nums={number}"
    assert found["Почта Китая"] == CHINA_POST
    assert f"Номер нужно ввести там: {number}".replace(" ", "") in text(page).replace(" ", "")
    (told,) = office.see("reseller", f"parcels/{parcel}")["numbers"]
    assert [(one["carrier"], one["url"], one["is_third_party"]) for one in told["sites"]] == [
        ("china_post", CHINA_POST, False),
        ("russian_post", found["Почта России"], False),
        ("seventeentrack", found["17TRACK"], True),
    ]


@pytest.mark.promise("S0.35")
def test_a_chinese_couriers_number_has_links_of_its_own_kind(office: Office) -> None:
    order = dispatched(office, KETTLE)
    found = sites_of(tree(office.html("reseller", f"orders/{order}/")), "Посмотреть на других сайтах")
    assert list(found)[1:] == ["Kuaidi100", "17TRACK"]
    assert found["Kuaidi100"] == f"https://www.kuaidi100.com/chaxun?nu={IN_CHINA[0]}"


# --- one way, two legs ----------------------------------------------------------------------------------------


def bring(simulator: Any, number: str, courier: str, scans: tuple[tuple[str, str, int], ...]) -> None:
    """Tell the simulator how a courier has brought a parcel through China, each scan so many hours ago."""
    ends = {"origin": "CN", "destination": "CN", "origin_post": courier, "destination_post": courier}
    told = [
        {"kind": kind, "place": f"couriers.{place}", "in_h": -hours, "post": courier}
        for kind, place, hours in scans
    ]
    control(simulator, "journeys", number=number, scans=told, **ends)


@pytest.mark.promise("S0.10")
def test_the_way_through_china_is_read_without_leaving_the_site(
    office_of_today: Office, simulator: Any
) -> None:
    office = office_of_today
    bring(simulator, IN_CHINA[0], "yuantong", SCANS_IN_CHINA)
    order = dispatched(office, KETTLE)
    assert ask_everybody() > 0
    office.work()
    page = tree(office.html("reseller", f"orders/{order}/"))
    (way,) = [one.get("href", "") for one in page.iter("a") if text(one) == f"Путь посылки: {IN_CHINA[0]}"]
    assert way.startswith(f"/{office.business.slug}/items/{order}.1/")
    told = in_russian(office, "reseller", f"items/{order}.1/timeline")["happenings"]
    scans = [one["scan"] for one in told if one["scan"]]
    assert len(scans) == len(SCANS_IN_CHINA)
    read = text(section(tree(office.html("reseller", f"items/{order}.1/")), "timeline-title")).replace(
        "\xa0", " "
    )
    for one in scans:
        assert one["name"] in read
        assert f"{one['local_time'][11:16]} UTC+8 · " in read
    assert read.count(" UTC+8 · ") == read.count(", Китай · YTO Express · ") == len(scans)
    assert read.replace(" ", "").count(f"YTOExpress·{IN_CHINA[0]}") == len(scans)
    assert "Иу, Китай" in read
    assert "Гуанчжоу, Китай" in read


@pytest.mark.promise("S0.41")
def test_purchase_both_legs_and_delivery_stand_in_one_ordered_timeline(office: Office) -> None:
    order = dispatched(office, KETTLE)
    steps: list[tuple[str, Any]] = [
        ("courier", lambda: scanned(office, IN_CHINA[0], "orig.accepted", carrier="yto")),
        ("receipt", lambda: office.do("operator", f"items/{order}.1", "receive", scanned_number=IN_CHINA[0])),
        ("packing", lambda: pack(office, order)),
        ("post", lambda: scanned(office, ABROAD, "exp.departed", carrier="china_post")),
        ("delivery", lambda: at_the_door(office)),
    ]
    for _, step in steps:
        office.wait(hours=6)
        step()
    told = in_russian(office, "reseller", f"items/{order}.1/timeline")["happenings"]
    assert [one["at"] for one in told] == sorted(one["at"] for one in told)
    assert told[-1]["at"] == office.now.isoformat()
    way = [
        (one["record"]["act"], "", one["source"])
        if one["record"]
        else (one["scan"]["code"], one["number"], one["source"])
        for one in told
    ]
    assert [one for one in way if one[0] in MARKS] == [
        ("take", "", "Оператор"),
        ("buy", "", "Оператор"),
        ("dispatch", "", "Оператор"),
        ("orig.accepted", IN_CHINA[0], "YTO Express"),
        ("receive", "", "Оператор"),
        ("pack", "", "Логист"),
        ("pack", "", "автоматически"),
        ("hand_over", "", "Логист"),
        ("exp.departed", ABROAD, "Почта Китая"),
        ("done.delivered", ABROAD, "Почта России"),
        ("deliver", "", "перевозчик"),
        ("deliver", "", "автоматически"),
    ]
    assert [one for one in told if not one["source"]] == []
    way = text(section(tree(office.html("reseller", f"items/{order}.1/")), "timeline-title"))
    assert IN_CHINA[0] in way.replace(" ", "")
    assert ABROAD in way.replace(" ", "")


def at_the_door(office: Office) -> None:
    """The post hands it over, and tells us of it a little later."""
    seen = office.now - timedelta(minutes=20)
    scanned(
        office,
        ABROAD,
        "done.delivered",
        occurred_at=seen,
        raw_time=seen.isoformat(),
        country="RU",
        carrier="russian_post",
    )


def pack(office: Office, order: str) -> None:
    from tests.journeys.boxes import BOX, formed

    parcel = formed(office, order)
    office.do("logist", f"parcels/{parcel}", "pack", **BOX, declared_contents="Kettle")
    office.do("logist", f"parcels/{parcel}", "hand_over", international_number=ABROAD)
