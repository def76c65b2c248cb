"""What money and states owe each other, asked of the rows themselves: every question gives no row in sound data.

The ledger's own audit knows no states; this one asks the profiles. Which states cost nothing, which moves release a
sale and which fields a move needs is read from their tables, so a profile that comes later is audited as well.
"""
# ruff: noqa: S608  the queries are put together from constants of this file

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from sledi import profiles
from sledi.accounts.models import Business
from sledi.core.workflow import Transition, Workflow, derived_state
from sledi.core.workflow import fields as typed
from sledi.core.workflow.deciding import holds
from sledi.core.workflow.vocabulary import Phase
from sledi.history.models import Record
from sledi.ledger.audit import SAMPLE, Finding
from sledi.ledger.models import Payout
from sledi.orders.models import Content, Item, Loading, Order
from sledi.orders.money.payouts import LEVEL, state_of
from sledi.orders.money.postings import account
from sledi.orders.moving.contexts import Context, context_of
from sledi.orders.moving.scene import Container, Scene, Subject, level_of, workflow_of
from sledi.parcels.models import Alias, Haul, Parcel

BATCH = 500
REFUND_DAYS_MAX = 14
"""So long a trader may take to refund (Directive 2011/83/EU, Art. 13 (1))."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the invariant of the ledger it belongs to, the rule in words, and what finds who breaks it."""

    invariant: int
    rule: str
    ask: Callable[[datetime], Iterable[Row]]


def audit(at: datetime) -> list[Finding]:
    """Ask everything, of one moment; what is broken, nothing when all is well. ``at`` is the present."""
    with transaction.atomic():
        if not connection.savepoint_ids:  # not inside a transaction of the caller
            _rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        answers = [(question, list(question.ask(at))) for question in QUESTIONS]
    return [
        Finding(question.invariant, question.rule, len(rows), tuple(rows[:SAMPLE]))
        for question, rows in answers
        if rows
    ]


# --- what the profiles say ------------------------------------------------------------------------------------


def _workflows() -> Iterator[Workflow]:
    """Every workflow that something in the database goes by."""
    used = set(Order.objects.values_list("profile", "profile_version").distinct())
    for model in (Parcel, Haul):
        used |= set(model._default_manager.values_list("profile", "profile_version").distinct())
    for name, version in sorted(used):
        yield profiles.workflow(name, version)


def _acts(workflow: Workflow, level: str, effect: str) -> list[str]:
    """The moves of a level with this effect, whatever the rules say."""
    if level not in workflow.levels:
        return []
    return [
        one.name
        for one in workflow.transitions(level).values()
        if any(done.name == effect and done.when is None for done in one.effects)
    ]


def _refunded(workflow: Workflow, level: str) -> list[str]:
    """The states that nothing leads to without giving everything back."""
    if level not in workflow.levels:
        return []
    acts = set(_acts(workflow, level, "ledger.refund_full"))
    leading: dict[str, set[str]] = {}
    for one in workflow.transitions(level).values():
        if one.target:
            leading.setdefault(one.target, set()).add(one.name)
    return [state for state, names in leading.items() if names and names <= acts]


# --- states and money -----------------------------------------------------------------------------------------

