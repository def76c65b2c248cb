"""A marketplace's fourth stage: the buyer's case, „refunded“ with its mandatory note, and goods that are exchanged."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sledi.attachments.tests import drawn
from sledi.ledger.models import Entry
from sledi.orders.models import Outbox, Task
from tests.journeys.office import Answer, Office, moment, written
from tests.journeys.sales import (
    COMPLAINT,
    ENCLOSED,
    REPLACEMENT,
    SECOND,
    delivered,
    disputed,
    handed_over,
    open_case,
    shipped,
    state,
    verified,
)

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"

BACK = "RR987654326BG"


def told(act: str, level: str = "order") -> list[str]:
    """Whom the last thing of this name reached."""
    return list(Outbox.objects.filter(act=act, level=level).latest("id").who)


# --- S4.25: the buyer's case ----------------------------------------------------------------------------------


def test_a_case_within_the_window_holds_the_money_and_starts_the_seller_s_clock(office: Office) -> None:
    order = verified(office)
    case = open_case(office, order)
    assert state(office, order) == "complete_disputed"
    assert told("open", "case") == ["platform", "seller"]
    found = office.see("seller", f"cases/{case}")
    assert {one["key"]: one["value"] for one in found["fields"]} == {
        "complaint": "damaged",
        "action": "refund",
    }
    # Monday 28 September 2026, noon in Sofia, and three working days.
    assert [(one["name"], one["at"]) for one in found["deadlines"]] == [
        ("answer_late", "2026-10-01T09:00:00+00:00")
    ]
    assert "Отговор до 1 октомври" in office.read("seller", f"orders/{order}/", language="bg").replace(
        "\xa0", " "
    )
    office.wait(days=3)
    assert [one["key"] for one in office.see("platform", f"cases/{case}")["flags"]] == ["answer_late"]
    office.wait(days=60)
    assert state(office, order) == "complete_disputed", "the money stays held until the case is solved"


@pytest.mark.promise("S4.25")
@pytest.mark.parametrize("door", ["api", "page", "command"])
def test_within_the_window_a_request_with_reason_and_photos_opens_a_case_and_the_seller_s_clock(
    office: Office, door: str, tmp_path: Path
) -> None:
    order = verified(office)
    case = ask_for_a_return(office, door, order, tmp_path)
    found = office.see("seller", f"cases/{case}")
    values = {one["key"]: one["value"] for one in found["fields"]}
    assert (values["complaint"], values["action"]) == ("damaged", "refund")
    assert len(values["photos"]) == 2
    assert state(office, order) == "complete_disputed"
    # Monday 28 September 2026, noon in Sofia, and three working days.
    assert [(one["name"], one["at"]) for one in found["deadlines"]] == [
        ("answer_late", "2026-10-01T09:00:00+00:00")
    ]
    for role in ("seller", "platform", "buyer"):
        page = office.html(role, f"orders/{order}/", language="bg")
        for place, one in enumerate(values["photos"], start=1):
            assert office.fetch(role, one["url"]).status_code == 200
            small = f"/marketplace/photos/{one['id']}/preview/"
            assert f'src="{small}" alt="Снимки: снимка {place} от 2"' in page
            assert office.browser(role, language="bg").get(small).status_code == 200
    assert "Повредена" in office.read("seller", f"orders/{order}/", language="bg")
    office.wait(days=3)
    assert [one["key"] for one in office.see("platform", f"cases/{case}")["flags"]] == ["answer_late"]


def ask_for_a_return(office: Office, door: str, order: str, folder: Path) -> str:
    """The buyer's request at one of the doors, with two photos; the number of the case."""
    photos = [drawn.located(), drawn.photo(kind="PNG")]
    match door:
        case "api":
            ids = [office.uploaded("buyer", one) for one in photos]
            office.do("buyer", f"cases/{order}", "open", **COMPLAINT, photos=ids)
        case "page":
            files = [SimpleUploadedFile(f"{at}.jpg", one) for at, one in enumerate(photos)]
            address = f"orders/{order}/cases"
            assert "Готово" in office.press(
                "buyer", address, "open", language="bg", **COMPLAINT, photos=files
            )
        case _:
            paths = [folder / f"{at}.jpg" for at in range(len(photos))]
            for path, one in zip(paths, photos, strict=True):
                path.write_bytes(one)
            given = [f"{key}={text}" for key, text in COMPLAINT.items()]
            given += [f"photos=@{path}" for path in paths]
            fields = [word for one in given for word in ("--field", one)]
            code, said = office.shell("buyer", "order", "move", order, "open", "--level", "case", *fields)
            assert code == 0, said
    (case,) = office.see("buyer", f"orders/{order}/cases")["cases"]
    return str(case["number"])


