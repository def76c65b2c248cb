"""Paying sellers: the half-monthly run of the dated calendar, and what becomes of a payout, by the profile's table.

The money is the ledger's and so is its status; which moves there are, who may do them and what they ask for says the
profile. Both are written in one transaction, with the history.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sledi.accounts.access import Access
from sledi.accounts.models import Business
from sledi.core import clock
from sledi.core.workflow import Decision, State, Workflow, decide, possible_actions
from sledi.database.due import DueRows, again_at
from sledi.database.keys import uuid7
from sledi.history import Actor, Happened
from sledi.history.models import Record
from sledi.history.operations import record
from sledi.ledger.models import BankAccount, Payout, PayoutLine
from sledi.ledger.operations.bank_accounts import bank_accounts
from sledi.ledger.operations.payouts import pay_seller, settle_payout, waiting
from sledi.ledger.operations.posting import Facts, money_of
from sledi.ledger.payout_calendar import Run, last_run
from sledi.orders.models import Order, Outbox, PayoutDay
from sledi.orders.moving.contexts import Context, one
from sledi.orders.moving.making import MADE
from sledi.orders.moving.moved import Moved
from sledi.orders.moving.moves import as_machine
from sledi.orders.moving.scene import Scene
from sledi.orders.refusals import NotYours
from sledi.tracking.ingest import DATABASE_AWAY

log = logging.getLogger(__name__)

LEVEL = "payout"
BANK = "bank"
FAILED_PHASE = "failed"
RUNS_AT = time(6)
"""When the run of a day begins, by the clocks of the business's country."""

BATCH = 20
RETRY_S = (300, 3600, 3 * 3600)
DAYS = DueRows("orders_payoutday", lease_s=600, key="business_id")


def run(business: Business, at: datetime) -> list[Payout]:
    """Pay every seller what was released by the end of the newest run's days; the payouts that are new.

    Run it every day: before the next day of payment it finds nothing to do, and one that was killed goes on. A
    seller who owes more than he has waits, and so does who gave no bank account or has just changed it. Raises
    NoSchedule, NoCalendar.
    """
    workflow = business.workflow
    if LEVEL not in workflow.levels:
        return []
    zone = clock.zone_of(business.country)
    found = last_run(at.astimezone(zone).date(), business.country)
    cut_off_at = datetime.combine(found.last + timedelta(days=1), time(), zone)
    made = []
    sellers = waiting(business)
    known = bank_accounts(business, [seller_id for seller_id, _ in sellers])
    for seller_id, currency in sellers:
        bank_account = known.get(seller_id)
        if bank_account is None or is_held(bank_account, at):
            continue
        with transaction.atomic():
            payout = _paid(business, seller_id, currency, found, cut_off_at, at, bank_account)
            if payout and not Record.objects.filter(business_id=business.pk, root_id=payout.pk).exists():
                _begin(business, workflow, payout, at)
                made.append(payout)
    return made


def is_held(bank_account: BankAccount, at: datetime) -> bool:
    """Whether a change of this account is so new that nothing is paid to it yet."""
    return bank_account.held_until is not None and bank_account.held_until > at


def run_due(at: datetime) -> int:
    """Run for every business whose day has come; how many payouts were made. A chore of the worker.

    A business is claimed by one worker, and due again on the next day of its own calendar.
    """
    _plan_all(at)
    made = 0
    for day in PayoutDay.objects.filter(pk__in=DAYS.claim(at, BATCH)).select_related("business"):
        try:
            made += len(run(day.business, at))
        except DATABASE_AWAY:
            raise
        except Exception as fault:  # the outer edge of one business: it steps aside, the others go on
            log.exception("the sellers of %s could not be paid", day.business.slug)
            day.problem = f"{type(fault).__name__}: {fault}"[:500]
            day.due_at = again_at(at, day.attempts, RETRY_S) or _tomorrow(day.business, at)
            day.attempts += 1
        else:
            day.problem, day.attempts, day.due_at = "", 0, _tomorrow(day.business, at)
        day.save()
    return made


def _plan_all(at: datetime) -> None:
    """Businesses that pay sellers and are not looked after yet."""
    new = Business.objects.filter(is_open=True).exclude(pk__in=PayoutDay.objects.values("pk"))
    days = [PayoutDay(business=one, due_at=at) for one in new if LEVEL in one.workflow.levels]
    PayoutDay.objects.bulk_create(days, ignore_conflicts=True)


def _tomorrow(business: Business, at: datetime) -> datetime:
    zone = clock.zone_of(business.country)
    return datetime.combine(at.astimezone(zone).date() + timedelta(days=1), RUNS_AT, zone)


def move(
    access: Access,
    payout_id: UUID,
    name: str,
    supplied: Mapping[str, Any] | None = None,
    *,
    at: datetime,
    cause: str,
    provider: str = BANK,
) -> Moved:
    """Do the profile's move ``name`` with a payout: the bank has it, has paid it, or has sent it back.

    Sent back, the money is available to its seller again, and in his next payout. Raises core's Refused, NotYours.
    """
    business = access.business
    workflow = business.workflow
    with transaction.atomic():
        payout = Payout.objects.select_for_update().filter(business=business, pk=payout_id).first()
        if payout is None or LEVEL not in workflow.levels:
            raise NotYours
        state = state_of(workflow, payout)
        decision = decide(
            workflow,
            LEVEL,
            name,
            state=state,
            role=access.role,
            supplied=supplied or {},
            context=_context(business, workflow, payout, state, at),
        )
        target = workflow.states(LEVEL)[decision.target]
        if target.is_final:
            _settle(payout, target, provider, access.actor, at, name)
        _tell(_Told(business, payout, access.actor, cause, at), decision, state)
        version = Record.objects.filter(business_id=business.pk, root_id=payout.pk).count()
    return Moved(LEVEL, payout.pk, name, state, decision.target, version, at)


