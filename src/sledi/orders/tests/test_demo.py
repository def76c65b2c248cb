"""The demo world: everything that can be is there, made by real operations, and a second run adds nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from sledi import profiles
from sledi.accounts.models import Membership
from sledi.core.money import Money
from sledi.history import queries as history
from sledi.history.models import Record
from sledi.ledger import queries as ledger
from sledi.ledger.charts import CUSTOMER_BALANCE, SELLER_AVAILABLE, Ref
from sledi.ledger.models import EntrySet, Payout
from sledi.orders import demo
from sledi.orders.automatic import deadlines
from sledi.orders.demo.stories import plot
from sledi.orders.models import Case, Item, Order, Timer
from sledi.orders.money import payouts
from sledi.orders.tests.demo_world import NOW
from sledi.orders.tests.demo_world import built_world as built_world
from sledi.orders.tests.demo_world import demo_world as demo_world
from sledi.parcels.models import Alias, Haul, Parcel
from sledi.tracking.models import Watch
from sledi_simulator import GENEROUS, stories
from sledi_simulator.clock import Clock
from sledi_simulator.journeys import Kind
from sledi_simulator.world import World

MODELS = {"order": Order, "item": Item, "haul": Haul, "case": Case}
LEVELS = [
    (name, level)
    for name in profiles.names()
    for level in profiles.workflow(name).levels
    if level != "payout"  # the ledger's own, see below
]


def counted() -> dict[str, int]:
    ours = [model for model in apps.get_models() if model.__module__.startswith("sledi.")]
    return {model.__name__: model._default_manager.count() for model in ours}


def states_of(profile: str, level: str) -> set[str]:
    rows: Any = MODELS.get(level, Parcel)
    rows = rows.objects.filter(business__slug=profile)
    if level in ("parcel", "track"):
        rows = rows.filter(level=level)
    return set(rows.values_list("state", flat=True))


@pytest.mark.parametrize(("profile", "level"), LEVELS)
def test_every_state_of_every_level_has_somebody_in_it(demo_world: Any, profile: str, level: str) -> None:
    workflow = profiles.workflow(profile)
    leaves = {leaf for state in workflow.states(level) for leaf in workflow.leaves(level, state)}
    assert states_of(profile, level) == leaves


def test_payouts_went_through_every_state(demo_world: Any) -> None:
    """``scheduled`` lasts no moment: what the run makes is sent at once. The history has it."""
    workflow = profiles.workflow("marketplace")
    now = {payouts.state_of(workflow, payout) for payout in Payout.objects.all()}
    assert now == {"paid", "failed", "in_transit"}
    told = Record.objects.filter(level="payout").values_list("to_state", flat=True)
    assert set(told) == set(workflow.states("payout"))


def test_every_role_a_profile_names_is_filled_and_everybody_has_a_name(demo_world: Any) -> None:
    for business in demo_world.values():
        workflow = profiles.workflow(business.profile)
        named = {
            role
            for level in workflow.levels
            for transition in workflow.transitions(level).values()
            for role in transition.roles
        }
        filled = set(Membership.objects.filter(business=business).values_list("role", flat=True))
        assert named - {"carrier", "payment", "timer", "system"} <= filled, business.slug
    people = Membership.objects.values_list("person__name", "person__email")
    assert [email for name, email in people if not name or not email.endswith("example.test")] == []


def test_all_of_it_stands_in_the_history_and_the_chain_holds(demo_world: Any) -> None:
    assert {slug: history.verify(business.pk) for slug, business in demo_world.items()} == dict.fromkeys(
        demo_world
    )
    for model in (Order, Item, Parcel, Haul, Case):
        for pk, state in model._default_manager.values_list("pk", "state"):
            told = Record.objects.filter(subject_id=pk).order_by("sequence").last()
            # An item is told of with its order; everything later by its own records.
            assert told.to_state == state if told else model is Item, (model.__name__, pk, state)


def test_history_and_money_are_told_in_the_order_of_time(demo_world: Any) -> None:
    for business in demo_world.values():
        at = list(
            Record.objects.filter(business_id=business.pk).order_by("sequence").values_list("at", flat=True)
        )
        assert at == sorted(at), business.slug
        assert at[-1] <= NOW
    made = EntrySet.objects.order_by("business", "pk").values_list("business", "created_at")
    assert list(made) == sorted(made)


def test_the_ledger_is_sound_and_agrees_with_the_states(demo_world: Any) -> None:
    assert ledger.audit() == []
    refused = Item.objects.filter(state__in=["cannot_supply", "withdrawn"])
    for business in demo_world.values():
        ids = list(refused.filter(business=business).values_list("pk", flat=True))
        assert ledger.sums(business, "item", ids) == {}


def test_balances_are_what_the_stories_say(demo_world: Any) -> None:
    buyout, market = demo_world["buyout"], demo_world["marketplace"]
    boris = Membership.objects.get(business=buyout, person__email="boris@dom-i-sad.example.test").person
    debits = Item.objects.filter(business=buyout, order__reseller=boris)
    taken = sum(item.debited_goods_minor + item.debited_fee_minor for item in debits)
    balance = ledger.balance(buyout, Ref(CUSTOMER_BALANCE, boris.pk, "RUB"))
    assert balance == Money(8_500_000 - taken, "RUB")
    assert taken > 0
    milena = Membership.objects.get(business=market, role="seller", person__name="Милена Петкова").person
    # The bank sent her payout back and the next one took it again; the commission of a sale at the door is owed.
    assert ledger.balance(market, Ref(SELLER_AVAILABLE, milena.pk, "EUR")).minor <= 0


def test_a_second_run_changes_nothing(demo_world: Any) -> None:
    before = counted()
    told = demo.build(NOW + timedelta(hours=1))
    assert counted() == before
    assert told[0] == "Мост Гуанчжоу: http://localhost:8000/buyout/"
    assert "  reseller   boris@dom-i-sad.example.test, oksana@mala-kramnytsia.example.test" in told


def test_no_deadline_is_left_over_or_could_not_be_kept(demo_world: Any) -> None:
    assert deadlines.run_due_timers(NOW) == 0
    assert not Timer.objects.filter(due_at__lte=NOW).exists()
    assert list(Timer.objects.exclude(problem="").values_list("name", "problem")) == []


def test_some_pieces_of_a_line_went_ahead(demo_world: Any) -> None:
    parts = Item.objects.filter(origin__isnull=False).order_by("business__slug", "number")
    assert [(part.number, part.quantity, part.origin.quantity) for part in parts] == [
        ("1b", 2, 1),
        ("1b", 2, 1),
    ]  # type: ignore[union-attr]


def test_parcels_carry_the_numbers_of_the_simulators_stories(demo_world: Any) -> None:
    known = {story.number for story in stories.stories()}
    carried = set(Alias.objects.filter(level="parcel").values_list("number", flat=True))
    assert len(carried & known) >= 8
    assert carried & known >= {"RB556626341CN", "LB377973125CN", "EE495977191KZ"}


def test_what_was_delivered_is_delivered_for_the_simulator_too(demo_world: Any) -> None:
    """Else the next answer of a simulated carrier would contradict the page."""
    simulated = World(Clock(NOW, speed=0), GENEROUS)
    delivered = Parcel.objects.filter(state="delivered").values_list("pk", flat=True)
    numbers = Alias.objects.filter(subject_id__in=list(delivered)).values_list("number", flat=True)
    assert len(set(numbers)) >= 8
    for number in numbers:
        journey = simulated.journey(number)
        assert journey, number
        assert journey.happened(NOW)[-1].kind is Kind.DELIVERED, number


def test_invented_numbers_are_asked_of_no_real_carrier(demo_world: Any) -> None:
    """No line of this test leads to a simulator, so nobody is asked."""
    assert not Watch.objects.filter(due_at__isnull=False).exists()


def test_the_files_say_who_does_what_in_the_order_of_time() -> None:
    for name in profiles.names():
        told = plot(name)
        assert told.business["name"], name
        assert {one.role for one in told.people.values()} >= {"owner", "support"}, name
