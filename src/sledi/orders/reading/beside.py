"""What stands beside an item from elsewhere: the rule that forbids its import, and the money that came back for it."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sledi.core.money import Money
from sledi.core.workflow import Workflow
from sledi.core.workflow.vocabulary import Phase
from sledi.ledger.queries import charged
from sledi.orders.models import ImportRule, Item
from sledi.orders.moving.import_bans import folded, heeds_rules, rules_for
from sledi.orders.moving.scene import Scene, workflow_of
from sledi.orders.reading.shapes import Thing

TO_COME = frozenset({Phase.DRAFT, Phase.AWAITING_PAYMENT, Phase.PAID, Phase.PROCURING})
"""While an item is not bought, one can still do without it."""


class Beside:
    """Of all items of a scene at once: a query an order for its rules, one for the money; none where none is needed."""

    def __init__(self, scene: Scene) -> None:
        items = [item for items in scene.items.values() for item in items]
        self._rules = dict(_rules(scene, items))
        self._refunds = _refunds(scene, items)

    def with_item(self, thing: Thing) -> Thing:
        """The item with what stands beside it, as far as its reader may see what it cost."""
        refunded = self._refunds.get((thing.id, thing.currency))
        return replace(
            thing,
            import_rule=self._rules.get(thing.id),
            refunded=refunded if refunded and "goods_total" not in thing.hidden else None,
        )


def _rules(scene: Scene, items: Iterable[Item]) -> Iterable[tuple[UUID, ImportRule]]:
    for order in scene.orders.values():
        workflow = workflow_of(scene, order)
        waiting = [one for one in items if one.order_id == order.pk and _phase(workflow, one) in TO_COME]
        if not waiting or not heeds_rules(workflow):
            continue
        rules = rules_for(order.business_id, order.destination, [one.category for one in waiting])
        for item in waiting:
            if rule := rules.get(folded(item.category)):
                yield item.pk, rule


def _refunds(scene: Scene, items: Iterable[Item]) -> dict[tuple[UUID, str], Money]:
    """What was given back for items that came to nothing."""
    failed = [item.pk for item in items if _phase(workflow_of(scene, item), item) == Phase.FAILED]
    known = charged(scene.business, "item", failed) if failed else {}
    return {key: one.refunded for key, one in known.items() if one.refunded.minor}


def _phase(workflow: Workflow, item: Item) -> str:
    state = workflow.states("item").get(item.state)
    return state.phase if state else ""