_GIVEN_BACK = (
    "WITH last AS MATERIALIZED (SELECT DISTINCT ON (subject_id) subject_id, act FROM history_record"
    " WHERE level = '{level}' AND from_state <> to_state ORDER BY subject_id, sequence DESC), ours AS MATERIALIZED ("
    " SELECT t.id, o.number FROM {table} LEFT JOIN last ON last.subject_id = t.id"
    " WHERE o.profile = %s AND o.profile_version = %s AND (last.act = ANY(%s) OR t.state = ANY(%s)))"
)
_KEPT = (
    " SELECT '{level}', ours.number, c.subject_level, c.subject_id, c.debited - c.refunded FROM ours"
    " JOIN {table} JOIN ledger_charge c ON c.business_id = t.business_id AND c.subject_level = '{charged}'"
    " AND c.subject_id = t.id WHERE c.debited <> c.refunded"
)
_KEPT_OF_ORDERS = (
    _GIVEN_BACK.format(level="order", table="orders_order t JOIN orders_order o ON o.id = t.id")
    + _KEPT.format(level="order", charged="order", table="orders_order t ON t.id = ours.id")
    + " UNION ALL"
    + _KEPT.format(level="order", charged="item", table="orders_item t ON t.order_id = ours.id")
)
_KEPT_OF_ITEMS = _GIVEN_BACK.format(
    level="item", table="orders_item t JOIN orders_order o ON o.id = t.order_id"
) + _KEPT.format(level="item", charged="item", table="orders_item t ON t.id = ours.id")


def _kept_though_refunded(_at: datetime) -> Iterator[Row]:
    for workflow in _workflows():
        for level, sql in (("item", _KEPT_OF_ITEMS), ("order", _KEPT_OF_ORDERS)):
            acts, states = _acts(workflow, level, "ledger.refund_full"), _refunded(workflow, level)
            if acts:
                yield from _rows(sql, workflow.profile, workflow.version, acts, states)


_PAID_OUT = (
    "SELECT DISTINCT l.payout_id, o.number, o.state FROM ledger_payoutline l"
    " JOIN orders_order o ON o.id = l.subject_id"
    " WHERE l.subject_level = 'order' AND l.words_key LIKE 'sale.%%' AND o.profile = %s AND o.profile_version = %s"
    " AND (NOT o.is_released OR NOT EXISTS (SELECT FROM history_record h WHERE h.business_id = o.business_id"
    "  AND h.root_id = o.id AND h.subject_id = o.id AND h.act = ANY(%s)))"
)


def _paid_out_unreleased(_at: datetime) -> Iterator[Row]:
    for workflow in _workflows():
        acts = _acts(workflow, "order", "ledger.release")
        yield from _rows(_PAID_OUT, workflow.profile, workflow.version, acts)


_TWICE = (
    "SELECT o.number, count(DISTINCT l.payout_id) FROM ledger_payoutline l JOIN orders_order o ON o.id = l.subject_id"
    " WHERE l.subject_level = 'order' AND l.words_key LIKE 'sale.%%'"
    " GROUP BY o.id HAVING count(DISTINCT l.payout_id) > 1"
)
_MINOR = "power(10::numeric, (SELECT max(a.exponent) FROM ledger_account a WHERE a.currency = o.currency))"
_COLUMNS = (
    "SELECT 'item', o.number, i.number, i.debited_goods_minor + i.debited_fee_minor, c.debited - c.refunded"
    " FROM orders_item i JOIN orders_order o ON o.id = i.order_id LEFT JOIN ledger_charge c"
    "  ON c.business_id = i.business_id AND c.subject_level = 'item' AND c.subject_id = i.id"
    "  AND c.currency = o.currency"
    " WHERE i.debited_goods_minor + i.debited_fee_minor <> coalesce((c.debited - c.refunded) *"
    f" {_MINOR}, 0) UNION ALL"
    " SELECT 'order', o.number, '', o.debited_goods_minor + o.debited_fee_minor +"
    "  CASE WHEN o.seller_id IS NULL THEN 0 ELSE o.held_minor END, c.debited - c.refunded"
    " FROM orders_order o LEFT JOIN ledger_charge c"
    "  ON c.business_id = o.business_id AND c.subject_level = 'order' AND c.subject_id = o.id"
    "  AND c.currency = o.currency"
    " WHERE o.debited_goods_minor + o.debited_fee_minor + CASE WHEN o.seller_id IS NULL THEN 0 ELSE o.held_minor END"
    f" <> coalesce((c.debited - c.refunded) * {_MINOR}, 0) UNION ALL"
    " SELECT 'held', o.number, '', o.held_minor, sum(h.amount) FROM orders_order o LEFT JOIN ledger_hold h"
    "  ON h.business_id = o.business_id AND h.subject_level = 'order' AND h.subject_id = o.id AND h.status = 'pending'"
    " WHERE o.seller_id IS NULL GROUP BY o.id HAVING o.held_minor <>"
    f" coalesce(sum(h.amount) * {_MINOR}, 0)"
)
_RELEASED = (
    "SELECT o.number, o.state FROM orders_order o WHERE o.is_released <> EXISTS (SELECT FROM ledger_hold h"
    " WHERE h.business_id = o.business_id AND h.subject_level = 'order' AND h.subject_id = o.id"
    " AND h.status = 'captured')"
)
_PAID = (
    "SELECT o.number, o.paid_minor, came.amount FROM orders_order o LEFT JOIN LATERAL ("
    " SELECT sum(e.amount) AS amount FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
    "  AND a.kind = 'customer.balance' AND a.currency = o.currency WHERE e.business_id = o.business_id"
    "  AND e.subject_level = 'order' AND e.subject_id = o.id AND e.words_key = 'payment.in') AS came ON true"
    f" WHERE o.paid_minor <> coalesce(came.amount * {_MINOR}, 0)"
)
_CLEARING = (
    "SELECT a.business_id, e.subject_level, e.subject_id, sum(e.amount) AS due, min(s.created_at) AS since"
    " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id AND a.kind = 'refunds.clearing'"
    " JOIN ledger_entryset s ON s.id = e.entry_set_id GROUP BY a.business_id, a.currency, e.subject_level, e.subject_id"
)


