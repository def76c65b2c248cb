"""Deadlines of the profile that come due: flags, tasks, and moves fired by time, through the same operation."""

import logging
from datetime import datetime, timedelta

from django.db import connection

from sledi.core.workflow import Decision, Refused, Transition
from sledi.core.workflow import Timer as TimerRule
from sledi.core.workflow.deciding import holds
from sledi.history import Actor
from sledi.ledger.errors import LedgerRefused
from sledi.orders.contexts import context_of
from sledi.orders.models import Timer
from sledi.orders.motion import Motion
from sledi.orders.moves import as_machine, begun_again_when_met
from sledi.orders.scene import Subject, open_scene, workflow_of
from sledi.orders.writing import write
from sledi.tracking.ingest import DATABASE_AWAY

log = logging.getLogger(__name__)

BATCH = 200
LEASE_S = 120
RETRY_S = (60, 600, 3600, 21600)

_CLAIM = """
UPDATE orders_timer SET due_at = %s WHERE id IN (
    SELECT id FROM orders_timer WHERE due_at <= %s ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id
"""


def run_due_timers(at: datetime) -> int:
    """Do what is due at ``at``; how many deadlines had an effect. One transaction each.

    A deadline is claimed for a while and settled in the transaction of what it does: a worker that dies leaves it to
    the next, and nothing is done twice.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [at + timedelta(seconds=LEASE_S), at, BATCH])
        ids = [pk for (pk,) in cursor.fetchall()]
    done = 0
    for timer in Timer.objects.filter(pk__in=ids).select_related("business").order_by("planned_at"):
        try:
            done += begun_again_when_met(lambda timer=timer: _strike(timer, at))  # type: ignore[misc]
        except DATABASE_AWAY:
            raise
        except (Refused, LedgerRefused) as refusal:
            _step_aside(timer, f"{type(refusal).__name__}: {refusal}", at)
        except Exception as fault:  # the outer edge of one deadline: it steps aside, the others go on
            log.exception("a deadline could not be kept: %s", timer.name)
            _step_aside(timer, f"{type(fault).__name__}: {fault}", at)
    return done


def _strike(timer: Timer, at: datetime) -> bool:
    """Do what a deadline asks for, if it still matters under the lock; whether it did."""
    access = as_machine(timer.business, "timer", timer.name)
    scene = open_scene(access, timer.level, [timer.subject_id])
    # Settled by a condition: somebody who moved the subject meanwhile has set another time, or taken it away.
    settled = Timer.objects.filter(pk=timer.pk, planned_at=timer.planned_at, due_at__isnull=False).update(
        due_at=None, problem=""
    )
    subject = scene.subjects.get(timer.subject_id)
    if not settled or subject is None:
        return False
    rule = workflow_of(scene, subject).timers(timer.level).get(timer.name)
    motion = Motion(scene, at, "timer")
    if rule is None or subject.state not in rule.states or _is_excused(motion, subject, rule):
        return False
    _do(motion, subject, rule, access.actor)
    motion.follow()
    write(motion)
    return True


def _is_excused(motion: Motion, subject: Subject, rule: TimerRule) -> bool:
    if rule.unless is None:
        return False
    workflow = workflow_of(motion.scene, subject)
    context = context_of(motion.scene, subject, workflow, motion.at, motion.account)
    return holds(workflow, rule.unless, context)


def _do(motion: Motion, subject: Subject, rule: TimerRule, actor: Actor) -> None:
    """Raise the flag, carry out the effects, fire the move: whatever of these the rule names."""
    motion.mark(subject, rule.flag, _as_decision(rule, subject), actor)
    if rule.fire:
        motion.perform(subject, motion.decide(subject, rule.fire, "timer", {}), actor, "timer")


def _as_decision(rule: TimerRule, subject: Subject) -> Decision:
    """A deadline's effects as those of a move that changes no state."""
    transition = Transition(
        name=rule.name,
        level=rule.level,
        sources=rule.states,
        target=None,
        trigger="timer",
        on=(),
        roles=frozenset({"timer"}),
        label=rule.label,
        effects=rule.effects,
    )
    return Decision(transition=transition, target=subject.state, supplied={}, effects=rule.effects)


def _step_aside(timer: Timer, problem: str, at: datetime) -> None:
    due_at = at + timedelta(seconds=RETRY_S[timer.attempts]) if timer.attempts < len(RETRY_S) else None
    Timer.objects.filter(pk=timer.pk, planned_at=timer.planned_at).update(
        due_at=due_at, attempts=timer.attempts + 1, problem=problem[:500]
    )
