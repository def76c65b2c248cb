"""One reader's eyes: which fields, records and names a role of a business gets to see."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Q

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.money import Money
from sledi.core.workflow import Field, Possible, Words, Workflow, visible_states
from sledi.history.models import Record
from sledi.orders.models import Order
from sledi.orders.moving import making, motion
from sledi.orders.moving.scene import Subject, level_of
from sledi.orders.reading.shapes import Amounts, FieldValue, Thing, Told
from sledi.parcels.measures import volumetric_g
from sledi.parcels.models import Alias, Parcel

_NOTE, _TOTAL = "note", "goods_total"
_LEVELS_OF_STAFF = ("haul",)
_DIVISOR = "volumetric_divisor"
"""The setting that says how many cubic centimetres of a parcel count as a kilogram."""
_SIZE = frozenset({"length_mm", "width_mm", "height_mm"})
_PLAIN: Mapping[str, Words] = {
    making.MADE: {"ru": "Создано", "en": "Made", "bg": "Създадено", "kk": "Жасалды", "uk": "Створено"},
    motion.DERIVED: {
        "ru": "Состояние изменилось вслед за вложенным",
        "en": "The state followed from what is inside",
        "bg": "Състоянието следва от съдържанието",
        "kk": "Күй ішіндегілерге қарай өзгерді",
        "uk": "Стан змінився слідом за вмістом",
    },
    motion.SPLIT: {
        "ru": "Часть штук отделена",
        "en": "Some pieces were parted",
        "bg": "Част от бройките са отделени",
        "kk": "Дананың бір бөлігі бөлінді",
        "uk": "Частину штук відокремлено",
    },
    "document_issued": {
        "ru": "Документ выдан",
        "en": "A document was issued",
        "bg": "Издаден е документ",
        "kk": "Құжат берілді",
        "uk": "Документ видано",
    },
    "link_made": {
        "ru": "Сделана ссылка для конечного покупателя",
        "en": "A link for the end buyer was made",
        "bg": "Създадена е връзка за крайния купувач",
        "kk": "Соңғы сатып алушыға сілтеме жасалды",
        "uk": "Зроблено посилання для кінцевого покупця",
    },
    "link_revoked": {
        "ru": "Ссылка для конечного покупателя отозвана",
        "en": "The link for the end buyer was taken back",
        "bg": "Връзката за крайния купувач е оттеглена",
        "kk": "Соңғы сатып алушының сілтемесі қайтарып алынды",
        "uk": "Посилання для кінцевого покупця відкликано",
    },
    making.LOADED: {
        "ru": "Погружено",
        "en": "Loaded",
        "bg": "Натоварено",
        "kk": "Тиелді",
        "uk": "Завантажено",
    },
    making.UNLOADED: {
        "ru": "Выгружено",
        "en": "Unloaded",
        "bg": "Разтоварено",
        "kk": "Түсірілді",
        "uk": "Вивантажено",
    },
}
"""Acts that are no moves of a profile, in words."""

EVENT, CARRIER, MOMENT = "event", "carrier", "moment"
"""Types of what a carrier's word is kept with; no field of a profile has them."""
_HEARD: Mapping[str, Field] = {
    "heard_number": Field(
        "heard_number",
        "tracking_number",
        {"ru": "Номер", "en": "Number", "bg": "Номер", "kk": "Нөмір", "uk": "Номер"},
    ),
    "heard_from": Field(
        "heard_from",
        CARRIER,
        {
            "ru": "Перевозчик",
            "en": "Carrier",
            "bg": "Превозвач",
            "kk": "Тасымалдаушы",
            "uk": "Перевізник",
        },
    ),
    "heard_code": Field(
        "heard_code",
        EVENT,
        {"ru": "Событие", "en": "Event", "bg": "Събитие", "kk": "Оқиға", "uk": "Подія"},
    ),
    "heard_at": Field(
        "heard_at",
        MOMENT,
        {"ru": "Когда", "en": "When", "bg": "Кога", "kk": "Қашан", "uk": "Коли"},
    ),
}
"""The evidence of a move that a carrier's scan made."""


def sees_contact(access: Access) -> bool:
    """Whether this reader may know how the recipient is reached. A seller only needs to know where to send to."""
    return access.role != roles.SELLER


