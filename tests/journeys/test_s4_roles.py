"""Whose each status of a marketplace is: every role tries every move in every state, through the API."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from sledi import profiles
from sledi.core.numbers import is_s10
from sledi.core.workflow import Workflow
from tests.journeys.office import Office
from tests.journeys.sales import (
    ENCLOSED,
    delivered,
    open_case,
    paid,
    processed,
    processing,
    shipped,
    sold,
    state,
)
from tests.journeys.world import command

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PROFILE = "marketplace"
PEOPLE = (
    "owner",
    "platform",
    "supervisor",
    "logist",
    "operator",
    "support",
    "seller",
    "reseller",
    "buyer",
    "end_buyer",
)
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "ship": {"tracking_number": "CP123456785BG", **ENCLOSED},
    "reject_order": {"note": "съмнително плащане"},
    "reject_completion": {"rejection": "no_scan"},
    "refund": {"note": "върнах парите"},
    "refund_without_case": {"note": "върнах парите"},
    "refund_part": {"refund_percent": 10, "note": "драскотина"},
    "exchange": {"note": "изпращам нова"},
    "exchange_without_case": {"note": "изпращам нова"},
    "cancel": {"cancel_reason": "late"},
    "report_not_received": {"complaint": "няма я"},
    "correct_processing_processed": {"note": "по погрешка"},
}


def numbers() -> Callable[[], str]:
    """Numbers of the Bulgarian post that nobody has used yet."""
    fresh = (f"RR{n:08}{digit}BG" for n in range(10_000_000, 10_000_100) for digit in range(10))
    right = (number for number in fresh if is_s10(number))
    return lambda: next(right)


def worlds(office: Office) -> dict[str, str]:
    """An order in each state that people and time bring one to; where a condition decides, one on either side."""
    number = numbers()
    late, unstarted = processing(office, processing_days=1), processed(office, processing_days=1)
    office.wait(days=3)
    reported, unproved, solved, changed, done, old = (shipped(office, number()) for _ in range(6))
    for order in (unproved, solved, changed, done, old):
        office.do("seller", f"orders/{order}", "complete")
    for order in (solved, changed, done, old):
        parcel = office.see("platform", f"orders/{order}/parcels")["parcels"][0]["number"]
        office.do(
            "platform", f"parcels/{parcel}", "record_delivery", delivered_on="2026-10-01", evidence="видях"
        )
        assert state(office, order) == "complete_verified"
    for order in (solved, changed):
        open_case(office, order)
    office.do("seller", f"orders/{solved}", "refund", note="върнах")
    assert command("ledger", "refunds", "--business", office.business.slug, "--sent", solved)[0] == 0
    office.do("seller", f"orders/{changed}", "exchange", note="нова")
    unpaid = sold(office)
    office.wait(hours=73)
    office.go_to(datetime.fromisoformat(office.see("platform", f"orders/{old}")["window_ends_at"]))
    office.wait(days=731)
    closed, verified, disputed = (shipped(office, number()) for _ in range(3))
    for order, day in ((closed, -20), (verified, 0), (disputed, 0)):
        office.do("seller", f"orders/{order}", "complete")
        parcel = office.see("platform", f"orders/{order}/parcels")["parcels"][0]["number"]
        on = datetime.fromordinal(office.now.toordinal() + day).date().isoformat()
        office.do("platform", f"parcels/{parcel}", "record_delivery", delivered_on=on, evidence="видях")
    office.work()
    open_case(office, disputed)
    cancelled = processed(office)
    office.do("platform", f"orders/{cancelled}", "cancel", cancel_reason="sold_out")
    proved = delivered(office, number())
    office.do("seller", f"orders/{proved}", "complete")  # and the worker has not come by yet
    fresh = [sold(office), paid(office), processed(office), processing(office), shipped(office, number())]
    return {
        order: state(office, order)
        for order in (
            *fresh,
            late,
            unstarted,
            reported,
            unproved,
            solved,
            changed,
            done,
            old,
            unpaid,
            closed,
            verified,
            disputed,
            cancelled,
            proved,
        )
    }


@pytest.mark.promise("S4.35")
def test_exactly_the_allowed_moves_pass(office: Office) -> None:
    found, workflow = worlds(office), profiles.workflow(PROFILE)
    assert set(found.values()) == leaves(workflow)
    passed: set[tuple[str, str, str]] = set()
    for order, standing in found.items():
        for move in workflow.transitions("order"):
            for role in PEOPLE:
                if tried(office, role, order, move):
                    passed.add((standing, move, role))
    assert passed == allowed(workflow)


@pytest.mark.promise("S4.35")
def test_each_status_has_its_owner(office: Office) -> None:
    levels = office.see("platform", "profile")["levels"]
    moves = next(level for level in levels if level["level"] == "order")["moves"]
    owned: dict[str, set[str]] = {role: set() for role in PEOPLE}
    for move in moves:
        for role in owned.keys() & set(move["roles"]) if move["to"] else ():
            owned[role].add(move["to"])
    assert {role: states for role, states in owned.items() if states} == {
        # PROCESSED and the verification; and what it refuses, puts back or cancels.
        "platform": {"processed", "complete_verified", "shipped", "not_confirmed", "cancelled"},
        "seller": {"processing", "shipped", "complete_to_verify", "money_returned", "goods_exchanged"},
        "supervisor": {"processed"},  # corrects a mistake
    }


def leaves(workflow: Workflow) -> set[str]:
    return {leaf for key in workflow.states("order") for leaf in workflow.leaves("order", key)}


def allowed(workflow: Workflow) -> set[tuple[str, str, str]]:
    """What the profile says: state, move, role."""
    return {
        (source, move.name, role)
        for move in workflow.transitions("order").values()
        for source in move.sources
        for role in move.roles & set(PEOPLE)
    }


def tried(office: Office, role: str, order: str, move: str) -> bool:
    """Whether a role's key does a move; what it did is undone."""
    office._key(role, "")
    with transaction.atomic():
        answer = office.ask(role, f"orders/{order}", move, **FIELDS.get(move, {}))
        transaction.set_rollback(True)
    assert answer.status in (200, 403, 404, 409), (role, move, answer.body)
    return answer.status == 200