def _waiting_too_long(at: datetime) -> Iterable[Row]:
    sql = f"SELECT * FROM ({_CLEARING}) AS returned WHERE due < 0 OR due > 0 AND since < %s"
    return _rows(sql, at - timedelta(days=REFUND_DAYS_MAX))


# --- states ---------------------------------------------------------------------------------------------------

_TABLES = {
    "order": ("orders_order t", "t"),
    "item": ("orders_item t JOIN orders_order o ON o.id = t.order_id", "o"),
    "case": ("orders_case t JOIN orders_order o ON o.id = t.order_id", "o"),
    "parcel": ("parcels_parcel t", "t"),
    "track": ("parcels_parcel t", "t"),
    "haul": ("parcels_haul t", "t"),
}
_TOLD = (
    "SELECT '{level}', t.id, t.state, told.to_state FROM {table} LEFT JOIN ("
    " SELECT DISTINCT ON (subject_id) subject_id, to_state FROM history_record WHERE level = '{level}'"
    " ORDER BY subject_id, sequence DESC) AS told ON told.subject_id = t.id"
    " WHERE {pinned}.profile = %s AND {pinned}.profile_version = %s AND t.state <> coalesce(told.to_state, %s)"
)


def _told_otherwise(_at: datetime) -> Iterator[Row]:
    """Rows whose state is not the last one that their history tells; the initial one, when it tells nothing yet."""
    for workflow in _workflows():
        for level, (table, pinned) in _TABLES.items():
            if level in workflow.levels:
                sql = _TOLD.format(level=level, table=table, pinned=pinned)
                sql += f" AND t.level = '{level}'" if level in ("parcel", "track") else ""
                yield from _rows(sql, workflow.profile, workflow.version, workflow.initial(level))


def _payouts_told_otherwise(_at: datetime) -> Iterator[Row]:
    for payout in Payout.objects.select_related("business").order_by("pk"):
        told = Record.objects.filter(business_id=payout.business_id, root_id=payout.pk, level=LEVEL)
        last = told.order_by("-sequence").first()
        workflow = profiles.workflow(payout.business.profile, payout.business.profile_version)
        if last is not None and LEVEL in workflow.levels and last.to_state != state_of(workflow, payout):
            yield LEVEL, payout.pk, payout.status, last.to_state


