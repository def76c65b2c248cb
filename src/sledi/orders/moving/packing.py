"""The parcel of one order, and what lies in it."""

from typing import TYPE_CHECKING

from sledi.database.keys import uuid7
from sledi.orders.models import Content, Loading, Order
from sledi.orders.moving.scene import workflow_of
from sledi.parcels.models import Parcel

if TYPE_CHECKING:
    from sledi.orders.moving.motion import Motion


def new_parcel(motion: "Motion", order: Order, state: str) -> Parcel:
    """A parcel with every piece of the order that is still on its way.

    Items in a final state stay outside: they cannot be supplied, or were delivered before.
    """
    parcel = Parcel(
        business=motion.scene.business,
        level="parcel",
        profile=order.profile,
        profile_version=order.profile_version,
        state=state,
        state_since=motion.at,
        changed_at=motion.at,
        created_at=motion.at,
        mode=order.mode,
        destination=order.destination,
    )
    workflow = workflow_of(motion.scene, order)
    motion.scene.link(order.pk, parcel)
    motion.note_change(order)
    # Also beside the contents: a replacement, or a box of what is packed elsewhere, has none to say whose it is.
    loading = Loading(
        id=uuid7(), business=motion.scene.business, order=order, parcel=parcel, loaded_at=motion.at
    )
    motion.new.append(loading)
    motion.scene.loadings.append(loading)
    if workflow.levels["parcel"].holds == "order":
        return parcel
    packed = {content.item_id for content in motion.scene.contents}
    for item in motion.scene.items[order.pk]:
        if item.pk in packed or workflow.is_final("item", item.state):
            continue
        content = Content(
            id=uuid7(), business=motion.scene.business, item=item, parcel=parcel, quantity=item.quantity
        )
        motion.new.append(content)
        motion.scene.contents.append(content)
    return parcel
