"""What is written to people of an order: what changed, in their language, with what their role may see and no more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.money import Money
from sledi.core.workflow import Workflow
from sledi.core.workflow.effects import letter_blank_is_hidden
from sledi.core.workflow.refusals import BLANK, filled
from sledi.history import Actor
from sledi.history.models import Record
from sledi.ledger.models import Payout
from sledi.ledger.operations.posting import money_of
from sledi.notifications.envelope import enveloped
from sledi.notifications.models import Letter
from sledi.notifications.silencing import stop_token
from sledi.orders import links
from sledi.orders.models import Case, Content, Item, Loading, Outbox
from sledi.orders.reading.seeing import Eyes
from sledi.orders.reading.shapes import FieldValue, Told
from sledi.orders.showing import amount, named
from sledi.parcels.models import Alias, AliasKind
from sledi.web import dates

NAMED_MAX = 3
"""Things that are named in a subject; more of them are listed in the letter alone."""


@dataclass(frozen=True, slots=True)
class News:
    """One change as its reader gets it: of one thing, or of several that did the same at the same moment.

    What the headline says already is left out of the rest.
    """

    headline: str
    things: tuple[str, ...]
    state: str
    about: str
    numbers: tuple[str, ...]
    note: str


def send(letter: Letter, now: datetime) -> None:
    """Send one letter. Raises OSError (smtplib's errors are) when the mail server does not take it."""
    with translation.override(letter.language):
        message = written(letter, now)
        message.send()
    Letter.objects.filter(pk=letter.pk).update(subject=message.subject)


def written(letter: Letter, now: datetime) -> EmailMultiAlternatives:
    """The letter as it goes out, in the language that is active."""
    news = _Desk(letter, now).news()
    stop_url = settings.SITE_URL + reverse(
        "notifications:letters", args=[stop_token(letter.business_id, letter.email)]
    )
    facts = {
        "news": news,
        "name": named("order", letter.order.number) if letter.order else "",
        "page_url": _page_url(letter, now),
        "role": roles.NAMES[letter.role],
        "stop_url": stop_url,
    }
    return enveloped(letter, "order", news[0].headline, facts, now, stop_url=stop_url)


def _page_url(letter: Letter, now: datetime) -> str:
    """Where the reader sees it all: his page, or a link that asks for no account; "" when that was taken back."""
    order, slug = letter.order, letter.business.slug
    if order is None:
        return settings.SITE_URL + reverse("orders:home", args=[slug])
    if letter.role == roles.END_BUYER or letter.person is None:
        return links.for_letter(order, letter.role, now)
    return settings.SITE_URL + reverse("orders:thing", args=[slug, "orders", order.number])


class _Desk:
    """One letter being written: what changed, read with the eyes of its reader."""

    def __init__(self, letter: Letter, now: datetime) -> None:
        self.letter, self.now = letter, now
        self.order = letter.order
        self.language = letter.language
        self.eyes = Eyes(
            Access(
                letter.business,
                Actor("person", str(letter.person_id or ""), role=letter.role),
                letter.role,
                letter.person_id,
                frozenset(),
                order_id=letter.order_id,
            )
        )
        root: Any = letter.order or letter.business
        self.workflow: Workflow = profiles.workflow(root.profile, root.profile_version)
        self.hidden = self.eyes.hidden(self.workflow)

    def news(self) -> list[News]:
        """What changed, first what the profile has words for, then the order itself, then what lies in it."""
        lines = self.letter.lines.select_related("change").order_by("change__created_at", "change")
        changes = [line.change for line in lines]
        groups: dict[tuple[str, str, str], list[Outbox]] = {}
        for change in changes:
            groups.setdefault((change.level, change.act, change.to_state), []).append(change)
        ranked = sorted(
            groups.values(), key=lambda group: (not self._words(group), group[0].level != "order")
        )
        return [self._told(group) for group in ranked]

    def _told(self, changes: Sequence[Outbox]) -> News:
        first = changes[0]
        told = self._record(first)
        things = self._things(changes)
        state, about = self._state(first, told)
        numbers = self._numbers(changes)
        note = told.note if told else ""
        own = self._sentence(changes, self._blanks(first, told, things, state, numbers))
        headline = own or self._plain(things, state)
        return News(
            headline=headline,
            things=tuple(one for one in things if len(things) > 1 or one not in headline),
            state="" if state in headline else state,
            about="" if own else about,  # the profile has said what there is to say
            numbers=tuple(number for number in numbers if number not in headline),
            note="" if note in headline else note,
        )

    # --- words ------------------------------------------------------------------------------------------------

    def _words(self, changes: Sequence[Outbox]) -> Mapping[str, str]:
        words: Mapping[str, str] = changes[0].words.get(self.letter.role, {})
        return words

    def _sentence(self, changes: Sequence[Outbox], blanks: Mapping[str, str]) -> str:
        """The profile's own words; "" where it has none, or something they need is not there or not his to see."""
        text = self.workflow.words(self._words(changes), self.language)
        needed = set(BLANK.findall(text))
        if any(not blanks.get(blank) or letter_blank_is_hidden(blank, self.hidden) for blank in needed):
            return ""
        return filled(text, self.language, blanks)

    def _plain(self, things: Sequence[str], state: str) -> str:
        if self.order is None:
            return _("%(thing)s: %(state)s") % {"thing": ", ".join(things), "state": state}
        said = {"number": self.order.number, "thing": ", ".join(things), "state": state}
        if not 0 < len(things) <= NAMED_MAX:
            return _("Order %(number)s: %(state)s") % said
        return _("Order %(number)s, %(thing)s: %(state)s") % said

    def _state(self, change: Outbox, told: Told | None) -> tuple[str, str]:
        """What it is called now, with its explanation; what was done, where that changed no state."""
        state = self.workflow.states(change.level).get(change.to_state)
        moved = state is not None and change.from_state != change.to_state
        if not moved and told is not None and told.label:
            return self.workflow.words(told.label, self.language), ""
        if state is None:
            return change.to_state, ""
        return self.workflow.words(state.label, self.language), self.workflow.words(
            state.about, self.language
        )

    def _blanks(
        self, change: Outbox, told: Told | None, things: Sequence[str], state: str, numbers: Sequence[str]
    ) -> dict[str, str]:
        fields = {one.key: self._value(one) for one in told.fields} if told else {}
        amounts = self.eyes.amounts(self.order, self.workflow) if self.order else None
        return {
            **fields,
            "order": self.order.number if self.order else "",
            "thing": ", ".join(things) or (self.order.number if self.order else ""),
            "state": state,
            "number": ", ".join(numbers),
            "total": self._amount(amounts.total if amounts else None),
            "paid": self._amount(amounts.paid if amounts else None),
            "note": told.note if told else "",
        }

    def _value(self, one: FieldValue) -> str:
        if one.money is not None:
            return self._amount(one.money)
        if one.words:
            return self.workflow.words(one.words, self.language)
        if one.type == "photos":
            return str(len(one.value))  # how many: a letter carries none of them
        if one.type == "date":
            return dates.day(datetime.fromisoformat(str(one.value)).date(), self.language, self.now.date())
        return str(one.value)

    def _amount(self, money: Money | None) -> str:
        return amount(money, self.language) if money is not None else ""

    # --- what moved -------------------------------------------------------------------------------------------

    def _record(self, change: Outbox) -> Told | None:
        """The history's line of a change, as far as the reader is told it."""
        record = (
            Record.objects.filter(
                business_id=change.business_id,
                root_id=change.root_id,
                subject_id=change.subject_id,
                act=change.act,
                to_state=change.to_state,
                at=change.created_at,
            )
            .order_by("-sequence")
            .first()
        )
        currency = self.order.currency if self.order else self.letter.business.currency
        return self.eyes.told(record, self.workflow, "", currency) if record else None

    def _things(self, changes: Sequence[Outbox]) -> tuple[str, ...]:
        """What they are called; nothing for the order itself, or what holds it among others."""
        ids = [change.subject_id for change in changes]
        match changes[0].level:
            case "item":
                items = Item.objects.filter(pk__in=ids).order_by("line", "number")
                return tuple(
                    f"{item.name} ×{item.quantity}" if item.quantity > 1 else item.name for item in items
                )
            case "case":
                numbers = (
                    Case.objects.filter(pk__in=ids).order_by("opened_at").values_list("number", flat=True)
                )
                return tuple(named("case", number) for number in numbers)
            case "payout":
                payouts = Payout.objects.filter(pk__in=ids)
                return tuple(
                    _("Payout of %(amount)s")
                    % {"amount": amount(money_of(payout.total, payout.currency), self.language)}
                    for payout in payouts
                )
        return ()

    def _numbers(self, changes: Sequence[Outbox]) -> tuple[str, ...]:
        """The tracking numbers that what moved carries now. The way back is told only of what goes back."""
        ids = {change.subject_id for change in changes} | self._packed(changes)
        rows = Alias.objects.filter(business=self.letter.business, subject_id__in=ids, until=None)
        if changes[0].level != "case":
            rows = rows.exclude(kind=AliasKind.RETURN)
        kinds = rows.order_by("since", "pk").values_list("kind", "number")
        shown = [number for kind, number in kinds if not any(key.startswith(kind) for key in self.hidden)]
        return tuple(dict.fromkeys(shown))

    def _packed(self, changes: Sequence[Outbox]) -> set[UUID]:
        """The parcels in which an order, or its items, lie."""
        ids = [change.subject_id for change in changes]
        inside: Iterable[UUID | None] = ()
        match changes[0].level:
            case "order":
                packed = Content.objects.filter(item__order__in=ids).values_list("parcel", flat=True)
                loaded = Loading.objects.filter(order__in=ids).values_list("parcel", flat=True)
                inside = packed.union(loaded)
            case "item":
                inside = Content.objects.filter(item__in=ids).values_list("parcel", flat=True)
        return {pk for pk in inside if pk}
