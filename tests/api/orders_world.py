"""A business with its people, asked over REST: each role by a key of its own."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from sledi.accounts.operations import create_key, invite
from sledi.accounts.scopes import SCOPES
from sledi.history import Actor
from sledi.history.models import Record
from sledi.ledger.models import Entry
from sledi.orders.models import Case, Idempotency, Item, Order, Outbox, Task
from sledi.orders.tests.stage import NOW, Stage
from sledi.parcels.models import Haul, Parcel

SHELL = Actor("system", name="shell")
OF_ONE = ("buyer", "reseller", "seller", "end_buyer")


@dataclass
class Doors:
    """A stage, and its REST interface."""

    stage: Stage
    client: Client
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def key(self, role: str, scopes: frozenset[str] = SCOPES) -> str:
        """A key in this role; of buyers and the like for that one person."""
        name = ",".join(sorted(scopes))
        if (role, name) not in self._keys:
            person = self.stage.person(role)
            invite(self.stage.business, person.email, role, NOW, by=SHELL, cause="cli")
            _key, text = create_key(
                self.stage.business,
                f"{role} of the tests",
                role,
                sorted(scopes),
                NOW,
                person=person if role in OF_ONE else None,
                by=SHELL,
                cause="cli",
            )
            self._keys[role, name] = text
        return self._keys[role, name]

    def ask(self, method: str, path: str, role: str, body: Any = None, **headers: str) -> Any:
        """``path`` is below the business."""
        address = f"/api/v1/businesses/{self.stage.business.slug}/{path}"
        more = {"authorization": f"Bearer {self.key(role)}"}
        more |= {name.replace("_", "-"): text for name, text in headers.items()}
        if method == "get":
            return self.client.get(address, headers=more)
        return self.client.generic(
            method.upper(), address, _text(body), content_type="application/json", headers=more
        )

    def move(self, role: str, path: str, name: str, fields: Any = None, **more: Any) -> Any:
        quantity = more.pop("quantity", None)
        body = {"fields": fields or {}, **({"quantity": quantity} if quantity is not None else {})}
        return self.ask("post", f"{path}/moves/{name}", role, body, **more)


def _text(body: Any) -> bytes:
    import json

    return json.dumps({} if body is None else body).encode()


def written() -> tuple[Any, ...]:
    """How much there is of everything that a move writes, and every version."""
    counted = tuple(model._default_manager.count() for model in (Record, Entry, Outbox, Task, Idempotency))
    versions = tuple(
        sorted(model._default_manager.values_list("pk", "version", "state"))
        for model in (Order, Item, Parcel, Haul, Case)
    )
    return counted + versions
