"""Rows of lists: what stands where, what changed last, what is expected when."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.core.workflow import Workflow
from sledi.orders import reading
from sledi.orders.models import Case, Item
from sledi.orders.moving.motion import DERIVED
from sledi.orders.pages import shipments
from sledi.orders.pages.cards import (
    Card,
)
from sledi.orders.pages.telling import Teller, ordered_lines
from sledi.orders.reading.expecting import has_left
from sledi.orders.showing import amount, named, pill_of
from sledi.web import wording

CONTENTS_SHOWN = 5
"""Items that a parcel's row names."""


@dataclass(frozen=True, slots=True)
class RowTeller(Teller):
    """Tells the rows of lists."""

    def order_card(self, row: reading.OrderRow) -> Card:
        """A row of the list of orders. Where a state has a parent, the parent's name stands here."""
        order = row.order
        pieces = ngettext("%(count)s piece", "%(count)s pieces", row.pieces) % {"count": row.pieces}
        sub = [*ordered_lines(order), self._day(order.placed_at), pieces if row.pieces else ""]
        total = row.amounts.total
        is_preparing = not has_left(row.thing.workflow, "order", order.state)
        return replace(
            self._listed(row.thing, row.change, row.changed_item),
            track=self._track(order.number) if row.can_be_tracked else "",
            expected=shipments.expected(row.expected, self.language, self.now),
            is_late=bool(row.expected and row.expected.is_past(self.today)),
            processing=tuple(self._processing(row.processing)) if is_preparing else (),
            states=tuple(self._inside(row)),
            sub=tuple(one for one in sub if one),
            price=amount(total, self.language) if total and total.minor else "",
            progress=tuple(self._word(row.thing.workflow, one.words) for one in row.progress),
        )

    def card(self, row: reading.Row) -> Card:
        """A row of a list of items, parcels, hauls or cases."""
        subject = row.thing.subject
        card = self._listed(row.thing, row.change)
        count = len(row.orders)
        if isinstance(subject, Item | Case) or (count == 1 and row.contents):
            sub = tuple(named("order", number) for number in row.orders)
        else:
            sub = (
                (ngettext("%(count)s order", "%(count)s orders", count) % {"count": count},) if count else ()
            )
        sub += tuple(f"{name} ×{pieces}" for name, pieces in row.contents[:CONTENTS_SHOWN])
        if len(row.contents) > CONTENTS_SHOWN:
            sub += ("…",)
        changed_at = card.changed_at or subject.state_since
        if isinstance(subject, Item | Case) and row.orders:
            if isinstance(subject, Item):
                is_preparing = not has_left(row.thing.workflow, "item", subject.state)
                return replace(
                    card,
                    sub=sub,
                    changed_at=changed_at,
                    address=self._item(row.orders[0], subject.number),
                    processing=card.processing if is_preparing else (),
                )
            address = self._address("order", row.orders[0])
            return replace(card, sub=sub, changed_at=changed_at, address=f"{address}#{card.anchor}")
        return replace(
            card,
            sub=sub,
            changed_at=changed_at,
            expected=shipments.expected(row.expected, self.language, self.now),
            is_late=bool(row.expected and row.expected.is_past(self.today)),
        )

    def queue_cards(self, queue: reading.Page[reading.Row]) -> list[Card]:
        """The rows of a queue, each with its place and since when it stands there."""
        return [
            replace(self.card(row), place=place, age=wording.ago(row.thing.subject.state_since, self.now))
            for place, row in enumerate(queue.rows, start=queue.first_place)
        ]

    def _listed(self, thing: reading.Thing, change: reading.Told | None, item: str = "") -> Card:
        state = thing.parent or thing.state
        card = self._card(thing)
        return replace(
            card,
            pill=pill_of(thing.workflow, state, self.language),
            changed=self._what_changed(change, thing.workflow, item) if change else "",
            changed_at=change.record.at if change else None,
            facts=(),
            photos=(),
        )

    def _what_changed(self, change: reading.Told, workflow: Workflow, item: str) -> str:
        """«Чайник: Получен на склад»: of a thing inside what it has become, of the row itself what was done."""
        state = change.to_state if change.to_state != change.from_state else None
        if state is not None and (item or change.record.act == DERIVED):
            said = self._any(state.label)
        else:
            said = self.line(change, workflow).said
        return f"{item}: {said}" if item else said

    def _inside(self, row: reading.OrderRow) -> Iterator[str]:
        """Where the pieces of an order stand, when they do not all stand in one state."""
        if len(row.states) > 1:
            for state, pieces in row.states:
                label = self._any(state.label) if state else _("Unknown state")
                yield _("%(state)s: %(count)s") % {"state": label, "count": pieces}
