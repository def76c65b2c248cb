"""What an order is placed with beside its prices: marks, days, a way of sending. And whose a track is."""

import pytest

from sledi.core.workflow import Refused
from sledi.orders import queries
from sledi.orders.files.importing import import_orders
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import create_container
from sledi.orders.moving.placing import place
from sledi.orders.tests.stage import NOW, Stage
from sledi.parcels.models import Alias

pytestmark = pytest.mark.django_db
RETAIL = pytest.mark.parametrize("stage", ["retail"], indirect=True)
TRACKER = pytest.mark.parametrize("stage", ["tracker"], indirect=True)


def placed(stage: Stage, *items: dict[str, object], role: str = "platform", **facts: object) -> Order:
    lines = [{"name": "Dress", **item} for item in items or ({},)]
    made = place(stage.access(role), facts, lines, at=NOW, cause="api")
    return Order.objects.get(pk=made.id)


@RETAIL
def test_staff_mark_orders_and_items_each_mark_once(stage: Stage) -> None:
    order = placed(stage, {"marks": "made_to_order, ships_in_24_hours made_to_order"}, marks="suspicious")
    assert order.flags == ["suspicious"]
    assert Item.objects.get(order=order).flags == ["made_to_order", "ships_in_24_hours"]


@RETAIL
@pytest.mark.parametrize("mark", ["suspicious", "dispatch_late", "no_such"])
def test_a_mark_the_profile_does_not_know_at_an_item_is_refused(stage: Stage, mark: str) -> None:
    with pytest.raises(Refused) as refused:
        placed(stage, {"marks": mark})
    assert (refused.value.field, refused.value.problem) == ("items/0/marks", "not_a_mark")
    assert not Order.objects.exists()


@RETAIL
def test_who_orders_for_himself_marks_nothing(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        placed(stage, {"marks": "ships_in_24_hours"}, role="buyer")
    assert refused.value.reason == "unknown_field"


@RETAIL
def test_a_file_marks_items_in_a_column_of_their_own(stage: Stage) -> None:
    rows = b"reference,name,marks,item_marks\nA-1,Dress,suspicious,made_to_order\n"
    import_orders(stage.access("platform"), rows, at=NOW, cause="csv", is_dry_run=False)
    order = Order.objects.get()
    assert (order.flags, Item.objects.get().flags) == (["suspicious"], ["made_to_order"])


@RETAIL
def test_an_order_takes_as_long_as_its_slowest_item(stage: Stage) -> None:
    assert placed(stage, {"processing_days": 12}, {"processing_days": 2}).processing_days == 12
    assert placed(stage, {"processing_days": 2}, processing_days=5).processing_days == 5
    assert placed(stage).processing_days is None


@RETAIL
def test_a_way_without_tracking_makes_its_orders_untracked(stage: Stage) -> None:
    assert placed(stage, method="untracked_post").is_untracked
    assert not placed(stage, method="free_shipping").is_untracked
    assert not placed(stage, method="somehow").is_untracked


@TRACKER
def test_a_track_is_its_makers_and_the_staffs(stage: Stage) -> None:
    number = {"tracking_number": "RB556626341CN"}
    buyer, other = stage.access("buyer"), stage.access("buyer", "somebody")
    track = create_container(buyer, "track", number, at=NOW, cause="web", name="follow")
    assert list(queries.visible_parcels(buyer)) == [track]
    assert list(queries.visible_parcels(stage.access("support"))) == [track]
    assert not queries.visible_parcels(other).exists()
    assert Alias.objects.get().subject_id == track.pk
    mine = create_container(stage.access("support"), "track", number, at=NOW, cause="web", name="follow")
    assert mine not in queries.visible_parcels(buyer)