def state_of(workflow: Workflow, payout: Payout) -> str:
    """The state of the profile that a payout's status in the ledger is."""
    is_ended, is_failed = payout.status != Payout.IN_TRANSIT, payout.status == Payout.FAILED
    return next(
        state.key
        for state in workflow.states(LEVEL).values()
        if not state.is_initial and state.is_final == is_ended and (state.phase == FAILED_PHASE) == is_failed
    )


def order_ids(payout: Payout) -> list[UUID]:
    """The orders a payout pays."""
    lines = PayoutLine.objects.filter(payout=payout, subject_level="order")
    return sorted({pk for pk in lines.values_list("subject_id", flat=True) if pk})


# --- the run --------------------------------------------------------------------------------------------------


def _paid(
    business: Business,
    seller_id: UUID,
    currency: str,
    found: Run,
    cut_off_at: datetime,
    at: datetime,
    bank_account: BankAccount,
) -> Payout | None:
    facts = Facts(
        key=f"payout:{found.first}:{seller_id}:{currency}",
        actor=as_machine(business, "timer", "payout").actor,
        created_at=at,
    )
    return pay_seller(
        business, seller_id, currency, cut_off_at, found.pays_on, facts, bank_account=bank_account
    )


def _begin(business: Business, workflow: Workflow, payout: Payout, at: datetime) -> None:
    """Tell that it was made, and do at once what the profile lets us do with it by ourselves: send it."""
    actor, initial = as_machine(business, "system").actor, workflow.initial(LEVEL)
    told = _Told(business, payout, actor, "timer", at)
    after = {
        "total": money_of(payout.total, payout.currency).minor,
        "currency": payout.currency,
        "pays_on": payout.pays_on.isoformat(),
        "orders": len(order_ids(payout)),
    }
    told.write(MADE, "", initial, after=after)
    ours = [
        possible.transition
        for possible in possible_actions(workflow, LEVEL, initial, "system")
        if possible.transition.target and not workflow.is_final(LEVEL, possible.transition.target)
    ]
    for transition in ours[:1]:
        context = _context(business, workflow, payout, initial, at)
        decision = decide(
            workflow, LEVEL, transition.name, state=initial, role="system", supplied={}, context=context
        )
        _tell(told, decision, initial)


# --- one payout -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """Who tells what of a payout, and when."""

    business: Business
    payout: Payout
    actor: Actor
    cause: str
    at: datetime

    def write(
        self, act: str, source: str, target: str, who: frozenset[str] = frozenset(), **more: Any
    ) -> None:
        """A row of history and one of the outbox."""
        where: dict[str, Any] = {"level": LEVEL, "subject_id": self.payout.pk, "root_id": self.payout.pk}
        states: dict[str, Any] = {"act": act, "from_state": source, "to_state": target}
        Outbox.objects.create(
            id=uuid7(), business=self.business, who=sorted(who), created_at=self.at, **where, **states
        )
        happened = Happened(
            business_id=self.business.pk,
            actor=self.actor,
            cause=self.cause,
            at=self.at,
            **where,
            **states,
            **more,
        )
        record([happened])


def _tell(told: _Told, decision: Decision, source: str) -> None:
    who = frozenset(
        role for effect in decision.effects if effect.name == "notify" for role in effect.parameters["who"]
    )
    after = {key: value for key, value in decision.supplied.items() if key != "note"}
    note = str(decision.supplied.get("note", ""))
    told.write(decision.transition.name, source, decision.target, who, note=note, after=after)


def _settle(payout: Payout, target: State, provider: str, actor: Actor, at: datetime, name: str) -> None:
    settle_payout(
        payout.business,
        payout_id=payout.pk,
        is_paid=target.phase != FAILED_PHASE,
        provider=provider,
        key=f"{payout.pk}:{name}",
        actor=actor,
        created_at=at,
    )


def _context(business: Business, workflow: Workflow, payout: Payout, state: str, at: datetime) -> Context:
    seen = {
        "state": state,
        "phase": workflow.states(LEVEL)[state].phase,
        "total": money_of(payout.total, payout.currency).minor,
        "fields": {},
    }
    return Context(
        {
            "payout": lambda: seen,
            "orders": lambda: _orders(business, payout),
            "account": lambda: {"available": 0, "held": 0, "currency": payout.currency},
            "settings": lambda: workflow.settings_with(business.settings),
            "now": lambda: int(at.timestamp()),
        }
    )


def _orders(business: Business, payout: Payout) -> list[dict[str, Any]]:
    scene = Scene(business)
    for order in Order.objects.filter(business=business, pk__in=order_ids(payout)).order_by("pk"):
        scene.add(order)
    return [one(scene, order) for order in scene.orders.values()]
