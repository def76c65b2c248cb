"""Who may look at a photo: whoever uploaded it, and whoever sees the thing it belongs to and the field it stands in."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.attachments.models import Attachment
from sledi.attachments.operations import ARRIVAL
from sledi.orders.models import Item, Order
from sledi.orders.reading.finding import visible_rows
from sledi.orders.reading.seeing import Eyes
from sledi.orders.refusals import NotYours


def photo(access: Access, pk: UUID) -> Attachment:
    """A photo by its id. Raises NotYours when it is not there or not to be seen: one answer for both."""
    found = Attachment.objects.filter(business=access.business, pk=pk).first()
    if found is None or not (found.is_of(access.actor) or _is_shown(access, found)):
        raise NotYours
    return found


def waiting_photos(access: Access, ids: list[UUID]) -> list[Attachment]:
    """Of these photos those that this access uploaded and that nothing has yet, in their order."""
    known = Attachment.objects.filter(business=access.business, subject_id=None, pk__in=ids)
    own = {one.pk: one for one in known if one.is_of(access.actor)}
    return [own[pk] for pk in ids if pk in own]


def _is_shown(access: Access, photo: Attachment) -> bool:
    if photo.level == ARRIVAL:
        return access.role in roles.STAFF - {roles.SELLER}
    row = _rows(access, photo, photo.subject_id).first() if photo.subject_id else None
    if row is None:
        return False
    order = row if isinstance(row, Order) else getattr(row, "order", None)
    eyes = Eyes(access)
    workflow = eyes.workflow(order.profile, order.profile_version) if order else eyes.present
    return photo.field not in eyes.hidden(workflow)


def _rows(access: Access, photo: Attachment, subject_id: UUID) -> QuerySet[Any]:
    """What of the photo's this access sees: its subject; of an item also the pieces parted from it since."""
    rows = visible_rows(access, photo.level)
    if photo.level == "item":
        orders = Item.objects.filter(pk=subject_id).values("order")
        parted = Q(order__in=orders, fields__contains={photo.field: [str(photo.pk)]})
        return rows.select_related("order").filter(Q(pk=subject_id) | parted)
    found = rows.filter(pk=subject_id)
    return found.select_related("order") if photo.level == "case" else found