def test_after_the_window_and_before_the_delivery_no_case_is_opened(office: Office) -> None:
    early = shipped(office)
    assert office.refused("buyer", f"cases/{early}", "open", **COMPLAINT).body["guard"] == "delivered"
    late = verified(office, "CP987654326BG")
    office.wait(days=17)
    assert office.refused("buyer", f"cases/{late}", "open", **COMPLAINT).body["guard"] == "within_window"


# --- S4.26 and S4.27: refunded --------------------------------------------------------------------------------


@pytest.mark.promise("S4.26")
def test_the_seller_sets_refunded_on_an_open_case_and_without_one_it_is_flagged_to_the_platform(
    office: Office,
) -> None:
    order = disputed(office)
    before = Task.objects.count()
    moved = office.do("seller", f"orders/{order}", "refund", note="Върнах парите")
    assert (moved["to"], Task.objects.count()) == ("money_returned", before)
    found = office.see("buyer", f"orders/{order}")
    assert (found["state"]["parent_label"], found["state"]["label"]) == (
        "refunded",
        "refunded, money returned",
    )
    assert found["amounts"]["refunded"]["amount"] == "105.00"
    assert [case["state"]["key"] for case in found["cases"]] == ["solved_refund"]
    other = delivered(office, SECOND)
    assert office.refused("seller", f"orders/{other}", "refund", note="Върнах").kind == "wrong-state"
    office.do("seller", f"orders/{other}", "refund_without_case", note="Клиентът се отказа по телефона")
    assert state(office, other) == "money_returned"
    assert f"Поръчка {other} Върнете парите (refunded)" in office.read("platform", "", language="bg")
    assert told("refund_without_case") == ["buyer", "platform"]


@pytest.mark.promise("S4.27")
@pytest.mark.parametrize("move", ["refund", "exchange"])
def test_refunded_without_a_note_is_refused_by_page_api_file_and_command(office: Office, move: str) -> None:
    order = disputed(office)
    office.browser("seller", language="bg")
    refusal = office.refused("seller", f"orders/{order}", move)
    assert (refusal.status, refusal.kind) == (422, "missing-field")
    before = written()
    assert "Попълнете полето „Забележка, какво направихте“." in office.press(
        "seller", f"orders/{order}", move, language="bg"
    )
    code, said = office.shell("seller", "order", "move", order, move)
    assert (code, "Fill in the field “Note, what you have done”." in said) == (1, True)
    row = by_file(office, order, move).body["rows"][0]
    assert (row["outcome"], row["problem"]["field"]) == ("refused", "note")
    answer = office.api("seller", "post", f"orders/moves/{move}", {"rows": [{"number": order}]})
    assert (answer.body["done"], answer.body["refused"]) == (0, 1)
    blank = office.api("seller", "post", f"orders/{order}/moves/{move}", {"fields": {"note": "  \n"}})
    assert blank.kind == "missing-field"
    assert written() == before
    assert state(office, order) == "complete_disputed"


@pytest.mark.promise("S4.27")
@pytest.mark.parametrize(
    ("move", "action", "words"),
    [
        ("refund", "money_returned", "refunded, върнати пари"),
        ("exchange", "goods_exchanged", "refunded, заменена стока"),
    ],
)
def test_the_note_and_what_was_done_are_read_by_buyer_and_platform(
    office: Office, move: str, action: str, words: str
) -> None:
    order = disputed(office)
    office.press("seller", f"orders/{order}", move, language="bg", note="Счупена при пренасяне")
    for role in ("buyer", "platform"):
        page = office.read(role, f"orders/{order}/", language="bg")
        assert page.startswith(f"{words} refunded")
        assert "Счупена при пренасяне" in page
        newest = next(
            one for one in office.see(role, f"orders/{order}/history")["history"] if one["act"] == move
        )
        assert (newest["to"], newest["note"]) == (action, "Счупена при пренасяне")
    assert told(move) == ["buyer", "platform"]