class Eyes:
    """What an access may see beside the rows themselves. Workflows are looked up once."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.business = access.business
        self._workflows: dict[tuple[str, int], Workflow] = {}

    def workflow(self, profile: str, version: int) -> Workflow:
        if (profile, version) not in self._workflows:
            self._workflows[profile, version] = profiles.workflow(profile, version)
        return self._workflows[profile, version]

    @property
    def present(self) -> Workflow:
        """The workflow that the business begins new orders with."""
        return self.workflow(self.business.profile, self.business.profile_version)

    def hidden(self, workflow: Workflow) -> frozenset[str]:
        return workflow.hidden_fields(self.access.role)

    def thing(
        self,
        subject: Subject,
        workflow: Workflow,
        numbers: Iterable[Alias] = (),
        actions: Iterable[Possible] = (),
        currency: str = "",
    ) -> Thing:
        """A row with what the profile says of it and what this reader may do with it."""
        hidden = self.hidden(workflow)
        currency = currency or (subject.currency if isinstance(subject, Order) else self.business.currency)
        return Thing(
            subject,
            workflow,
            tuple(numbers),
            tuple(self._values(_fields_of(workflow, level_of(subject)), subject.fields, hidden, currency)),
            tuple(actions),
            hidden,
            currency,
            volumetric_g=self._volumetric_g(subject, workflow) if _SIZE.isdisjoint(hidden) else None,
        )

    def _volumetric_g(self, subject: Subject, workflow: Workflow) -> int | None:
        """What a measured parcel counts as, where the profile has a divisor for it."""
        divisor = workflow.settings_with(self.business.settings).get(_DIVISOR)
        sides = (
            (subject.length_mm, subject.width_mm, subject.height_mm) if isinstance(subject, Parcel) else ()
        )
        if not isinstance(divisor, int) or not sides or None in sides:
            return None
        length, width, height = (side or 0 for side in sides)
        return volumetric_g(length, width, height, divisor)

    def amounts(self, order: Order, workflow: Workflow) -> Amounts:
        """What an order costs. Whoever does not see the price of the goods sees no sum that contains it."""
        hidden = self.hidden(workflow)

        def shown(minor: int, *keys: str) -> Money | None:
            return None if hidden & {*keys} else Money(minor, order.currency)

        return Amounts(
            goods=shown(order.goods_minor, _TOTAL),
            fee=shown(order.fee_minor, "fee", "fee_total"),
            shipping=shown(order.shipping_minor, _TOTAL, "shipping_total"),
            total=shown(order.total_minor, _TOTAL, "fee", "total"),
            paid=shown(order.paid_minor, _TOTAL, "fee", "paid"),
            refunded=shown(order.refunded_minor, _TOTAL, "fee", "refunded"),
        )

    # --- history ----------------------------------------------------------------------------------------------

    def records(self, workflow: Workflow | None = None) -> Q:
        """The records that this reader is told: of states that he sees, by the present profile or an order's own."""
        told, seen_by = Q(), workflow or self.present
        for level in seen_by.levels:
            states = visible_states(seen_by, level, self.access.role)
            if states is not None:
                told &= ~Q(level=level) | Q(to_state__in=sorted(states))
        if self.access.role not in roles.STAFF:
            told &= ~Q(level__in=_LEVELS_OF_STAFF)
        return told

    def told(self, record: Record, workflow: Workflow, number: str, currency: str) -> Told:
        """A record in words, without the fields that are hidden from this reader."""
        hidden = self.hidden(workflow)
        known = workflow.levels.keys() & {record.level}
        states = workflow.states(record.level) if known else {}
        transition = workflow.transitions(record.level).get(record.act) if known else None
        timer = workflow.timers(record.level).get(record.act) if known else None
        label = transition.label if transition else timer.label if timer else _PLAIN.get(record.act, {})
        fields = {field.key: field for field in transition.fields} if transition else {}
        if record.actor_kind == "carrier":
            fields |= _HEARD
        return Told(
            record,
            number,
            label,
            states.get(record.from_state),
            states.get(record.to_state),
            "" if _NOTE in hidden else record.note,
            tuple(self._values(fields, record.after, hidden, currency)),
            record.actor_name if self._knows(record) else "",
            tuple(self._values(fields, record.before, hidden, currency)),
        )

    def _knows(self, record: Record) -> bool:
        """Names of people are told to staff, and to everybody his own; machines have no privacy."""
        return (
            self.access.role in roles.STAFF
            or record.actor_kind not in ("person", "key")
            or record.actor_id == str(self.access.person_id)
        )

    def _values(
        self, known: Mapping[str, Field], values: Mapping[str, Any], hidden: frozenset[str], currency: str
    ) -> Iterable[FieldValue]:
        for key, field in known.items():
            if key in values and key not in hidden and key != _NOTE:
                yield _value(field, values[key], currency)


def _value(field: Field, value: Any, currency: str) -> FieldValue:
    is_amount = field.type == "money" and isinstance(value, int)
    return FieldValue(
        field.key,
        field.type,
        field.label,
        value,
        words=field.choices.get(str(value), {}) if field.type == "choice" else {},
        money=Money(value, field.currency or currency) if is_amount else None,
    )


def _fields_of(workflow: Workflow, level: str) -> dict[str, Field]:
    """Every field that moves of a level ask for, in the profile's order; a choice with what any of them offers."""
    found: dict[str, Field] = {}
    for transition in workflow.transitions(level).values():
        for field in transition.fields:
            known = found.setdefault(field.key, field)
            if field.choices.keys() - known.choices.keys():
                found[field.key] = replace(known, choices={**known.choices, **field.choices})
    return found
