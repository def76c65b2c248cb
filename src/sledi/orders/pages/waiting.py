"""Why an order rests though a part of it is there: the rule it waits for, and what is still missing, since when."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from sledi.orders import reading
from sledi.orders.pages.cards import Card, Missing, Wait
from sledi.web import wording


def waits(
    page: reading.OrderPage, card_of: Callable[[reading.Thing], Card], language: str, now: datetime
) -> Iterator[Wait]:
    """How far the order is, count by count. What is missing is named where the profile gives a rule for waiting."""
    words = page.order.workflow.words
    things: Mapping[str, Sequence[reading.Thing]] = {"item": page.items, "parcel": page.parcels}
    for one in page.progress:
        by_number = {thing.number: thing for thing in things[one.of]}
        named = [by_number[number] for number in one.missing] if one.notice else []
        yield Wait(
            one.of,
            words(one.words, language),
            words(one.notice, language),
            tuple(Missing(thing.number, card_of(thing), _age(thing, now)) for thing in named),
        )


def _age(thing: reading.Thing, now: datetime) -> str:
    """How long nothing has changed: what the deadlines of the last change count from."""
    return _("Last change: %(ago)s") % {"ago": wording.ago(thing.subject.changed_at, now)}
