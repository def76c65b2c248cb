"""An order of a forwarder from its placing to the recipient's door over REST, each step by who has to do it."""

import pytest

from sledi.tracking.tests.scans import scan
from tests.journeys.forwarding import EMS, in_china, made, state_of
from tests.journeys.office import Office

pytestmark = pytest.mark.django_db

PROFILE = "forwarder"


def test_an_order_goes_from_the_shop_in_china_to_a_door_in_kazakhstan(office: Office) -> None:
    order = office.place("buyer", {"name": "Робот-мойщик окон", "unit_price": "459.00"}, destination="KZ")
    path, seen = f"orders/{order}", []

    def stands() -> None:
        seen.append(state_of(office, path, "buyer"))

    stands()
    office.fund(50000, person="buyer")
    office.do("buyer", path, "pay")
    stands()
    office.do("operator", path, "take")
    stands()
    office.do("operator", path, "buy", external_order_no="TB-2604417")
    office.do("operator", path, "dispatch", domestic_number=in_china())
    stands()
    office.wait(days=3)
    office.do("operator", f"cases/{order}", "open", finding="wrong_colour", note="Пришёл белый")
    case = f"cases/{office.see('buyer', path)['cases'][0]['number']}"
    office.do("buyer", case, "exchange")
    office.do("operator", case, "exchange_sent")
    office.do("operator", path, "dispatch", domestic_number=in_china(1))
    office.wait(days=4)
    office.do("operator", path, "receive", inspection="as_ordered", weight_g=3400)
    stands()
    haul = made(office, "logist", "hauls", "open", vehicle="MAN 18.440, 042 KZ")
    office.api("logist", "post", f"hauls/{haul}/loadings", {"orders": [order]})
    office.do("logist", f"hauls/{haul}", "depart", expected_at="2026-10-20")
    stands()
    parcel = made(office, "operator", "parcels", "open", mode="pickup")
    office.api("operator", "post", f"parcels/{parcel}/loadings", {"orders": [order]})
    office.do("buyer", f"parcels/{parcel}", "choose_mode", mode="kazakhstan")
    office.do("logist", f"hauls/{haul}", "change_eta", expected_at="2026-10-24")
    office.wait(days=14)
    office.do("operator", f"hauls/{haul}", "arrive")
    office.do("operator", path, "arrive")
    office.do("operator", f"hauls/{haul}", "close")
    stands()
    office.do("operator", path, "pack", mode="kazakhstan")
    stands()
    office.do("operator", f"parcels/{parcel}", "dispatch", local_number=EMS)
    stands()
    office.wait(days=2)
    office.scan(
        EMS, scan("done.delivered", occurred_at=office.now, raw_time=office.now.isoformat(), country="KZ")
    )
    stands()
    assert seen == [
        "Не оплачен",
        "Оплачен",
        "В обработке",
        "Доставка на склад в Китае",
        "На складе в Китае",
        "Отправлен со склада из Китая",
        "На складе в Алматы",
        "Упакован",
        "Отправлен получателю",
        "Доставлен",
    ]
    told = [line["act"] for line in reversed(office.see("operator", f"{path}/history?size=100")["history"])]
    assert told == [
        "made", "pay", "take", "buy", "dispatch", "open", "exchange", "exchange_sent", "dispatch", "receive",
        "loaded", "depart", "loaded", "eta_moved", "arrive", "pack", "send_in_parcel", "deliver_in_parcel",
    ]  # fmt: skip
    whole = office.see("buyer", path)
    assert whole["amounts"]["total"] == {"amount": "459.00", "currency": "RUB"}
    assert whole["state"]["is_final"]
    assert whole["moves"] == []
