"""The parcel as the reseller sees it: on its tab, with what the Logist measured, every change of it kept."""

import pytest

from tests.journeys.boxes import BOX, dispatched, formed, in_russian, packed, receive
from tests.journeys.markup import Element, links, section, text, tree, with_class
from tests.journeys.office import Office
from tests.journeys.purchases import KETTLE, LAMP, field_of
from tests.journeys.world import command

PROFILE = "buyout"
pytestmark = pytest.mark.django_db


def facts_of(page: Element) -> dict[str, str]:
    """What stands under «Коротко»."""
    listed = list(section(page, "facts").iter())
    names = [text(one) for one in listed if one.tag == "dt"]
    return dict(zip(names, [text(one) for one in listed if one.tag == "dd"], strict=True))


def parcel_page(office: Office, parcel: str, role: str = "reseller") -> Element:
    return tree(office.html(role, f"parcels/{parcel}/"))


# --- the tab --------------------------------------------------------------------------------------------------


@pytest.mark.promise("S0.31")
def test_the_tab_of_parcels_has_the_parcel_as_soon_as_packing_begins(office: Office) -> None:
    order = dispatched(office, KETTLE, LAMP)
    receive(office, order, 1, 2)
    assert links(tree(office.html("reseller", "")))["Посылки"] == f"/{office.business.slug}/parcels/"
    assert "Здесь пока ничего нет" in office.read("reseller", "parcels/")
    parcel = formed(office, order)
    page = tree(office.html("reseller", "parcels/"))
    (row,) = list(with_class(page, "rows")[0])
    said = text(row)
    assert said.startswith(f"Посылка {parcel}")
    assert f"Заказ {order} · Kettle ×1 · Lamp ×1" in said
    assert said.endswith("Комплектуется")
    (told,) = in_russian(office, "reseller", "parcels")["rows"]
    assert (told["number"], told["orders"]) == (parcel, [order])
    assert told["contents"] == [{"name": "Kettle", "quantity": 1}, {"name": "Lamp", "quantity": 1}]
    assert told["state"]["label"] == "Комплектуется"


@pytest.mark.promise("S0.31")
def test_the_tab_has_nobody_elses_parcels(office: Office) -> None:
    order = dispatched(office, KETTLE)
    receive(office, order, 1)
    parcel = formed(office, order)
    assert parcel not in office.read("reseller", "parcels/", name="boris")
    assert office.api("reseller", "get", f"parcels/{parcel}", name="boris").status == 404


# --- what the Logist says of it -------------------------------------------------------------------------------


@pytest.mark.promise("S0.32")
def test_the_reseller_sees_actual_and_volumetric_weight_price_and_contents(office: Office) -> None:
    order = dispatched(office, KETTLE, LAMP)
    receive(office, order, 1, 2)
    parcel = formed(office, order)
    office.press(
        "logist",
        f"parcels/{parcel}",
        "pack",
        weight_g="1240",
        length_mm="300",
        width_mm="200",
        height_mm="100",
        packaging="box",
        cost="19,90",
        declared_contents="Чайник и лампа",
    )
    facts = facts_of(parcel_page(office, parcel))
    assert facts == {
        "Вес": "1,24 кг",
        "Размеры": "30 × 20 × 10 см",
        "Объёмный вес": "1 кг",
        "Упаковка": "Коробка",
        "Стоимость доставки": "19,90 ₽",
        "Заявленное содержимое": "Чайник и лампа",
    }
    items = text(section(parcel_page(office, parcel), "items"))
    assert "Kettle ×1" in items
    assert "Lamp ×1" in items
    told = office.see("reseller", f"parcels/{parcel}")
    assert (told["weight_g"], told["volumetric_g"]) == (1240, 1000)
    assert (told["length_mm"], told["width_mm"], told["height_mm"]) == (300, 200, 100)
    assert (field_of(told, "cost")["value"], field_of(told, "cost")["currency"]) == ("19.90", "RUB")
    assert field_of(told, "declared_contents")["value"] == "Чайник и лампа"
    assert [one["item"] for one in told["contents"]] == ["1", "2"]


@pytest.mark.promise("S0.32")
def test_a_service_with_another_divisor_counts_another_volumetric_weight(office: Office) -> None:
    _, parcel = packed(office)
    office.business.settings = {"volumetric_divisor": 5000}
    office.business.save()
    assert facts_of(parcel_page(office, parcel))["Объёмный вес"] == "1,2 кг"
    assert office.see("reseller", f"parcels/{parcel}")["volumetric_g"] == 1200


@pytest.mark.promise("S0.32")
def test_every_change_is_a_version_that_tells_before_and_after(office: Office) -> None:
    _, parcel = packed(office, cost="19.90")
    before = office.see("reseller", f"parcels/{parcel}")
    office.wait(hours=2)
    office.do("logist", f"parcels/{parcel}", "describe", weight_g=1300, cost="21.50")
    after = in_russian(office, "reseller", f"parcels/{parcel}")
    assert after["version"] == before["version"] + 1
    assert after["weight_g"] == 1300
    last = after["history"][0]
    assert (last["act"], last["at"]) == ("describe", office.now.isoformat())
    assert {one["key"]: one["value"] for one in last["before"]} == {"weight_g": 1240, "cost": "19.90"}
    assert {one["key"]: one["value"] for one in last["fields"]} == {"weight_g": 1300, "cost": "21.50"}
    told = text(section(parcel_page(office, parcel), "history")).replace("\xa0", " ")
    assert "Вес, г: 1240 → 1300" in told
    assert "Стоимость доставки: 19,90 ₽ → 21,50 ₽" in told
    code, said = command("history", "verify", "--business", office.business.slug)
    assert code == 0, said


@pytest.mark.promise("S0.32")
def test_a_parcel_is_not_packed_without_weight_and_size(office: Office) -> None:
    order = dispatched(office, KETTLE)
    receive(office, order, 1)
    parcel = formed(office, order)
    for missing in BOX:
        fields = {key: value for key, value in BOX.items() if key != missing}
        refused = office.refused("logist", f"parcels/{parcel}", "pack", **fields, declared_contents="Kettle")
        assert (refused.status, refused.kind) == (422, "missing-field")
