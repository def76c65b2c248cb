"""What comes to the warehouse is scanned; what nobody bought is not received, and what nobody knows waits."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sledi.attachments.tests.drawn import located
from sledi.attachments.tests.drawn import photo as drawn_photo
from tests.journeys.office import Office
from tests.journeys.purchases import KETTLE, LAMP, RUG, field_of, item_of, ordered, sent

PROFILE = "buyout"
pytestmark = pytest.mark.django_db

A, B = "YT8825498020044", "JT5343908375834"


def on_the_way(office: Office, *numbers: str) -> str:
    """An order whose items travel under these numbers, in this order."""
    goods = [KETTLE, LAMP, RUG][: len(numbers)]
    order = ordered(office, *goods)
    for line, number in enumerate(numbers, start=1):
        office.do("operator", f"items/{order}.{line}", "dispatch", domestic_number=number)
    return order


def scan(office: Office, number: str, **fields: object) -> Any:
    answer = office.api("operator", "post", "scans", {"number": number, "fields": fields})
    assert answer.status == 200, answer.body
    return answer.body


@pytest.mark.promise("S0.8")
def test_each_item_has_its_own_number_and_the_order_none(office: Office) -> None:
    order = ordered(office, KETTLE, LAMP)
    office.do("operator", f"items/{order}.1", "dispatch", domestic_number=A)
    office.do("operator", f"items/{order}.2", "dispatch", domestic_number=B)
    shown = office.see("reseller", f"orders/{order}")
    assert shown["numbers"] == []
    numbers = {item["name"]: [one["number"] for one in item["numbers"]] for item in shown["items"]}
    assert numbers == {"Kettle": [A], "Lamp": [B]}


@pytest.mark.promise("S0.8")
def test_numbers_come_by_file_as_well(office: Office) -> None:
    order = ordered(office, KETTLE, LAMP)
    rows = f"level,number,move,domestic_number\nitem,{order}.1,dispatch,{A}\nitem,{order}.2,dispatch,{B}\n"
    answer = office.upload("operator", "imports/moves", rows.encode())
    assert (answer.status, answer.body["done"], answer.body["refused"]) == (200, 2, 0)
    assert [one["number"] for one in item_of(office, f"{order}.1", "reseller")["numbers"]] == [A]
    assert [one["number"] for one in item_of(office, f"{order}.2", "reseller")["numbers"]] == [B]
    page = office.read("reseller", f"orders/{order}/").replace(" ", "")
    assert page.index("Kettle") < page.index(A) < page.index("Lamp") < page.index(B)


def test_scanning_the_number_receives_its_item_alone(office: Office) -> None:
    order = on_the_way(office, A, B)
    office.wait(days=1)
    (moved,) = scan(office, A, weight_g=1310)["moved"]
    assert (moved["from"], moved["to"]) == ("domestic_transit", "received")
    item = item_of(office, f"{order}.1", "reseller")
    assert (item["state"]["label"], item["since"]) == ("Получено на склад", "2026-09-29T09:00:00+00:00")
    assert (item["weight_g"], item_of(office, f"{order}.2")["state"]["key"]) == (1310, "domestic_transit")
    told = office.see("supervisor", f"items/{order}.1/history")["history"][0]
    assert (told["act"], told["actor"]["role"], told["at"]) == (
        "receive",
        "operator",
        "2026-09-29T09:00:00+00:00",
    )
    assert field_of(told, "weight_g")["value"] == 1310


@pytest.mark.promise("S0.23")
@pytest.mark.parametrize("door", ["api", "page", "command"])
def test_scanning_its_number_receives_an_item_with_weight_and_photos(
    office: Office, door: str, tmp_path: Path
) -> None:
    order = on_the_way(office, A, B)
    office.wait(days=1)
    receive(office, door, tmp_path, A, "1310", [located(), drawn_photo()])
    item = item_of(office, f"{order}.1", "reseller")
    assert (item["state"]["label"], item["since"]) == ("Получено на склад", "2026-09-29T09:00:00+00:00")
    assert (item["weight_g"], item_of(office, f"{order}.2")["state"]["key"]) == (1310, "domestic_transit")
    told = office.see("supervisor", f"items/{order}.1/history")["history"][0]
    assert (told["act"], told["actor"]["role"], told["at"]) == (
        "receive",
        "operator",
        "2026-09-29T09:00:00+00:00",
    )
    assert told["actor"]["name"]
    first, second = field_of(item, "photos")["value"]
    assert [first, second] == field_of(told, "photos")["value"]
    for role in ("reseller", "supervisor"):
        for url in (first["url"], first["preview_url"], second["url"]):
            answer = office.fetch(role, url)
            assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    page = office.html("reseller", f"items/{order}.1/")
    for place, one in enumerate((first, second), start=1):
        small, large = f"photos/{one['id']}/preview/", f"photos/{one['id']}/"
        assert f'src="/buyout/{small}" alt="Фотографии: фото {place} из 2"' in page
        assert office.browser("reseller").get(f"/buyout/{large}").status_code == 200


@pytest.mark.promise("S0.23")
@pytest.mark.parametrize("door", ["api", "page", "command"])
def test_an_item_is_received_without_weight_and_photo_as_well(
    office: Office, door: str, tmp_path: Path
) -> None:
    order = on_the_way(office, A)
    receive(office, door, tmp_path, A, "", [])
    item = item_of(office, f"{order}.1", "reseller")
    assert (item["state"]["label"], item["weight_g"]) == ("Получено на склад", None)
    assert "photos" not in {one["key"] for one in item["fields"]}


def receive(
    office: Office, door: str, folder: Path, number: str, weight_g: str, photos: Sequence[bytes]
) -> None:
    """Scan a number at one of the doors, with what was weighed and photographed."""
    match door:
        case "api":
            ids = [office.uploaded("operator", one) for one in photos]
            fields: dict[str, Any] = {"photos": ids} | ({"weight_g": int(weight_g)} if weight_g else {})
            scan(office, number, **fields)
        case "page":
            files = [SimpleUploadedFile(f"{at}.jpg", one) for at, one in enumerate(photos)]
            typed = {"scanned_number": number, "weight_g": weight_g, "photos": files}
            said = office.browser("operator").post(f"/{office.business.slug}/scans/", typed, follow=True)
            assert "Kettle: Получено на склад" in said.content.decode()
        case _:
            paths = [folder / f"{at}.jpg" for at in range(len(photos))]
            for path, one in zip(paths, photos, strict=True):
                path.write_bytes(one)
            named = [word for path in paths for word in ("--photo", str(path))]
            weighed = ["--weight-g", weight_g] if weight_g else []
            assert office.shell("operator", "order", "scan", number, *weighed, *named)[0] == 0


def test_the_page_of_scans_receives_without_a_weight_too(office: Office) -> None:
    order = on_the_way(office, A)
    answer = office.browser("operator").post(
        f"/{office.business.slug}/scans/", {"scanned_number": A, "weight_g": ""}, follow=True
    )
    assert f"{order}.1 Kettle: Получено на склад" in answer.content.decode()
    told = office.see("supervisor", f"items/{order}.1/history")["history"][0]
    assert (told["actor"]["name"], told["actor"]["role"]) == ("Operator", "operator")
    page = office.read("reseller", f"orders/{order}/")
    assert "Получено на склад" in page


def test_the_command_receives_by_number(office: Office) -> None:
    order = on_the_way(office, A)
    code, said = office.shell("operator", "order", "scan", A, "--weight-g", "1310")
    assert (code, said.strip()) == (0, f"{A}: domestic_transit → received")
    assert item_of(office, f"{order}.1")["state"]["key"] == "received"


@pytest.mark.promise("S0.24")
def test_an_item_never_bought_is_not_received_and_the_reason_is_told(office: Office) -> None:
    order = sent(office, KETTLE)
    problem = office.refused("operator", f"items/{order}.1", "receive", scanned_number=A)
    assert (problem.status, problem.kind) == (409, "wrong-state")
    assert problem.body["title"] == (
        "Now: “Queued for buyout”. This action is possible only from: “Ordered”, “On its way to the warehouse”."
    )
    key = item_of(office, f"{order}.1")["id"]
    answer = office.browser("operator").get(f"/{office.business.slug}/items/{key}/moves/receive/")
    assert answer.status_code == 409
    assert (
        "Сейчас: «В очереди на выкуп». Это действие возможно только из состояний: «Заказан», «В пути на склад»."
        in answer.content.decode()
    )
    assert item_of(office, f"{order}.1")["state"]["key"] == "queued"


@pytest.mark.promise("S0.24")
def test_an_unknown_number_goes_to_the_unidentified_arrivals(office: Office) -> None:
    order = ordered(office, KETTLE)
    body = scan(office, "YT8800000000001", weight_g=500)
    assert (body["moved"], body["arrival"]["number"]) == ([], "YT8800000000001")
    (waiting,) = office.see("operator", "arrivals")["arrivals"]
    assert (waiting["at"], waiting["fields"]) == ("2026-09-28T09:00:00+00:00", {"weight_g": 500})
    assert scan(office, "YT8800000000001")["arrival"]["at"] == waiting["at"]
    assert len(office.see("operator", "arrivals")["arrivals"]) == 1
    assert re.search(r'name="scanned_number"[^>]* autofocus', office.html("operator", "scans/"))
    page = office.read("operator", "scans/").replace(" ", "")
    assert page.index("Неопознанныепосылки") < page.index("YT8800000000001")
    assert item_of(office, f"{order}.1")["state"]["key"] == "ordered"


@pytest.mark.promise("S0.24")
def test_an_arrival_is_identified_as_an_item_later(office: Office) -> None:
    order = ordered(office, KETTLE)
    scan(office, A, weight_g=500)
    client = office.browser("operator")
    answer = client.post(
        f"/{office.business.slug}/arrivals/{A}/identifications/", {"item": f"{order}.1"}, follow=True
    )
    assert "Всё, что пришло, известно." in answer.content.decode()
    item = item_of(office, f"{order}.1")
    assert (item["state"]["label"], item["weight_g"]) == ("Получено на склад", 500)
    assert [one["number"] for one in item["numbers"]] == [A]
    assert office.see("operator", "arrivals")["arrivals"] == []


@pytest.mark.promise("S0.24")
def test_an_arrival_is_no_item_that_was_never_bought(office: Office) -> None:
    order = sent(office, KETTLE)
    scan(office, A)
    answer = office.api("operator", "post", f"arrivals/{A}/identifications", {"item": f"{order}.1"})
    assert (answer.status, answer.kind) == (409, "wrong-state")
    assert item_of(office, f"{order}.1")["numbers"] == []
    assert len(office.see("operator", "arrivals")["arrivals"]) == 1


def test_the_photo_of_an_arrival_goes_on_to_the_item_it_turns_out_to_be(office: Office) -> None:
    order = ordered(office, KETTLE)
    photo = office.uploaded("operator", drawn_photo())
    scan(office, A, photos=[photo])
    url = f"/api/v1/businesses/{office.business.slug}/attachments/{photo}"
    assert (office.fetch("supervisor", url).status_code, office.fetch("reseller", url).status_code) == (
        200,
        404,
    )
    assert f"/photos/{photo}/preview/" in office.html("operator", "scans/")
    answer = office.api("supervisor", "post", f"arrivals/{A}/identifications", {"item": f"{order}.1"})
    assert answer.status == 403, "who receives is the profile's word"
    answer = office.api(
        "operator", "post", f"arrivals/{A}/identifications", {"item": f"{order}.1"}, name="colleague"
    )
    assert answer.status == 200, answer.body
    item = item_of(office, f"{order}.1", "reseller")
    assert [one["id"] for one in field_of(item, "photos")["value"]] == [photo]
    assert office.fetch("reseller", url).status_code == 200


def test_of_several_items_under_one_number_the_first_has_the_photo(office: Office) -> None:
    order = on_the_way(office, A, A)
    photo = office.uploaded("operator", drawn_photo())
    assert len(scan(office, A, photos=[photo], weight_g=700)["moved"]) == 2
    first, second = (item_of(office, f"{order}.{line}") for line in (1, 2))
    assert [one["id"] for one in field_of(first, "photos")["value"]] == [photo]
    assert "photos" not in {one["key"] for one in second["fields"]}


def test_a_photo_that_is_none_leaves_the_scan_undone_and_the_good_one_with_it(office: Office) -> None:
    order = on_the_way(office, A)
    client, address = office.browser("operator"), f"/{office.business.slug}/scans/"
    files = [SimpleUploadedFile("a.jpg", drawn_photo()), SimpleUploadedFile("b.jpg", b"MZ of a program")]
    answer = client.post(address, {"scanned_number": A, "weight_g": "5", "photos": files})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Файл «b.jpg» — не фотография. Можно отправить JPEG, PNG и WebP." in page
    assert item_of(office, f"{order}.1")["state"]["key"] == "domestic_transit"
    (kept,) = re.findall(r'name="photos" value="([0-9a-f-]+)" checked', page)
    client.post(address, {"scanned_number": A, "weight_g": "5", "photos": kept})
    assert [one["id"] for one in field_of(item_of(office, f"{order}.1"), "photos")["value"]] == [kept]


def test_a_reseller_neither_scans_nor_sees_arrivals(office: Office) -> None:
    scan(office, A)
    answer = office.api("reseller", "post", "scans", {"number": A})
    assert (answer.status, answer.kind) == (403, "wrong-role")
    assert office.see("reseller", "arrivals")["arrivals"] == []
    assert office.browser("reseller").get(f"/{office.business.slug}/scans/").status_code == 404