def _derived_otherwise(at: datetime) -> Iterator[Row]:
    for scene in _scenes():
        for subject in _checked(scene):
            workflow, level = workflow_of(scene, subject), level_of(subject)
            if workflow.levels[level].is_derived:
                context = context_of(scene, subject, workflow, at, _account(scene))
                state = derived_state(workflow, level, context)
                if state != subject.state:
                    yield level, subject.number, subject.state, state


def _moved_without_number(at: datetime) -> Iterator[Row]:
    """Rows sent by a move that asks for a carrier's number, and that have none although its rules want one."""
    for scene in _scenes():
        acts = _ways(subject.pk for subject in _checked(scene))
        for subject in _checked(scene):
            workflow, level = workflow_of(scene, subject), level_of(subject)
            transition = _asked_for_number(workflow, level, subject.state, acts.get(subject.pk, ()))
            if transition is None:
                continue
            for field in _unmet(scene, subject, workflow, transition, at):
                yield level, subject.number, subject.state, transition.name, field


def _unmet(
    scene: Scene, subject: Subject, workflow: Workflow, transition: Transition, at: datetime
) -> Iterator[str]:
    numbers = [field for field in transition.fields if field.type == "tracking_number"]
    if not numbers:
        return
    for field in numbers:
        if not field.is_optional and not subject.fields.get(field.key):
            yield field.key
    kept = {
        field.key: subject.fields[field.key] for field in transition.fields if field.key in subject.fields
    }
    context = context_of(scene, subject, workflow, at, _account(scene))
    supplied = typed.complete(transition.fields, kept)
    whole = Context({**{name: _value(context, name) for name in context}, "input": lambda: supplied})
    for guard in transition.guards:
        asks = any(f"input.{field.key}" in guard.rule.source for field in numbers)
        # Other rows have moved on since; what was supplied and what the order is has not.
        if (
            asks
            and guard.rule.names <= {"input", "order", "settings"}
            and not holds(workflow, guard.rule, whole)
        ):
            yield guard.name


def _value(context: Context, name: str) -> Callable[[], Any]:
    return lambda: context[name]


_PHASES = tuple(Phase)


def _asked_for_number(workflow: Workflow, level: str, state: str, acts: Sequence[str]) -> Transition | None:
    """The newest of these moves that asks for a carrier's number, unless the subject went back behind it since."""
    for act in acts:
        known = workflow.transitions(level).get(act)
        # A carrier's word comes by the number, so it needs no other proof.
        if (
            known is None
            or known.trigger == "event"
            or all(one.type != "tracking_number" for one in known.fields)
        ):
            continue
        reached = workflow.states(level)[known.target or state].phase
        is_behind = _PHASES.index(workflow.states(level)[state].phase) < _PHASES.index(reached)
        return None if is_behind else known
    return None


