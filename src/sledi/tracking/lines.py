"""Our lines to the carriers: who can be asked here, with which credentials, within which budget.

Credentials come from the environment: ``SLEDI_CARRIER_<SLUG>_<SECRET>`` for every name in ``Call.secrets``,
and ``SLEDI_CARRIER_<SLUG>_URL`` for another address than the public one (a sandbox, the simulator).
A carrier without an open call and without credentials is *not configured*: pages say so.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction

from sledi.carriers import all_carriers, carrier, has_adapter
from sledi.core.carrier import Account, Call, Carrier
from sledi.tracking.models import CarrierLine

OPEN_AFTER_FAILURES = 5
OPEN_FOR_S = (60, 300, 900, 1800)
"""The breaker opens after five failures in a row; each further failure keeps it open for longer."""

ASKING_ROLES = ("collect", "register", "history", "ticket")
"""Calls we make, in this order: an answer that is ready; numbers the carrier wants to know first; questions one by
one where somebody waits; the others in bulk, where the carrier offers that."""

TRIAL_GRACE_S = 30
"""After its time-out, how long one trial call keeps the others waiting when nobody hears of it again."""


def account(slug: str, environment: Mapping[str, str] = os.environ) -> Account:
    """Address and credentials of a carrier, as configured."""
    prefix = f"SLEDI_CARRIER_{slug.upper()}_"
    values = {
        key[len(prefix) :].lower(): value for key, value in environment.items() if key.startswith(prefix)
    }
    return Account(base_url=values.pop("url", "").rstrip("/"), secrets=values)


def usable_calls(slug: str, environment: Mapping[str, str] = os.environ) -> tuple[Call, ...]:
    """The calls of a carrier whose credentials are there, best first; empty = not configured."""
    if not has_adapter(slug):
        return ()
    secrets = account(slug, environment).secrets
    return tuple(
        call
        for call in carrier(slug).CALLS
        if call.role != "push" and all(secrets.get(name) for name in call.secrets)
    )


def is_configured(slug: str) -> bool:
    """Whether this installation can ask the carrier for a history."""
    return any(call.role in {"history", "collect"} for call in usable_calls(slug))


def configured() -> list[Carrier]:
    """All carriers that can be asked here."""
    return [module for module in all_carriers() if is_configured(module.SLUG)]


@transaction.atomic
def reserve(slug: str, call: Call, now: datetime) -> bool:
    """Take one call out of the carrier's budget; False while it is used up, too early, or the breaker is open.

    Calls a day count for each kind; spacing holds between calls of all kinds, as carriers count requests and not
    kinds. The lines are locked, so that several workers together never exceed the budget. Called in the
    transaction that claims the work: when that is rolled back, nothing was spent.
    """
    known = _locked_lines(slug, call, now)
    line = known[call.kind]
    is_new_day = line.day != now.date()
    calls_today = 0 if is_new_day else line.calls_today
    if (
        any(other.next_call_at > now for other in known.values())
        or (line.opens_at is not None and line.opens_at > now)
        or (call.per_day is not None and calls_today >= call.per_day)
    ):
        return False
    line.next_call_at = now + timedelta(seconds=call.spacing_s)
    line.day, line.calls_today = now.date(), calls_today + 1
    if line.opens_at is not None:
        # Half open: one caller tries, the others wait until it comes back, or is given up.
        line.opens_at = now + timedelta(seconds=call.timeout_s + TRIAL_GRACE_S)
    line.save(update_fields=["next_call_at", "day", "calls_today", "opens_at"])
    return True


def _locked_lines(slug: str, call: Call, now: datetime) -> dict[str, CarrierLine]:
    kinds = sorted({call.kind, *(other.kind for other in carrier(slug).CALLS if other.role in ASKING_ROLES)})
    CarrierLine.objects.bulk_create(
        [CarrierLine(carrier=slug, kind=kind, next_call_at=now, day=now.date()) for kind in kinds],
        ignore_conflicts=True,
    )
    lines = CarrierLine.objects.select_for_update().filter(carrier=slug, kind__in=kinds).order_by("kind")
    return {line.kind: line for line in lines}


def succeeded(slug: str, kind: str, now: datetime) -> None:
    """Note an answer, or a push taken in, and close the breaker."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEEDED, {"carrier": slug, "kind": kind, "now": now, "day": now.date()})


def failed(slug: str, kind: str, now: datetime, problem: str, pause_s: int = 0) -> None:
    """Count a failure; after five in a row open the breaker, or at once when ``pause_s`` seconds are asked for."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FAILED,
            {
                "carrier": slug,
                "kind": kind,
                "now": now,
                "day": now.date(),
                "problem": problem[:500],
                "after": OPEN_AFTER_FAILURES,
                "pauses": list(OPEN_FOR_S),
                "pause": pause_s,
            },
        )


_SUCCEEDED = """
INSERT INTO tracking_carrierline AS line
    (carrier, kind, next_call_at, day, calls_today, failures_in_row, problem, last_success_at)
VALUES (%(carrier)s, %(kind)s, %(now)s, %(day)s, 0, 0, '', %(now)s)
ON CONFLICT (carrier, kind) DO UPDATE SET
    failures_in_row = 0, opens_at = NULL, last_success_at = greatest(line.last_success_at, %(now)s)
"""

_FAILED = """
INSERT INTO tracking_carrierline AS line
    (carrier, kind, next_call_at, day, calls_today, failures_in_row, problem, last_failure_at, opens_at)
VALUES (%(carrier)s, %(kind)s, %(now)s, %(day)s, 0, 1, %(problem)s, %(now)s,
        %(now)s + make_interval(secs => nullif(%(pause)s::int, 0)))
ON CONFLICT (carrier, kind) DO UPDATE SET
    failures_in_row = line.failures_in_row + 1,
    problem = EXCLUDED.problem,
    last_failure_at = EXCLUDED.last_failure_at,
    opens_at = %(now)s + make_interval(secs => nullif(greatest(%(pause)s::int, CASE
        WHEN line.failures_in_row + 1 < %(after)s THEN 0
        ELSE (%(pauses)s::int[])[
            least(line.failures_in_row + 2 - %(after)s, array_length(%(pauses)s::int[], 1))]
        END), 0))
"""
