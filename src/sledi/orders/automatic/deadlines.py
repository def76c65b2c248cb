"""Deadlines of the profile that come due: flags, tasks, and moves fired by time, through the same operation."""

import logging
from datetime import datetime

from sledi.core.workflow import Refused, struck
from sledi.database.due import DueRows, again_at
from sledi.ledger.errors import LedgerRefused
from sledi.orders.models import Timer
from sledi.orders.moving.contexts import context_of
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.moves import as_machine, begun_again_when_met
from sledi.orders.moving.scene import open_scene, workflow_of
from sledi.orders.moving.writing import write
from sledi.tracking.ingest import DATABASE_AWAY

log = logging.getLogger(__name__)

BATCH = 200
RETRY_S = (60, 600, 3600, 21600)
TIMERS = DueRows("orders_timer", lease_s=120)


def run_due_timers(at: datetime) -> int:
    """Do what is due at ``at``; how many deadlines had an effect. One transaction each.

    A deadline is claimed for a while and settled in the transaction of what it does: a worker that dies leaves it to
    the next, and nothing is done twice.
    """
    done = 0
    for timer in (
        Timer.objects.filter(pk__in=TIMERS.claim(at, BATCH)).select_related("business").order_by("planned_at")
    ):
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
    workflow, motion = workflow_of(scene, subject), Motion(scene, at, "timer")
    rule = workflow.timers(timer.level).get(timer.name)
    if rule is None or not (rule.flag or rule.effects or rule.fire):
        return False
    context = context_of(scene, subject, workflow, at, motion.account)
    decision = struck(workflow, rule, state=subject.state, context=context)
    if decision is None:
        return False
    motion.mark(subject, rule.flag, decision, access.actor)
    if rule.fire:
        motion.perform(subject, motion.decide(subject, rule.fire, "timer", {}), access.actor, "timer")
    motion.follow()
    write(motion)
    return True


def _step_aside(timer: Timer, problem: str, at: datetime) -> None:
    Timer.objects.filter(pk=timer.pk, planned_at=timer.planned_at).update(
        due_at=again_at(at, timer.attempts, RETRY_S), attempts=timer.attempts + 1, problem=problem[:500]
    )
