"""Doubtful checkouts: what a provider said does not fit, nothing was booked, and people find out what is true.

Either the provider is asked again and believed when it fits now, or somebody who looked (in the provider's own office,
on the bank's statement) says what was found out: so much came, under this reference of the provider, or nothing more
came. What came is booked as every other payment is; each act is a row of history.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core import money
from sledi.core.money import Money, WrongAmount
from sledi.core.workflow import Field, Refused
from sledi.core.workflow.fields import Value, clean
from sledi.core.workflow.refusals import words
from sledi.history import Happened
from sledi.history.models import Record
from sledi.history.operations import record
from sledi.ledger.errors import KeyUsedOtherwise
from sledi.orders.models import Checkout
from sledi.orders.money import checkouts
from sledi.orders.money.accounts import LOOK
from sledi.orders.money.checkouts import NotPayable
from sledi.orders.money.payment_provider import REFERENCE_LENGTH_MAX, Paid, ProviderError
from sledi.orders.money.words import in_every_language
from sledi.orders.moving.moves import begun_again_when_met
from sledi.orders.refusals import NotYours

SEE = LOOK
"""Who reads them: those whom customers turn to with questions about their money."""
SETTLE = frozenset({roles.OWNER, roles.PLATFORM, roles.SUPERVISOR})
"""Who says what is true of them."""

LEVEL = "checkout"
"""In the history; each has a history of its own."""
ASKED, RECEIVED, NOTHING = "asked", "received", "nothing"
"""The acts. ``nothing``: no money came beyond what was booked before the doubt."""
SHOWN_MAX = 500
NOTE_LENGTH_MAX = 1000

LABELS: Mapping[str, "str | Promise"] = {
    "amount": _("Amount that came"),
    "currency": _("Another currency"),
    "reference": _("Number of the payment at the provider"),
    "note": _("What was found out, and where"),
}


def doubtful(access: Access) -> list[Checkout]:
    """Those that wait for people, the longest waiting first. Raises NotYours for whom they are none of his."""
    if access.role not in SEE:
        raise NotYours
    waiting = Checkout.objects.filter(business=access.business, state=Checkout.DOUBTFUL)
    return list(waiting.select_related("order", "person").order_by("updated_at", "pk")[:SHOWN_MAX])


def count(access: Access) -> int:
    """How many wait for people; none for those who do not see them."""
    if access.role not in SEE:
        return 0
    return Checkout.objects.filter(business=access.business, state=Checkout.DOUBTFUL).count()


def find(access: Access, checkout_id: UUID) -> Checkout:
    """One that is doubtful, or that people have looked at. Raises NotYours."""
    known = Checkout.objects.filter(business=access.business, pk=checkout_id)
    found = known.select_related("order", "person", "business").first()
    if access.role not in SEE or found is None:
        raise NotYours
    if found.state != Checkout.DOUBTFUL and not acts(found):
        raise NotYours
    return found


def acts(checkout: Checkout) -> list[Record]:
    """What people did about it, the oldest first."""
    told = Record.objects.filter(business_id=checkout.business_id, root_id=checkout.pk, level=LEVEL)
    return list(told.order_by("sequence"))


def ask(access: Access, checkout_id: UUID, *, at: datetime, cause: str) -> Checkout:
    """Ask the provider once more: what fits now is booked, else it stays doubtful, with the problem of today.

    What is settled already stays as it is. Raises NotYours, Refused (wrong_role), ProviderError,
    NotPayable where the provider is configured no more.
    """
    found = _to_settle(access, checkout_id)
    if found.state != Checkout.DOUBTFUL:
        return found
    try:
        told = checkouts.asked(found, at)
    except (ProviderError, NotPayable) as problem:
        _tell(access, found, ASKED, f"{type(problem).__name__}: {problem}", {}, at, cause)
        raise

    def believed() -> None:
        if _locked(found).state == Checkout.DOUBTFUL:
            checkouts.take(found.pk, told, at)
            found.refresh_from_db()
            _tell(access, found, ASKED, found.problem, {}, at, cause)

    begun_again_when_met(believed)
    found.refresh_from_db()
    return found


def settle(
    access: Access, checkout_id: UUID, outcome: str, given: Mapping[str, object], *, at: datetime, cause: str
) -> Checkout:
    """Say what was found out: ``received`` with amount, reference and note, or ``nothing`` with a note.

    The same once more changes nothing. Raises NotYours, Refused (wrong_role; missing_field, wrong_field; wrong_state
    when somebody settled it otherwise), LedgerRefused.
    """
    found = _to_settle(access, checkout_id)
    if outcome not in (RECEIVED, NOTHING):
        raise Refused("unknown_move", words=words("unknown_move"))
    known = _cleaned(found, outcome, given)
    begun_again_when_met(lambda: _settle(access, found, outcome, dict(known), at, cause))
    found.refresh_from_db()
    return found


def _settle(
    access: Access, found: Checkout, outcome: str, known: dict[str, Value], at: datetime, cause: str
) -> None:
    checkout, note = _locked(found), str(known.pop("note"))
    if checkout.state != Checkout.DOUBTFUL:
        if not _is_repeat(checkout, outcome, note, known):
            raise Refused("wrong_state", words=words("wrong_state"))
        return
    try:
        checkouts.undoubt(checkout, _came(known) if outcome == RECEIVED else None, at, by=access.person_id)
    except KeyUsedOtherwise:
        said = in_every_language(_("Another payment with this number is booked already. Look at it again."))
        raise Refused("wrong_field", field="reference", problem="booked", words=said) from None
    _tell(access, checkout, outcome, note, known, at, cause)


def _came(known: Mapping[str, Value]) -> Paid:
    return Paid(str(known["reference"]), Money(int(str(known["amount"])), str(known["currency"])))


def _is_repeat(checkout: Checkout, outcome: str, note: str, known: Mapping[str, Value]) -> bool:
    done = [one for one in acts(checkout) if one.act != ASKED]
    return bool(done) and (done[-1].act, done[-1].note, done[-1].after) == (outcome, note, known)


def _to_settle(access: Access, checkout_id: UUID) -> Checkout:
    found = find(access, checkout_id)
    if access.role not in SETTLE:
        raise Refused("wrong_role", words=words("wrong_role"))
    return found


def _locked(found: Checkout) -> Checkout:
    return Checkout.objects.select_for_update(of=("self",)).select_related("business").get(pk=found.pk)


@transaction.atomic
def _tell(
    access: Access,
    checkout: Checkout,
    act: str,
    note: str,
    after: Mapping[str, Value],
    at: datetime,
    cause: str,
) -> None:
    happened = Happened(
        business_id=checkout.business_id,
        level=LEVEL,
        subject_id=checkout.pk,
        root_id=checkout.pk,
        act=act,
        actor=access.actor,
        cause=cause,
        at=at,
        from_state=Checkout.DOUBTFUL,
        to_state=checkout.state,
        note=note[:NOTE_LENGTH_MAX],
        after=dict(after),
    )
    record([happened])


# --- what is said of it ---------------------------------------------------------------------------------------


def fields_of(outcome: str) -> tuple[Field, ...]:
    """What has to be said with an outcome."""
    labels = {key: in_every_language(label) for key, label in LABELS.items()}
    note = Field("note", "text", labels["note"], max_length=NOTE_LENGTH_MAX)
    if outcome == NOTHING:
        return (note,)
    return (
        Field("amount", "money", labels["amount"], min=1),
        Field("currency", "text", labels["currency"], is_optional=True, max_length=3),
        Field("reference", "text", labels["reference"], max_length=REFERENCE_LENGTH_MAX),
        note,
    )


def _cleaned(checkout: Checkout, outcome: str, given: Mapping[str, object]) -> dict[str, Value]:
    currency = str(given.get("currency") or checkout.currency).strip().upper()
    try:
        money.exponent(currency)
    except WrongAmount:
        label = in_every_language(LABELS["currency"])
        said = words("wrong_field.not_a_choice", field=label)
        raise Refused("wrong_field", field="currency", problem="not_a_choice", words=said) from None
    known = clean(fields_of(outcome), given, currency)
    return known | {"currency": currency} if outcome == RECEIVED else known
