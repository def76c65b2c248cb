"""How the lines to the carriers are, and which of their words we have no mapping for: the operators' desk."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from sledi.carriers import all_carriers, entry
from sledi.tracking import lines
from sledi.tracking.models import CarrierLine

UNMAPPED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class LineHealth:
    """One kind of call to one carrier."""

    kind: str
    calls_today: int
    per_day: int | None
    failures_in_row: int
    opens_at: datetime | None  # the breaker is open until then
    last_success_at: datetime | None
    last_failure_at: datetime | None
    problem: str


@dataclass(frozen=True, slots=True)
class CarrierHealth:
    """One carrier: what is asked, what is late, what went wrong in the last day."""

    slug: str
    is_configured: bool
    missing: tuple[str, ...]  # names of the settings that would open a line
    watches: int
    overdue: int
    unreadable: int  # replies of the last day that broke the contract or never were an answer
    unmapped: int  # events in words without a mapping
    lines: tuple[LineHealth, ...]

    @property
    def tone(self) -> str:
        if not self.is_configured:
            return "neutral"
        if any(line.opens_at for line in self.lines) or self.overdue:
            return "problem"
        return "action" if any(line.failures_in_row for line in self.lines) else "ok"


@dataclass(frozen=True, slots=True)
class UnmappedWord:
    """A carrier's code or text that no rule knows, and how often it was seen."""

    carrier: str
    raw_code: str
    raw_text: str
    times: int
    last_seen_at: datetime


def carriers_health(now: datetime) -> list[CarrierHealth]:
    """All carriers with an adapter, troubled ones first."""
    counts = _counts(now)
    by_carrier: dict[str, list[CarrierLine]] = {}
    for line in CarrierLine.objects.order_by("carrier", "kind"):
        by_carrier.setdefault(line.carrier, []).append(line)
    found = [_health(module.SLUG, counts, by_carrier.get(module.SLUG, []), now) for module in all_carriers()]
    order = {"problem": 0, "action": 1, "ok": 2, "neutral": 3}
    return sorted(found, key=lambda health: (order[health.tone], entry(health.slug).slug))


def unmapped_words() -> list[UnmappedWord]:
    """Words without a mapping, most frequent first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.carrier, e.raw_code, min(e.raw_text), count(*), max(e.seen_at)
            FROM tracking_event e JOIN tracking_watch w ON w.id = e.watch_id
            WHERE e.code = 'sys.unmapped' GROUP BY w.carrier, e.raw_code, CASE WHEN e.raw_code = '' THEN e.raw_text END
            ORDER BY 4 DESC, 1, 2 LIMIT %s""",
            [UNMAPPED_SHOWN],
        )
        return [UnmappedWord(*row) for row in cursor.fetchall()]


def _health(
    slug: str, counts: dict[str, tuple[int, int, int, int]], found: list[CarrierLine], now: datetime
) -> CarrierHealth:
    calls = {call.kind: call for module in all_carriers() if slug == module.SLUG for call in module.CALLS}
    secrets = lines.account(slug).secrets
    missing = {name for call in calls.values() for name in call.secrets if not secrets.get(name)}
    watches, overdue, unreadable, unmapped = counts.get(slug, (0, 0, 0, 0))
    return CarrierHealth(
        slug=slug,
        is_configured=lines.is_configured(slug),
        missing=tuple(sorted(f"SLEDI_CARRIER_{slug}_{name}".upper() for name in missing)),
        watches=watches,
        overdue=overdue,
        unreadable=unreadable,
        unmapped=unmapped,
        lines=tuple(
            LineHealth(
                kind=line.kind,
                calls_today=line.calls_today if line.day == now.date() else 0,
                per_day=calls[line.kind].per_day if line.kind in calls else None,
                failures_in_row=line.failures_in_row,
                opens_at=line.opens_at
                if line.opens_at and line.opens_at > now and line.kind != "push"
                else None,
                last_success_at=line.last_success_at,
                last_failure_at=line.last_failure_at,
                problem=line.problem if line.failures_in_row else "",
            )
            for line in found
        ),
    )


def _counts(now: datetime) -> dict[str, tuple[int, int, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT w.carrier, count(*), count(*) FILTER (WHERE w.due_at < %(late)s),
                coalesce(max(r.unreadable), 0), coalesce(max(u.unmapped), 0)
            FROM tracking_watch w
            LEFT JOIN (SELECT carrier, count(*) AS unreadable FROM tracking_reply
                       WHERE problem <> '' AND received_at > %(day)s GROUP BY carrier) r ON r.carrier = w.carrier
            LEFT JOIN (SELECT x.carrier, count(*) AS unmapped FROM tracking_event e
                       JOIN tracking_watch x ON x.id = e.watch_id
                       WHERE e.code = 'sys.unmapped' GROUP BY x.carrier) u ON u.carrier = w.carrier
            GROUP BY w.carrier""",
            {"late": now - timedelta(hours=1), "day": now - timedelta(days=1)},
        )
        return {row[0]: row[1:] for row in cursor.fetchall()}
