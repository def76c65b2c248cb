"""What tests of goods need: a business with a catalogue, and somebody in each role."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sledi.accounts.access import Access
from sledi.accounts.models import Business, Membership, Person
from sledi.accounts.scopes import SCOPES
from sledi.catalogue import operations
from sledi.catalogue.models import Product
from sledi.history import Actor

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)
LAMP = {"code": "LAMP", "name": "Lamp", "price": "30.00"}


@dataclass
class Bazaar:
    business: Business
    people: dict[str, Person] = field(default_factory=dict)

    def access(self, role: str, name: str = "") -> Access:
        """Somebody in this role; another name is another person."""
        who = name or role
        if who not in self.people:
            email = f"{who}-{self.business.slug}@example.test"
            self.people[who] = Person.objects.create(email=email, name=who, created_at=NOW)
            Membership.objects.create(
                business=self.business, person=self.people[who], role=role, created_at=NOW
            )
        person = self.people[who]
        return Access(self.business, Actor("person", str(person.pk), who, role), role, person.pk, SCOPES)

    def describe(self, role: str = "platform", person: str = "", /, **said: Any) -> Product:
        return operations.describe(self.access(role, person), {**LAMP, **said}, at=NOW, cause="web")

    def change(
        self, code: str, role: str = "platform", person: str = "", /, version: int | None = None, **said: Any
    ) -> Product:
        return operations.change(
            self.access(role, person), code, said, at=NOW, cause="web", expected_version=version
        )


def new_bazaar(slug: str = "bazaar", profile: str = "marketplace") -> Bazaar:
    return Bazaar(
        Business.objects.create(
            slug=slug,
            name=slug.capitalize(),
            profile=profile,
            profile_version=1,
            country="BG",
            currency="EUR",
            language="bg",
            created_at=NOW,
        )
    )
