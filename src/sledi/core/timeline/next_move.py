"""Whose move it is: who owes something now, what, and until when as far as the events tell."""

from dataclasses import dataclass
from datetime import datetime

from sledi.core.timeline.derive import Timeline
from sledi.core.timeline.lanes import days_after, storage
from sledi.core.timeline.stages import STAGES


@dataclass(frozen=True, slots=True)
class Move:
    """``owes`` (buyer, seller or operator) must ``act`` (a key of ``ACTS``) since ``since``.

    ``until`` is when it is too late, None where nobody says; ``source`` tells where that limit comes from.
    """

    owes: str
    act: str
    since: datetime | None
    until: datetime | None = None
    source: str = ""


ACTS = {
    "collect": "collect the parcel where it waits",
    "be_reachable": "agree on another delivery with the carrier",
    "act_before_delivery": "do what the carrier asks for before it delivers",
    "correct_address": "give the carrier the right address",
    "correct_number": "compare the number with the seller's message",
    "answer_customs": "ask the post what customs want",
    "send_customs_documents": "send customs the documents they ask for",
    "pay_customs": "pay duty, tax or fee",
    "ask_carrier": "ask the carrier about the parcel",
    "prepare_parcel": "have the parcel ready for the courier",
    "answer_export_customs": "answer the export customs",
    "refund_or_resend": "refund the buyer or send again",
    "claim": "claim at the carrier",
    "repack": "fix what the carrier refused and send again",
    "decide_return": "say what to do with the parcel that comes back",
    "map_code": "map the carrier's unknown code",
}
"""What may be asked of somebody, in plain words."""

_ACT_OF = {
    "sys.bad_number": "correct_number",
    "sys.unmapped": "map_code",
    "pre.cancelled": "refund_or_resend",
    "pre.not_ready": "prepare_parcel",
    "exp.customs_held": "answer_export_customs",
    "exp.cancelled": "refund_or_resend",
    "imp.customs_held": "answer_customs",
    "imp.customs_docs": "send_customs_documents",
    "imp.customs_pay": "pay_customs",
    "imp.terminated": "refund_or_resend",
    "last.held": "ask_carrier",
    "last.ready": "collect",
    "last.failed": "be_reachable",
    "last.action": "act_before_delivery",
    "ret.started": "decide_return",
    "ret.done": "refund_or_resend",
    "bad.address": "correct_address",
    "bad.moved": "correct_address",
    "bad.refused": "decide_return",
    "bad.unclaimed": "collect",
    "bad.rejected": "repack",
    "bad.damaged": "claim",
    "bad.lost": "claim",
    "bad.destroyed": "claim",
    "bad.cancelled": "refund_or_resend",
}


def next_move(timeline: Timeline, now: datetime) -> Move | None:
    """The move that somebody owes at ``now``, or None when everybody may wait.

    A silence beyond the lane's limit is the operators' to ask about. A parcel that waits for its recipient has
    the office's storage time as its limit, counted from the day after it was ready, as posts do.
    """
    summary = timeline.summary
    if summary.stale_at is not None and now >= summary.stale_at:
        return Move(STAGES["sys.stale"].owes, "ask_carrier", summary.stale_at)
    owes = STAGES[summary.code].owes
    if not owes:
        return None
    act = _ACT_OF.get(summary.code, "ask_carrier")
    if summary.code != "last.ready" or summary.since is None:
        return Move(owes, act, summary.since)
    kept = storage(summary.country or summary.destination)
    return Move(owes, act, summary.since, days_after(summary.since, kept.days + 1), kept.source)
