"""Our lines to the carriers: who can be asked here, with which credentials, within which budget.

Credentials come from the environment: ``SLEDI_CARRIER_<SLUG>_<SECRET>`` for every name in ``Call.secrets``,
and ``SLEDI_CARRIER_<SLUG>_URL`` for another address than the public one (a sandbox, the simulator).
A carrier without an open call and without credentials is *not configured*: pages say so.
"""

import os
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection

from sledi.carriers import all_carriers, carrier
from sledi.core.carrier import Account, Call, Carrier

OPEN_AFTER_FAILURES = 5
OPEN_FOR_S = (60, 300, 900, 1800)
"""The breaker opens after five failures in a row; each further failure keeps it open for longer."""


def account(slug: str, environment: Mapping[str, str] = os.environ) -> Account:
    """Address and credentials of a carrier, as configured."""
    prefix = f"SLEDI_CARRIER_{slug.upper()}_"
    values = {
        key[len(prefix) :].lower(): value for key, value in environment.items() if key.startswith(prefix)
    }
    return Account(base_url=values.pop("url", "").rstrip("/"), secrets=values)


def usable_calls(slug: str, environment: Mapping[str, str] = os.environ) -> tuple[Call, ...]:
    """The calls of a carrier whose credentials are there, best first; empty = not configured."""
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


def reserve(slug: str, call: Call, now: datetime) -> bool:
    """Take one call out of the carrier's budget; False while it is used up, too early, or the breaker is open.

    One conditional write, so that several workers together never exceed the budget.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            {
                "carrier": slug,
                "kind": call.kind,
                "now": now,
                "day": now.date(),
                "next": now + timedelta(seconds=call.spacing_s),
                "per_day": call.per_day if call.per_day is not None else 2**31 - 1,
            },
        )
        return cursor.fetchone() is not None


def succeeded(slug: str, kind: str, now: datetime) -> None:
    """Close the breaker."""
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEEDED, {"carrier": slug, "kind": kind, "now": now})


def failed(slug: str, kind: str, now: datetime, problem: str, pause_s: int | None = None) -> None:
    """Count a failure; open the breaker after five in a row, or at once for ``pause_s`` seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            _FAILED,
            {
                "carrier": slug,
                "kind": kind,
                "now": now,
                "problem": problem[:500],
                "after": OPEN_AFTER_FAILURES,
                "pauses": list(OPEN_FOR_S),
                "pause": pause_s,
            },
        )


_RESERVE = """
INSERT INTO tracking_carrierline AS line
    (carrier, kind, next_call_at, day, calls_today, failures_in_row, problem)
VALUES (%(carrier)s, %(kind)s, %(next)s, %(day)s, 1, 0, '')
ON CONFLICT (carrier, kind) DO UPDATE SET
    next_call_at = EXCLUDED.next_call_at,
    day = EXCLUDED.day,
    calls_today = CASE WHEN line.day = EXCLUDED.day THEN line.calls_today + 1 ELSE 1 END,
    -- Half open: one caller tries, the others wait until it comes back.
    opens_at = CASE WHEN line.opens_at IS NULL THEN NULL ELSE %(now)s + interval '60 seconds' END
WHERE line.next_call_at <= %(now)s
  AND (line.opens_at IS NULL OR line.opens_at <= %(now)s)
  AND (line.day <> EXCLUDED.day OR line.calls_today < %(per_day)s)
RETURNING 1
"""

_SUCCEEDED = """
UPDATE tracking_carrierline
SET failures_in_row = 0, opens_at = NULL, last_success_at = %(now)s
WHERE carrier = %(carrier)s AND kind = %(kind)s
"""

_FAILED = """
UPDATE tracking_carrierline SET
    failures_in_row = failures_in_row + 1,
    last_failure_at = %(now)s,
    problem = %(problem)s,
    opens_at = CASE
        WHEN %(pause)s::int IS NOT NULL THEN %(now)s + make_interval(secs => %(pause)s::int)
        WHEN failures_in_row + 1 < %(after)s THEN NULL
        ELSE %(now)s + make_interval(secs => (%(pauses)s::int[])[
            least(failures_in_row + 2 - %(after)s, array_length(%(pauses)s::int[], 1))])
    END
WHERE carrier = %(carrier)s AND kind = %(kind)s
"""


def note_problem(slug: str, kind: str, now: datetime, problem: str) -> None:
    """Show a problem that no call of ours had (a push that could not be read) in the carrier's health."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO tracking_carrierline AS line
                (carrier, kind, next_call_at, day, calls_today, failures_in_row, last_failure_at, problem)
            VALUES (%(carrier)s, %(kind)s, %(now)s, %(day)s, 0, 1, %(now)s, %(problem)s)
            ON CONFLICT (carrier, kind) DO UPDATE SET failures_in_row = line.failures_in_row + 1,
                last_failure_at = EXCLUDED.last_failure_at, problem = EXCLUDED.problem""",
            {"carrier": slug, "kind": kind, "now": now, "day": now.date(), "problem": problem[:500]},
        )
