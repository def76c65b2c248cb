"""Acting out a plot: every step goes through the operation that a person or a machine would use, at its time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction

from sledi import profiles
from sledi.accounts import operations as accounts
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business, Person
from sledi.accounts.scopes import SCOPES
from sledi.catalogue import operations as catalogue
from sledi.catalogue.models import Product
from sledi.core import money
from sledi.core.workflow import Workflow
from sledi.history import Actor
from sledi.ledger import charts
from sledi.ledger.models import Payment, Payout
from sledi.ledger.operations import refund_payment, save_bank_account
from sledi.orders.automatic import events
from sledi.orders.demo.stories import Character, Plot, Step, Thing
from sledi.orders.models import Case, Content, Item, Loading, Order
from sledi.orders.money import payments, payouts
from sledi.orders.moving import choosing, import_bans, making, moves
from sledi.orders.moving.making import Line
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.scene import Subject, open_scene
from sledi.orders.moving.writing import write
from sledi.parcels.models import Haul, Parcel

SYSTEM = Actor("system", role="system")
OPENED_AGO = timedelta(days=1)
"""So long before the first thing that happens, a business is opened."""
DAYS = "days"
"""The key of a day in a field, counted from the present."""
OWN = "own"
"""The key of a field that is filled with what its thing holds: nobody knows a code before it is drawn."""


@dataclass(frozen=True, slots=True)
class _Scheduled:
    """Something to do: a step, of a thing or of none; without a step the thing is made."""

    at: datetime
    thing: Thing | None
    step: Step | None


@dataclass
class Stage:
    """One business of the demo while it is made."""

    plot: Plot
    now: datetime
    business: Business = field(init=False)
    people: dict[str, tuple[Person, str]] = field(default_factory=dict)  # with their roles
    made: dict[str, Order | Haul | Parcel] = field(default_factory=dict)  # by the names of the file
    items: dict[tuple[str, str], UUID] = field(default_factory=dict)  # by order and number
    numbers: set[str] = field(default_factory=set)  # of carriers, that somebody is to be asked about
    paid: int = 0
    products: dict[str, Product] = field(default_factory=dict)  # by their codes

    def act(self) -> set[str]:
        """Do everything in the order of time; the carriers' numbers that were given come back.

        Inside a transaction. Raises what the operations raise: then the plot does not fit its profile.
        """
        began = self.now - timedelta(days=self._earliest()) - OPENED_AGO
        facts = {"settings": {}, **self.plot.business}
        self.business = accounts.open_business(
            began, by=SYSTEM, cause="system", slug=self.plot.profile, profile=self.plot.profile, **facts
        )
        for key, character in self.plot.people.items():
            self._cast(key, character, began)
        for said in self.plot.products:
            self._describe(said, began)
        for act in self._acts():
            act()
        return self.numbers

    def _earliest(self) -> float:
        return max([*(thing.ago for thing in self.plot.things), *(step.ago for step in self.plot.together)])

    def _cast(self, key: str, character: Character, at: datetime) -> None:
        member = accounts.invite(
            self.business, character.email, character.role, at, by=SYSTEM, cause="system"
        )
        person = member.person
        person.name, person.language = character.name, character.language
        person.save(update_fields=["name", "language"])
        self.people[key] = (person, character.role)
        if character.iban:
            save_bank_account(
                self.business,
                person.pk,
                character.iban,
                hold=timedelta(0),
                actor=Actor("person", str(person.pk), person.name, character.role),
                cause="web",
                at=at,
            )

    def _describe(self, said: Mapping[str, Any], at: datetime) -> None:
        given = {key: value for key, value in said.items() if key != "by"}
        made = catalogue.describe(self._access(said["by"]), given, at=at, cause="web")
        self.products[made.code] = made

    def _acts(self) -> Iterator[Callable[[], None]]:
        """What is to be done, oldest first; the same move by the same person at the same moment is one bulk move."""
        for at, group in groupby(sorted(self._scheduled(), key=lambda one: one.at), key=lambda one: one.at):
            bulk: dict[tuple[str, str], list[tuple[Thing, Step]]] = {}
            for one in group:
                if one.step is None or one.thing is None or not self._is_bulk(one.step):
                    yield partial(self._one, one)
                    continue
                who = self._key_of(one.step.who, one.thing)
                bulk.setdefault((who, one.step.what), []).append((one.thing, one.step))
            for steps in bulk.values():
                yield partial(self._move, steps, at)

    def _scheduled(self) -> Iterator[_Scheduled]:
        for thing in self.plot.things:
            yield _Scheduled(self._moment(thing.ago), thing, None)
            yield from (_Scheduled(self._moment(step.ago), thing, step) for step in thing.steps)
        yield from (_Scheduled(self._moment(step.ago), None, step) for step in self.plot.together)

    def _one(self, one: _Scheduled) -> None:
        if one.step is None:
            assert one.thing is not None
            self._make(one.thing, one.at)
        elif one.thing is None:
            self._together(one.step, one.at)
        else:
            self._step(one.thing, one.step, one.at)

    def _is_bulk(self, step: Step) -> bool:
        """Whether a step may share a transaction with others like it: parts of an item move alone."""
        return "." in step.what and not any("x" in whom for whom in step.whom)

    def _moment(self, ago: float) -> datetime:
        return self.now - timedelta(days=ago)

    # --- making ---------------------------------------------------------------------------------------------------

    def _make(self, thing: Thing, at: datetime) -> None:
        if thing.kind == "order":
            self.made[thing.name] = self._order(thing, at)
        elif "opens" in thing.facts:
            opens = thing.facts["opens"]
            access = self._access(opens["by"])
            supplied = self._fields(opens["with"])
            self.made[thing.name] = making.create_container(
                access, thing.kind, supplied, at=at, cause="web", name=opens.get("move", "open")
            )
        else:
            self.made[thing.name] = self._track(thing, at)

    def _order(self, thing: Thing, at: datetime) -> Order:
        facts = dict(thing.facts)
        placer = next(role for role in (roles.BUYER, roles.RESELLER) if role in facts)
        access = self._access(facts.pop(placer))
        for role, column in _PEOPLE_OF_AN_ORDER.items():
            if role in facts:
                facts[column] = self.people[facts.pop(role)][0].pk
        lines = [self._line(row) for row in facts.pop("lines")]
        shipping = self._minor(facts.pop("shipping", "0"))
        order = making.create_order(access, lines, at=at, cause="web", shipping_minor=shipping, **facts)
        for number, pk in Item.objects.filter(order=order).values_list("number", "pk"):
            self.items[thing.name, number] = pk
        return order

    def _line(self, row: Mapping[str, Any]) -> Line:
        facts = dict(row)
        if "product" in facts:
            said = choosing.facts_of(self.products[facts.pop("product")])
            price, marks = said.pop(choosing.PRICE), said.pop("marks", "")
            return Line(unit_price_minor=price, flags=marks.split(), **said, **facts)
        price, fee = self._minor(facts.pop("price")), self._minor(facts.pop("fee", "0"))
        return Line(unit_price_minor=price, fee_minor=fee, **facts)

    def _track(self, thing: Thing, at: datetime) -> Parcel:
        """A number that somebody pasted before he had an account: nobody's own."""
        access = moves.as_machine(self.business, "system")
        parcel = making.create_container(access, "track", at=at, cause="web")
        assert isinstance(parcel, Parcel)
        with transaction.atomic():
            motion = Motion(open_scene(access, "track", [parcel.pk]), at, "web")
            motion.give_number(
                motion.scene.subjects[parcel.pk], "international_number", thing.facts["number"]
            )
            write(motion)
        self.numbers.add(thing.facts["number"])
        return parcel

    # --- a step of one thing --------------------------------------------------------------------------------------

    def _step(self, thing: Thing, step: Step, at: datetime) -> None:
        match step.what:
            case "pays":
                self._pay(thing, step, at)
            case "declines":
                payments.payment_failed(self.business, step.who, self.made[thing.name].pk, at)
            case "says":
                self._say(thing, step, at)
            case "loads":
                orders = [self.made[name].pk for name in step.whom]
                access = self._access(step.who)
                making.load(access, thing.kind, self.made[thing.name].pk, orders, at=at, cause="web")
            case _:
                self._move_part(thing, step, at)

    def _move(self, steps: Sequence[tuple[Thing, Step]], at: datetime) -> None:
        """The same move of whatever these steps name."""
        thing, step = steps[0]
        level, _, name = step.what.partition(".")
        rows = [
            moves.Row(self._subject_id(of, level, name, whom), self._fields(one.fields, of))
            for of, one in steps
            for whom in one.whom or ("",)
        ]
        self._move_rows(self._access(step.who, thing), level, rows, name, at)

    def _move_rows(
        self, access: Access, level: str, rows: Sequence[moves.Row], name: str, at: datetime
    ) -> None:
        for outcome in moves.move_many(access, level, rows, name, at=at, cause=_cause(access)):
            if outcome.refusal is not None:
                raise outcome.refusal

    def _move_part(self, thing: Thing, step: Step, at: datetime) -> None:
        """Some pieces of an item, ``1x2``, and other items with them."""
        level, _, name = step.what.partition(".")
        access, supplied = self._access(step.who, thing), self._fields(step.fields)
        for whom in step.whom:
            number, _, pieces = whom.partition("x")
            pk, quantity = self._subject_id(thing, level, name, number), int(pieces) if pieces else None
            moves.move(access, level, pk, name, supplied, at=at, cause=_cause(access), quantity=quantity)

    def _subject_id(self, thing: Thing, level: str, name: str, number: str) -> UUID:
        """What a step moves; of a move that makes something, the order it is made for."""
        transition = self._workflow.transitions(level)[name]
        if transition.creates or level == thing.kind:
            return self.made[thing.name].pk
        if level == "item":
            return self._item_id(thing.name, number)
        return _inside(self.made[thing.name], level)[int(number or 1) - 1]

    def _item_id(self, order: str, number: str) -> UUID:
        if (order, number) not in self.items:  # a part that was split off
            rows = Item.objects.filter(order=self.made[order].pk).values_list("number", "pk")
            self.items.update({(order, found): pk for found, pk in rows})
        return self.items[order, number]

    def _say(self, thing: Thing, step: Step, at: datetime) -> None:
        """A carrier's news, told to what carries the number as tracking would tell it."""
        status, *which = step.whom
        subject = self._hearing(thing, *which)
        evidence = {"heard_status": status, "heard_at": at.isoformat(), **(step.fields or {})}
        if status == "DELIVERED":
            evidence["delivered_at"] = at.isoformat()
        told = events.tell(
            self.business,
            self._workflow,
            subject,
            status,
            role="carrier",
            name=step.who,
            at=at,
            supplied=dict.fromkeys(
                ("number", "local_number", "international_number"), self._number_of(subject)
            ),
            evidence=evidence,
        )
        assert told.moved, f"{thing.name}: nothing moves at {status}"

    def _hearing(self, thing: Thing, level: str = "", number: str = "") -> Subject:
        kind = level or {"order": "parcel"}.get(thing.kind, thing.kind)
        model: Any = {"item": Item, "order": Order, "haul": Haul}.get(kind, Parcel)
        if kind in (thing.kind, "order"):
            pk = self.made[thing.name].pk
        elif kind == "item":
            pk = self._item_id(thing.name, number)
        else:
            pk = _inside(self.made[thing.name], kind)[int(number or 1) - 1]
        found: Subject = model.objects.get(pk=pk)
        return found

    def _number_of(self, subject: Subject) -> str:
        fields = subject.fields
        return next((fields[key] for key in _NUMBERS if key in fields), "")

    # --- money ----------------------------------------------------------------------------------------------------

    def _pay(self, thing: Thing, step: Step, at: datetime) -> None:
        order, amount = self.made[thing.name].pk, self._money(step.fields)
        payments.payment_paid(self.business, step.who, self._reference(), amount, order, at)

    def _reference(self) -> str:
        self.paid += 1
        return f"demo-{self.plot.profile}-{self.paid:03}"

    def _money(self, text: str) -> money.Money:
        return money.parse(text, self.business.currency)

    def _minor(self, text: str) -> int:
        return self._money(text).minor

    def _together(self, step: Step, at: datetime) -> None:
        match step.what:
            case "tops_up":
                person = self.people[step.whom[0]][0]
                amount = self._money(step.fields)
                payments.topped_up(self.business, step.who, self._reference(), amount, person.pk, at)
            case "pays_out":
                payouts.run(self.business, at)
            case "payout.settle" | "payout.fail":
                self._move_payouts(step, at)
            case "sends_back":
                self._send_back(step, at)
            case "forbids_import":
                import_bans.keep_rule(self._access(step.who), step.fields, at=at, cause="web")
            case _:
                self._move_many(step, at)

    def _move_payouts(self, step: Step, at: datetime) -> None:
        """What became of the payouts that are on their way."""
        access, name = self._access(step.who), step.what.partition(".")[2]
        for payout in Payout.objects.filter(business=self.business, status=Payout.IN_TRANSIT):
            payouts.move(access, payout.pk, name, self._fields(step.fields), at=at, cause="web")

    def _send_back(self, step: Step, at: datetime) -> None:
        """What a sale gave up goes back to the buyer the way it came."""
        order = Order.objects.get(pk=self.made[step.whom[0]].pk)
        payments_of_it = Payment.objects.filter(business=self.business, sets__entries__subject_id=order.pk)
        payment = payments_of_it.distinct().get()
        refund_payment(
            self.business,
            payment_id=payment.pk,
            money=money.Money(order.refunded_minor, order.currency),
            source=charts.Ref(charts.CLEARING, None, order.currency),
            subject_level="order",
            subject_id=order.pk,
            key=f"send-back:{order.pk}",
            actor=SYSTEM,
            created_at=at,
            reference=order.number,
        )

    def _move_many(self, step: Step, at: datetime) -> None:
        level, _, name = step.what.partition(".")
        given = step.fields or {}
        each = given.get("each", {})
        shared = {key: value for key, value in given.items() if key != "each"}
        rows = [
            moves.Row(self.made[one].pk, self._fields({**shared, **each.get(one, {})})) for one in step.whom
        ]
        self._move_rows(self._access(step.who), level, rows, name, at)

    # --- who and what ---------------------------------------------------------------------------------------------

    @property
    def _workflow(self) -> Workflow:
        return profiles.workflow(self.business.profile, self.business.profile_version)

    def _access(self, who: str, thing: Thing | None = None) -> Access:
        """Somebody by his key in the file, by his role (the order's own, else the first), or a machine."""
        if who in _MACHINES:
            return moves.as_machine(self.business, who)
        person, role = self.people[self._key_of(who, thing)]
        actor = Actor("person", str(person.pk), person.name, role)
        return Access(self.business, actor, role, person.pk, SCOPES)

    def _key_of(self, who: str, thing: Thing | None) -> str:
        if who in _MACHINES or who in self.people:
            return who
        own = thing.facts.get(who) if thing else None
        if isinstance(own, str):
            return own
        return next(key for key, (_, role) in self.people.items() if role == who)

    def _fields(self, fields: Mapping[str, Any] | None, thing: Thing | None = None) -> dict[str, Any]:
        given = {key: self._value(value, thing) for key, value in (fields or {}).items()}
        self.numbers |= {str(value) for key, value in given.items() if key in _NUMBERS}
        return given

    def _value(self, value: Any, thing: Thing | None) -> Any:
        if isinstance(value, Mapping) and OWN in value and thing is not None:
            made = self.made[thing.name]
            made.refresh_from_db(fields=["fields"])
            return made.fields[value[OWN]]
        if isinstance(value, Mapping) and DAYS in value:
            return (self.now + timedelta(days=value[DAYS])).date().isoformat()
        return value


_MACHINES = frozenset({"carrier", "payment", "timer", "system"})
_NUMBERS = ("local_number", "international_number", "tracking_number", "domestic_number", "return_number")
_PEOPLE_OF_AN_ORDER = {
    roles.BUYER: "buyer_id",
    roles.RESELLER: "reseller_id",
    roles.SELLER: "seller_id",
    roles.END_BUYER: "recipient_id",
}


def _cause(access: Access) -> str:
    return access.role if access.role in _MACHINES else "web"


def _inside(order: Any, level: str) -> Sequence[UUID]:
    """The parcels or cases of an order, in the order they were made."""
    if level == "case":
        return list(Case.objects.filter(order=order.pk).order_by("opened_at").values_list("pk", flat=True))
    packed = Content.objects.filter(item__order=order.pk).values("parcel")
    loaded = Loading.objects.filter(order=order.pk, parcel__isnull=False).values("parcel")
    found = Parcel.objects.filter(pk__in=packed) | Parcel.objects.filter(pk__in=loaded)
    return list(found.order_by("created_at").values_list("pk", flat=True))
