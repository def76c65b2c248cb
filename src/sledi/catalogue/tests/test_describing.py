"""Who may say what of goods, and what is kept of it."""

import pytest

from sledi.catalogue.models import Product
from sledi.catalogue.refusals import NoSuchProduct, StaleProduct
from sledi.catalogue.tests.bazaar import Bazaar, new_bazaar
from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.history.queries import verify


def test_a_product_is_kept_as_it_was_described(bazaar: Bazaar) -> None:
    made = bazaar.describe(processing_days_min="2", processing_days_max="4", weight_g="900", country="CN")
    found = Product.objects.get()
    assert found == made
    assert (found.price_minor, found.currency, found.version, found.is_on_sale) == (3000, "EUR", 1, True)
    assert (found.processing_days_min, found.processing_days_max) == (2, 4)
    assert (found.seller_id, found.weight_g, found.country) == (None, 900, "CN")


def test_history_tells_what_was_before_and_after(bazaar: Bazaar) -> None:
    bazaar.describe(processing_days_max=4)
    bazaar.change("LAMP", price="35", processing_days_max=7)
    bazaar.change("LAMP", is_on_sale="false")
    bazaar.change("LAMP", is_on_sale="true")
    rows = list(Record.objects.filter(level="product").order_by("sequence"))
    assert [row.act for row in rows] == ["describe", "change", "take_off_sale", "put_on_sale"]
    assert rows[1].before == {"price_minor": 3000, "processing_days_max": 4}
    assert rows[1].after == {"price_minor": 3500, "processing_days_max": 7}
    assert verify(bazaar.business.pk) is None


def test_what_is_so_already_changes_nothing(bazaar: Bazaar) -> None:
    bazaar.describe()
    assert bazaar.change("lamp", price="30,00", name="Lamp").version == 1
    assert Record.objects.filter(level="product").count() == 1


def test_an_empty_value_clears_what_may_be_empty_and_what_is_not_said_stays(bazaar: Bazaar) -> None:
    bazaar.describe(weight_g=900, category="Light", processing_days_min=2, processing_days_max=4)
    changed = bazaar.change("LAMP", weight_g="", processing_days_min=None)
    assert (changed.weight_g, changed.processing_days_min, changed.category) == (None, None, "Light")
    assert changed.processing_days_max == 4
    with pytest.raises(Refused) as refused:
        bazaar.change("LAMP", name="")
    assert (refused.value.reason, refused.value.field) == ("missing_field", "name")


def test_another_currency_needs_another_price(bazaar: Bazaar) -> None:
    bazaar.describe()
    with pytest.raises(Refused) as refused:
        bazaar.change("LAMP", currency="JPY")
    assert refused.value.field == "price"
    assert bazaar.change("LAMP", currency="JPY", price="3000").price_minor == 3000


def test_a_stale_version_is_refused(bazaar: Bazaar) -> None:
    bazaar.describe()
    bazaar.change("LAMP", version=1, price="31")
    with pytest.raises(StaleProduct) as refused:
        bazaar.change("LAMP", version=1, price="32")
    assert (refused.value.expected, refused.value.found) == (1, 2)
    assert Product.objects.get().price_minor == 3100


def test_a_code_is_one_products_however_its_letters_are_written(bazaar: Bazaar) -> None:
    bazaar.describe()
    with pytest.raises(Refused) as refused:
        bazaar.describe(code="lamp", price="31")
    assert (refused.value.field, refused.value.problem) == ("code", "code_taken")
    with pytest.raises(Refused) as refused:
        bazaar.change("LAMP", code="OTHER")
    assert refused.value.reason == "unknown_field"
    other = new_bazaar("other")
    assert other.describe().code == "LAMP"


def test_goods_of_another_business_are_not_there(bazaar: Bazaar) -> None:
    bazaar.describe()
    with pytest.raises(NoSuchProduct):
        new_bazaar("other").change("LAMP", price="1")


def test_a_seller_describes_his_own_goods_alone(bazaar: Bazaar) -> None:
    made = bazaar.describe("seller")
    assert made.seller_id == bazaar.access("seller").person_id
    with pytest.raises(Refused) as refused:
        bazaar.change("LAMP", "seller", "another", price="1")
    assert refused.value.reason == "wrong_role"
    bazaar.change("LAMP", "seller", is_on_sale=False)
    with pytest.raises(NoSuchProduct):
        bazaar.change("LAMP", "seller", "another", price="1")
    with pytest.raises(Refused) as refused:
        bazaar.describe("seller", code="X", seller="somebody@example.test")
    assert refused.value.reason == "unknown_field"


def test_the_platform_says_whose_goods_they_are(bazaar: Bazaar) -> None:
    bazaar.access("seller", "s")
    made = bazaar.describe(seller=bazaar.people["s"].email.upper())
    assert made.seller_id == bazaar.people["s"].pk
    bazaar.access("buyer")
    with pytest.raises(Refused) as refused:
        bazaar.change("LAMP", seller=bazaar.people["buyer"].email)
    assert (refused.value.field, refused.value.problem) == ("seller", "not_a_member")
    assert bazaar.change("LAMP", seller="").seller_id is None


@pytest.mark.parametrize("role", ["buyer", "operator", "support", "logist"])
def test_nobody_else_describes_goods(bazaar: Bazaar, role: str) -> None:
    bazaar.describe()
    for act in (lambda: bazaar.describe(role, code="X"), lambda: bazaar.change("LAMP", role, price="1")):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason == "wrong_role"
    assert Product.objects.get().version == 1


def test_without_a_catalogue_nobody_describes_goods(db: None) -> None:
    with pytest.raises(Refused) as refused:
        new_bazaar("agents", "buyout").describe("owner")
    assert refused.value.reason == "wrong_role"


def test_marks_are_the_profiles(db: None) -> None:
    shop = new_bazaar("shop", "retail")
    made = shop.describe(marks="made_to_order, ships_in_24_hours made_to_order")
    assert made.marks == ["made_to_order", "ships_in_24_hours"]
    with pytest.raises(Refused) as refused:
        shop.change("LAMP", marks="suspicious")  # a mark of orders
    assert (refused.value.field, refused.value.problem) == ("marks", "not_a_mark")
    assert shop.change("LAMP", marks="").marks == []
