"""What tests of moves need: a business on a profile, somebody in each role, and orders. Time is frozen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from sledi.accounts.access import Access
from sledi.accounts.models import Business, Person
from sledi.core.money import Money
from sledi.history import Actor
from sledi.history.tests.unlocked import empty
from sledi.ledger.operations.payments import top_up
from sledi.orders.models import Item, Order
from sledi.orders.moving import moves
from sledi.orders.moving.making import Line, create_order
from sledi.parcels.models import Parcel

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)
COUNTRIES = {"buyout": "RU", "retail": "RU", "tracker": "RU", "forwarder": "KZ", "marketplace": "BG"}


@dataclass
class Stage:
    """One business with its people."""

    business: Business
    people: dict[str, Person] = field(default_factory=dict)
    now: datetime = NOW

    def access(self, role: str, name: str = "") -> Access:
        """Somebody in this role; another name is another person."""
        person = self.person(name or role)
        return Access(
            self.business, Actor("person", str(person.pk), person.name, role), role, person.pk, frozenset()
        )

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = Person.objects.create(
                email=f"{name}-{self.business.slug}@example.com", name=name.capitalize(), created_at=NOW
            )
        return self.people[name]

    def order(self, *lines: Line, **facts: Any) -> Order:
        """An order that belongs to the buyer, reseller and seller of this business, placed by the system."""
        people: dict[str, Any] = {
            "buyer_id": self.person("buyer").pk,
            "reseller_id": self.person("reseller").pk,
            "recipient_id": self.person("end_buyer").pk,
        }
        return create_order(
            moves.as_machine(self.business, "system"),
            lines or (Line("Kettle", unit_price_minor=3000, fee_minor=300),),
            at=self.now,
            cause="system",
            **{**people, **facts},
        )

    def fund(self, amount: int, reference: str = "T1", person: str = "reseller") -> None:
        top_up(
            self.business,
            customer_id=self.person(person).pk,
            provider="bank",
            money=Money(amount, self.business.currency),
            key=f"topup:{reference}",
            actor=Actor("payment", "bank"),
            created_at=self.now,
            reference=reference,
        )

    def move(
        self, role: str, level: str, pk: UUID, name: str, supplied: Any = None, **more: Any
    ) -> moves.Moved:
        access = more.pop("access", None) or self.access(role)
        return moves.move(access, level, pk, name, supplied, at=self.now, cause="web", **more)

    def later(self, **duration: float) -> None:
        self.now += timedelta(**duration)

    def put(self, row: Order | Item | Parcel, state: str) -> None:
        """Place a row in a state, past all moves: where a test begins."""
        type(row).objects.filter(pk=row.pk).update(state=state)
        row.state = state


@pytest.fixture
def stage(db: None, request: pytest.FixtureRequest) -> Stage:
    """A business of the profile a test is parametrised with; a buyout otherwise."""
    return new_stage(getattr(request, "param", "buyout"))


def new_stage(profile: str, slug: str = "") -> Stage:
    business = Business.objects.create(
        slug=slug or profile,
        name=profile.capitalize(),
        profile=profile,
        profile_version=1,
        country=COUNTRIES.get(profile, "KZ"),
        currency="RUB",
        language="ru",
        created_at=NOW,
    )
    return Stage(business)


@pytest.fixture
def committed_stage(transactional_db: None) -> Iterator[Stage]:
    """A buyout, in a test with real commits."""
    yield new_stage("buyout")
    empty()