def _ways(ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The moves that brought each subject on, the newest first."""
    sql = (
        "SELECT subject_id, array_agg(act ORDER BY sequence DESC) FROM history_record"
        " WHERE subject_id = ANY(%s) AND from_state <> to_state GROUP BY subject_id"
    )
    return dict(_rows(sql, list(ids)))


# --- reading without locks ------------------------------------------------------------------------------------


def _scenes() -> Iterator[Scene]:
    """Everything there is, some hundred orders at a time; then the parcels and hauls, with what lies in them."""
    for business in Business.objects.order_by("pk"):
        orders = Order.objects.filter(business=business).order_by("pk").values_list("pk", flat=True)
        for ids in _batches(orders):
            yield _still(business, ids, ())
        for model in (Parcel, Haul):
            found = (
                model._default_manager.filter(business=business).order_by("pk").values_list("pk", flat=True)
            )
            for ids in _batches(found):
                yield _still(business, (), ids)


def _batches(ids: Iterable[UUID]) -> Iterator[Sequence[UUID]]:
    everything = list(ids)
    for start in range(0, len(everything), BATCH):
        yield everything[start : start + BATCH]


def _checked(scene: Scene) -> list[Subject]:
    """What a scene was read for: of the orders' scene they, their items and cases; else the containers."""
    subjects = scene.subjects.values()
    return [subject for subject in subjects if subject.pk in scene.visible]


def _still(business: Business, order_ids: Sequence[UUID], container_ids: Sequence[UUID]) -> Scene:
    """A scene to look at, with nothing locked."""
    scene = Scene(business)
    found = Loading.objects.filter(business=business)
    loadings = found.filter(order__in=order_ids) | found.filter(parcel__in=container_ids)
    loadings = loadings | found.filter(haul__in=container_ids)
    scene.loadings = list(loadings)
    packed = Content.objects.filter(business=business, parcel__in=container_ids)
    inside = {loading.order_id for loading in scene.loadings}
    inside |= set(packed.values_list("item__order_id", flat=True))
    ours = {*order_ids, *inside}
    for order in Order.objects.filter(business=business, pk__in=ours).order_by("pk"):
        scene.add(order)
    for item in Item.objects.filter(business=business, order__in=ours).order_by("line", "number"):
        scene.add(item)
    _still_containers(scene, container_ids)
    aliases = Alias.objects.filter(business=business, subject_id__in=list(scene.subjects))
    for alias in aliases.select_related("trace").order_by("since"):
        scene.aliases[alias.subject_id].append(alias)
    scene.locked.clear()
    scene.visible = frozenset(container_ids) or frozenset(scene.orders) | {
        item.pk for items in scene.items.values() for item in items
    }
    return scene


def _still_containers(scene: Scene, container_ids: Sequence[UUID]) -> None:
    contents = Content.objects.filter(business=scene.business, item__order__in=scene.orders)
    scene.contents = list(contents.select_related("item"))
    for content in scene.contents:
        scene.orders_in[content.parcel_id].add(content.item.order_id)
        scene.parcels_of[content.item.order_id].add(content.parcel_id)
    for loading in scene.loadings:
        scene.orders_in[loading.container_id].add(loading.order_id)
        if loading.parcel_id:
            scene.parcels_of[loading.order_id].add(loading.parcel_id)
    wanted = {*container_ids, *scene.orders_in}
    containers: list[Container] = [*Parcel.objects.filter(business=scene.business, pk__in=wanted)]
    containers += Haul.objects.filter(business=scene.business, pk__in=wanted)
    for container in containers:
        scene.add(container)


def _account(scene: Scene) -> Callable[[Order | None], dict[str, Any]]:
    nothing = {"available": 0, "held": 0, "currency": scene.business.currency}
    return lambda order: account(scene.business, order) if order else nothing


def _rows(sql: str, *parameters: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []


def _plain(sql: str) -> Callable[[datetime], Iterable[Row]]:
    return lambda _at: _rows(sql.replace("%%", "%"))


QUESTIONS = (
    Question(14, "what a move gave back in full has cost nothing", _kept_though_refunded),
    Question(14, "only orders that a move released are paid out", _paid_out_unreleased),
    Question(7, "an order's sale is in one payout", _plain(_TWICE)),
    Question(5, "what a row says was debited or held is what the ledger says", _plain(_COLUMNS)),
    Question(14, "an order is released exactly when the ledger released its sale", _plain(_RELEASED)),
    Question(6, "what an order says was paid is what payments brought", _plain(_PAID)),
    Question(
        6, "no buyer waits longer for his refund than the law allows, none got too much", _waiting_too_long
    ),
    Question(11, "a row's state is the last its history tells", _told_otherwise),
    Question(11, "a payout's state is the last its history tells", _payouts_told_otherwise),
    Question(11, "a derived state is what its rules say now", _derived_otherwise),
    Question(11, "nothing was sent without the number its move asks for", _moved_without_number),
)
