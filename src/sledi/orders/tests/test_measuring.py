"""Weight and size of a parcel as people say them."""

import pytest

from sledi.orders import reading
from sledi.orders.models import Item
from sledi.orders.pages.measuring import measures
from sledi.orders.tests.stage import Stage
from sledi.parcels.models import Parcel

pytestmark = pytest.mark.django_db


def parcel_with(stage: Stage, **supplied: int) -> reading.Thing:
    """A parcel being put together, as the reseller sees it."""
    order = stage.order()
    stage.put(Item.objects.get(), "received")
    parcel = Parcel.objects.get(pk=stage.move("logist", "parcel", order.pk, "form").id)
    if supplied:
        stage.move("logist", "parcel", parcel.pk, "describe", supplied)
    return reading.parcel_page(stage.access("reseller"), parcel.number, stage.now).thing


def test_a_measured_parcel_has_kilograms_centimetres_and_what_it_counts_as(stage: Stage) -> None:
    thing = parcel_with(stage, weight_g=1240, length_mm=300, width_mm=205, height_mm=100)
    assert measures(thing, "en").facts == (
        ("Weight", "1.24\xa0kg"),
        ("Size", "30\xa0×\xa020.5\xa0×\xa010\xa0cm"),
        ("Volumetric weight", "1.025\xa0kg"),
    )
    assert measures(thing, "en").keys == {"weight_g", "length_mm", "width_mm", "height_mm"}


def test_a_side_alone_is_no_size(stage: Stage) -> None:
    found = measures(parcel_with(stage, weight_g=1240, length_mm=300), "en")
    assert [name for name, _ in found.facts] == ["Weight"]
    assert found.keys == {"weight_g"}


def test_an_unmeasured_parcel_says_nothing(stage: Stage) -> None:
    assert measures(parcel_with(stage), "en").facts == ()
