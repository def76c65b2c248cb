"""Which goods somebody sees, page by page."""

import pytest
from django.db import IntegrityError, transaction

from sledi.catalogue import queries
from sledi.catalogue.models import Product
from sledi.catalogue.refusals import NoSuchProduct
from sledi.catalogue.tests.bazaar import NOW, Bazaar


def codes(bazaar: Bazaar, role: str, name: str = "", **asked: object) -> list[str]:
    found = queries.product_list(bazaar.access(role, name), **asked)  # type: ignore[arg-type]
    return [one.code for one in found.rows]


def test_what_is_off_sale_its_seller_and_the_staff_see(bazaar: Bazaar) -> None:
    bazaar.describe("seller", code="SHOWN")
    bazaar.describe("seller", code="HIDDEN", is_on_sale=False)
    for role, name in (("seller", ""), ("platform", ""), ("operator", "")):
        assert codes(bazaar, role, name) == ["HIDDEN", "SHOWN"]
    for role, name in (("seller", "another"), ("buyer", "")):
        assert codes(bazaar, role, name) == ["SHOWN"]
        with pytest.raises(NoSuchProduct):
            queries.product_of(bazaar.access(role, name), "HIDDEN")


def test_a_long_list_comes_in_portions_without_a_gap(bazaar: Bazaar) -> None:
    for number in range(5):
        bazaar.describe(code=f"P{number}")
    access, cursor, found = bazaar.access("buyer"), "", []
    while True:
        portion = queries.product_list(access, cursor=cursor, size=2)
        found.append([one.code for one in portion.rows])
        cursor = portion.next_cursor
        if not cursor:
            break
    assert found == [["P4", "P3"], ["P2", "P1"], ["P0"]]
    with pytest.raises(queries.WrongCursor):
        queries.product_list(access, cursor="'; --")


def test_search_finds_the_code_and_a_part_of_the_name(bazaar: Bazaar) -> None:
    bazaar.describe(code="TEA", name="Чайник")
    bazaar.describe(code="MUG", name="Кружка 100%")
    assert codes(bazaar, "buyer", search=" tea ") == ["TEA"]
    assert codes(bazaar, "buyer", search="ЧАЙ") == ["TEA"]
    assert codes(bazaar, "buyer", search="%") == ["MUG"]
    assert codes(bazaar, "buyer", search="x\0y") == []
    assert codes(bazaar, "buyer", search="\ud800") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"price_minor": 0},
        {"price_minor": -1},
        {"currency": "eur"},
        {"code": "a/b"},
        {"code": ""},
        {"name": ""},
        {"processing_days_min": 5, "processing_days_max": 4},
        {"processing_days_min": 5, "processing_days_max": None},
        {"code": "lamp"},
    ],
)
def test_the_database_refuses_what_operations_would(bazaar: Bazaar, wrong: dict[str, object]) -> None:
    bazaar.describe()
    facts = {"code": "X", "name": "X", "price_minor": 1, "currency": "EUR", **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.objects.create(business=bazaar.business, created_at=NOW, changed_at=NOW, **facts)
