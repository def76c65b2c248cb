"""Files over REST: how they are sent, what comes back, and that a file that is none changes nothing."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sledi.accounts.scopes import ORDERS_READ, ORDERS_WRITE, SCOPES
from sledi.orders.models import Order
from sledi.orders.tests.stage import new_stage
from tests.api.orders_world import Doors, written
from tests.api.test_tracking import problem

pytestmark = pytest.mark.django_db

ORDERS = 'reference,name,unit_price\nA-1,Чайник,"12,50"\nA-2,,1\n'


@pytest.fixture
def doors(client: Client) -> Doors:
    return Doors(new_stage("buyout"), client)


def send(
    doors: Doors,
    what: str,
    content: Any,
    media_type: str = "text/csv",
    role: str = "reseller",
    scopes: frozenset[str] = SCOPES,
) -> Any:
    headers = {"authorization": f"Bearer {doors.key(role, scopes)}", "accept-language": "ru"}
    address = f"/api/v1/businesses/buyout/{what}"
    if media_type == "multipart":
        return doors.client.post(address, content, headers=headers)
    return doors.client.generic("POST", address, content, content_type=media_type, headers=headers)


def test_a_file_is_sent_as_text_or_as_an_upload(doors: Doors) -> None:
    sent = send(doors, "imports/orders?dry_run=true", ORDERS.encode())
    assert sent.status_code == 200
    told = sent.json()
    assert (told["is_dry_run"], told["done"], told["refused"], Order.objects.count()) == (True, 1, 1, 0)
    assert told["rows"][1] == {
        "row": 3,
        "reference": "A-2",
        "outcome": "refused",
        "number": "",
        "to": "",
        "instead": "",
        "problem": {
            "type": "/api/v1/problems#missing-field",
            "title": "Заполните поле «name».",
            "field": "items/0/name",
            "reason": "",
            "guard": "",
            "listed": [],
            "missing": None,
            "version": None,
        },
    }
    upload = SimpleUploadedFile("orders.csv", ORDERS.encode("utf-16"), "text/csv")
    told = send(doors, "imports/orders", {"file": upload}, "multipart").json()
    assert (told["encoding"], told["done"], told["refused"]) == ("utf-16", 1, 1)
    assert Order.objects.get().number == told["rows"][0]["number"]
    again = send(doors, "imports/orders", ORDERS.encode()).json()
    assert (again["repeated"], again["rows"][0]["number"]) == (1, told["rows"][0]["number"])


@pytest.mark.parametrize(
    ("content", "media_type", "status", "kind"),
    [
        (b"\n", "text/csv", 422, "wrong-file"),
        (b"PK\x03\x04", "text/csv", 422, "wrong-file"),
        (b"name\nCup\n", "text/csv", 422, "wrong-file"),
        (b"{}", "application/json", 415, "media-type"),
        (b"x", "text/plain", 415, "media-type"),
        (b"x" * 1_048_577, "text/csv", 413, "too-large"),
        ({}, "multipart", 422, "invalid"),
    ],
)
@pytest.mark.parametrize("what", ["imports/orders", "imports/moves"])
def test_what_is_no_table_changes_nothing(
    doors: Doors, what: str, content: Any, media_type: str, status: int, kind: str
) -> None:
    doors.key("reseller")
    before = written()
    assert problem(send(doors, what, content, media_type)) == (status, kind)
    assert written() == before


def test_an_upload_of_more_than_five_megabytes_is_refused(doors: Doors) -> None:
    upload = SimpleUploadedFile("orders.csv", b"x" * 5_000_001, "text/csv")
    response = send(doors, "imports/orders", {"file": upload}, "multipart")
    assert problem(response) == (413, "wrong-file")
    assert response.json()["reason"] == "too_large"


def test_moves_of_parcels_need_the_scope_of_parcels(doors: Doors) -> None:
    content = b"number,move\nAAAAAAAA,note_payment\n"
    only_orders = frozenset({ORDERS_READ, ORDERS_WRITE})
    assert problem(send(doors, "imports/moves", content, scopes=only_orders)) == (403, "scope")
    assert (
        send(doors, "imports/moves", content).json()["rows"][0]["problem"]["type"]
        == "/api/v1/problems#not-found"
    )