def by_file(office: Office, order: str, move: str) -> Answer:
    """A row of a CSV file of moves."""
    answer = Client().post(
        f"/api/v1/businesses/{office.business.slug}/imports/moves",
        f"level;number;move\norder;{order};{move}\n",
        content_type="text/csv",
        headers={"authorization": f"Bearer {office._key('seller', '')}"},
    )
    return Answer(answer.status_code, answer.json(), answer.headers)


# --- S4.36: exchanged goods -----------------------------------------------------------------------------------


def exchanged(office: Office) -> str:
    """An order whose case was solved by an exchange, delivered on 1 December 2026."""
    office.go_to(moment("2026-12-01 12:00"))
    order = disputed(office)
    (case,) = office.see("buyer", f"orders/{order}/cases")["cases"]
    office.do("buyer", f"cases/{case['number']}", "send_back", return_number=BACK)
    office.do("seller", f"orders/{order}", "exchange", note="Изпращам нова")
    return order


def arrived(office: Office, order: str) -> Any:
    """The replacement is delivered on 20 December; the order as the platform sees it."""
    office.go_to(moment("2026-12-10 12:00"))
    office.do("seller", f"parcels/{order}", "send_replacement", **REPLACEMENT)
    office.go_to(moment("2026-12-20 12:00"))
    office.scan(SECOND, handed_over(office.now))
    office.do("seller", f"orders/{order}", "complete")
    office.work()
    return office.see("platform", f"orders/{order}")


@pytest.mark.promise("S4.36")
def test_an_exchange_is_a_second_parcel_under_the_same_conditions_and_moves_no_money(office: Office) -> None:
    order = exchanged(office)
    entries = Entry.objects.count()
    unnumbered = office.refused("seller", f"parcels/{order}", "send_replacement", **ENCLOSED)
    assert unnumbered.body["errors"][0]["pointer"] == "/fields/tracking_number"
    partly = {"tracking_number": SECOND, "invoice": True}
    unenclosed = office.refused("seller", f"parcels/{order}", "send_replacement", **partly)
    assert unenclosed.body["guard"] == "enclosures"
    office.do("seller", f"parcels/{order}", "send_replacement", **REPLACEMENT)
    found = office.see("buyer", f"orders/{order}")
    assert found["state"]["key"] == "shipped"
    numbers = [[one["number"] for one in parcel["numbers"]] for parcel in found["parcels"]]
    assert sorted(numbers) == sorted([["RR123456785BG"], [SECOND]])
    assert sorted(parcel["state"]["key"] for parcel in found["parcels"]) == ["delivered", "sent"]
    assert found["amounts"]["refunded"]["amount"] == "0.00"
    assert Entry.objects.count() == entries


@pytest.mark.promise("S4.36")
def test_the_replacement_has_a_window_of_its_own(office: Office) -> None:
    order = exchanged(office)
    assert office.see("buyer", f"orders/{order}")["window_ends_at"] == "2026-12-15T22:00:00+00:00"
    found = arrived(office, order)
    # 14 days after 20 December is 3 January 2027, a Sunday.
    assert (found["state"]["key"], found["window_ends_at"]) == (
        "complete_verified",
        "2027-01-04T22:00:00+00:00",
    )


@pytest.mark.promise("S4.36")
def test_where_the_policy_says_so_the_first_window_stays(office: Office) -> None:
    office.business.settings = {"exchange_opens_window": False}
    office.business.save()
    found = arrived(office, exchanged(office))
    assert found["window_ends_at"] == "2026-12-15T22:00:00+00:00"
    assert found["state"]["key"] == "closed", "that window is over"


def test_the_old_goods_are_followed_on_their_way_back(office: Office) -> None:
    order = exchanged(office)
    (case,) = office.see("seller", f"orders/{order}")["cases"]
    assert [(one["number"], one["kind"]) for one in case["numbers"]] == [(BACK, "return")]
    assert "RR 987 654 326 BG обратен път" in office.read("seller", f"orders/{order}/", language="bg")
