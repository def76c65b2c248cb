"""A row, a timeline and a carrier as JSON: what the API answers and ``sledi track --json`` prints.

Codes are never translated; names in the asked language stand beside them. Nothing personal is in here because
nothing personal is stored.
"""

from datetime import datetime
from typing import Any

import msgspec

from sledi import carriers
from sledi.carriers import Entry
from sledi.core.timeline import (
    Explanation,
    Leg,
    Line,
    Silence,
    Window,
    explain_line,
    explain_status,
    status_at,
)
from sledi.tracking import lines as carrier_lines
from sledi.tracking.queries import Asking, ListPage, ParcelPage, Row
from sledi.web import words


def list_json(page: ListPage) -> dict[str, Any]:
    """A list with all its rows."""
    return {
        "created_at": _iso(page.created_at),
        "origin": page.origin,
        "destination": page.destination,
        "dropped": page.dropped,
        "rows": [row_json(row) for row in page.rows],
    }


def row_json(row: Row) -> dict[str, Any]:
    """One line of a list; what only carriers can tell is null for a number that is not followed."""
    trace = row.trace
    return {
        "number": row.number,
        "raw": row.raw,
        "is_followed": trace is not None,
        "is_waiting": row.is_waiting,
        "status": row.status if trace else None,
        "code": trace and trace.code,
        "reason": trace and trace.reason,
        "since": trace and _iso(trace.since),
        "place": trace and trace.place,
        "country": trace and trace.country,
        "carrier": trace and trace.carrier,
        "origin": trace and trace.origin,
        "destination": trace and trace.destination,
        "direction": trace and trace.direction,
        "last_event_at": trace and _iso(trace.last_event_at),
        "is_final": bool(trace and trace.is_final),
        "recognition": row.detection.to_dict(),
        "asked": [_asking(asking) for asking in row.askings],
    }


def parcel_json(page: ParcelPage, language: str, now: datetime) -> dict[str, Any]:
    """A number with its whole timeline, newest event first."""
    timeline, summary = page.timeline, page.timeline.summary
    trace = page.row.trace
    assert trace is not None
    has_events = bool(timeline.lines)
    status = str(status_at(timeline, now)) if has_events else page.row.status
    code = summary.code if has_events else trace.code
    return {
        "number": page.row.number,
        "status": status,
        "status_name": words.status_name(status, language),
        "code": code,
        "code_name": words.event_name(code, language),
        "reason": summary.reason,
        "since": _iso(summary.since),
        "place": summary.place,
        "country": summary.country,
        "carrier": summary.carrier,
        "origin": trace.origin,
        "destination": trace.destination,
        "direction": str(summary.direction),
        "is_final": summary.is_final,
        "service": page.service,
        "weight_g": page.weight_g,
        "days_in_transit": timeline.days_in_transit(now),
        "explanation": _explanation(explain_status(timeline, now)),
        "expected": _window(page.window),
        "silence": _silence(page.silence),
        "next_move": page.move
        and {"owes": page.move.owes, "act": page.move.act, "until": _iso(page.move.until)},
        "steps": [
            {
                "key": step.key,
                "state": str(step.state),
                "at": _iso(step.at),
                "name": words.step_name(step.key, language),
            }
            for step in timeline.steps
        ],
        "milestones": {str(mark): _iso(reached.at) for mark, reached in timeline.milestones.items()},
        "legs": [_leg(leg, language) for leg in timeline.legs],
        "events": [line_json(line, language) for line in reversed(timeline.lines)],
        "asked": [_asking(asking) for asking in page.row.askings],
        "official_sites": [carrier_json(known, page.row.number) for known in page.official],
    }


def carrier_json(known: Entry, number: str = "") -> dict[str, Any]:
    """One carrier of the directory; with ``number`` its tracking link is filled in where the site takes it."""
    link = known.tracking_link(number) if number else None
    return {
        "slug": known.slug,
        "names": msgspec.structs.asdict(known.names),
        "native": known.native,
        "country": known.country,
        "site": known.site.value if known.site else None,
        "tracking": link.url if link else known.tracking.value if known.tracking else None,
        "phones": [phone.value for phone in known.phones],
        "hours": known.hours.value if known.hours else None,
        "has_adapter": carriers.has_adapter(known.slug),
        "asked_through": list(known.asked_through),
        "is_configured": any(
            carrier_lines.is_configured(slug)
            for slug in (known.slug, *known.asked_through)
            if carriers.has_adapter(slug)
        ),
    }


def _asking(asking: Asking) -> dict[str, Any]:
    return {
        "carrier": asking.on_behalf_of,
        "asked_through": asking.adapter,
        "why": asking.why,
        "is_configured": asking.is_configured,
        "outcome": asking.outcome or None,
        "answered_at": _iso(asking.answered_at),
        "next_at": _iso(asking.due_at),
        "is_failing": asking.is_failing,
    }


def line_json(line: Line, language: str) -> dict[str, Any]:
    event = line.event
    return {
        "code": line.code,
        "name": words.event_name(line.code, language) if line.code != "sys.unmapped" else event.raw_text,
        "reason": event.reason,
        "at": _iso(line.at),
        "local_time": event.raw_time,
        "zone": event.zone,
        "zone_basis": str(event.zone_basis),
        "place": line.place,
        "country": line.country,
        "carrier": line.carrier,
        "leg": line.leg,
        "direction": str(line.direction),
        "explanation": _explanation(explain_line(line)),
    }


def _leg(leg: Leg, language: str) -> dict[str, Any]:
    return {
        "kind": str(leg.kind),
        "state": str(leg.state),
        "carrier": leg.carrier,
        "carrier_name": carriers.name(leg.carrier, language) if leg.carrier else "",
        "country": leg.country,
        "numbers": list(leg.numbers),
        "started_at": _iso(leg.started_at),
        "ended_at": _iso(leg.ended_at),
        "events": len(leg.lines),
    }


def _explanation(explanation: Explanation) -> dict[str, Any]:
    return {
        "rule": explanation.rule,
        "words": explanation.words,
        "also": list(explanation.also),
        "evidence": [
            {
                "source": told.source,
                "carrier": told.carrier,
                "raw_code": told.raw_code,
                "raw_text": told.raw_text,
                "raw_time": told.raw_time,
                "fetched_at": _iso(told.seen_at),
            }
            for told in explanation.evidence
        ],
    }


def _window(window: Window | None) -> dict[str, Any] | None:
    if window is None:
        return None
    return {
        "from": _iso(window.from_at),
        "until": _iso(window.until_at),
        "basis": window.basis,
        "source": window.source,
    }


def _silence(silence: Silence | None) -> dict[str, Any] | None:
    if silence is None:
        return None
    return {
        "days": silence.days,
        "since": _iso(silence.since),
        "stretch": str(silence.stretch),
        "usual_days": [silence.usual.low, silence.usual.high],
        "source": silence.usual.source,
        "unusual_at": _iso(silence.unusual_at),
        "stale_at": _iso(silence.stale_at),
        "level": str(silence.level),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
