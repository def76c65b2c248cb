"""A refusal as every door tells it: one status, one kind, one sentence, whichever door was knocked at."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.catalogue.refusals import NoSuchProduct, NotDescribed, StaleProduct
from sledi.core.money import Money
from sledi.core.workflow import Refused
from sledi.ledger import errors as ledger
from sledi.orders import showing
from sledi.orders.moving.doing import OneAtATime
from sledi.orders.refusals import Busy, KeyUsedOtherwise, NotMoved, NotYours, Packing, Stale

Refusal = Refused | NotMoved | NotDescribed | ledger.LedgerRefused
REFUSALS = (Refused, NotMoved, NotDescribed, ledger.LedgerRefused)

_STATUSES = {
    "unknown_move": 404,
    "wrong_role": 403,
    "wrong_state": 409,
    "guard": 409,
    "guard_error": 409,
}
"""Of core's reasons; those about fields are 422."""


@dataclass(frozen=True, slots=True)
class Reason:
    """``kind`` is that of the REST interface's problems, ``problem`` says what is wrong with a field."""

    status: int
    kind: str
    words: str
    field: str = ""
    problem: str = ""
    guard: str = ""
    listed: tuple[str, ...] = ()
    missing: Money | None = None
    version: int | None = None
    who: str = ""
    since: datetime | None = None

    def members(self) -> dict[str, Any]:
        """What a program reads beside the words, without what says nothing."""
        told: dict[str, Any] = {
            "reason": self.problem,
            "guard": self.guard,
            "listed": list(self.listed),
            "missing": {"amount": str(self.missing.decimal), "currency": self.missing.currency}
            if self.missing
            else None,
            "version": self.version,
            "who": self.who,
            "since": self.since.astimezone(UTC).isoformat() if self.since else None,
        }
        return {key: value for key, value in told.items() if value not in (None, "", [])}


def explain(refusal: Refusal, access: Access, language: str) -> Reason:
    """What this reader is told of a refusal, in his language where there is one."""
    with translation.override(language):
        return _core(refusal, access, language) if isinstance(refusal, Refused) else _other(refusal, access)


def _core(refused: Refused, access: Access, language: str) -> Reason:
    return Reason(
        _STATUSES.get(refused.reason, 422),
        refused.reason.replace("_", "-"),
        refused.words.get(language) or refused.words.get(access.business.language) or str(refused),
        field=refused.field,
        problem=refused.problem,
        guard=refused.guard,
        listed=refused.listed,
    )


def _other(refusal: Refusal, access: Access) -> Reason:
    match refusal:
        case NotYours() | NoSuchProduct():
            return Reason(404, "not-found", _("There is no such thing here."))
        case OneAtATime():
            return Reason(409, "one-at-a-time", _("This is done one at a time, not with many at once."))
        case Stale(found=version) | StaleProduct(found=version):
            said = _("Somebody changed it while you were reading. Look at what is new, then try once more.")
            return Reason(409, "stale", said, version=version)
        case Busy(who=who, since=since):
            known = who if access.role in roles.STAFF else ""
            return Reason(409, "busy", _overtaken(refusal, known), who=known, since=since)
        case KeyUsedOtherwise() | ledger.KeyUsedOtherwise():
            said = _("This form was sent once already, with other answers. Look at the page, then try again.")
            return Reason(409, "key-used-otherwise", said)
        case ledger.NotEnough(missing=Money() as missing):
            said = _("The money on the account is not enough: %(missing)s more is needed.")
            amount = showing.amount(missing, translation.get_language() or "en")
            return Reason(409, "not-enough-money", said % {"missing": amount}, missing=missing)
    said = _("The account does not allow this. Ask the people who run the business.")
    return Reason(409, "money-refused", said)


def _overtaken(refusal: Busy, who: str) -> str:
    """Who was quicker; ``who`` is empty for readers who are not told."""
    if isinstance(refusal, Packing):
        return (
            _("The order is already being packed by %(who)s.") % {"who": who}
            if who
            else _("The order is already being packed.")
        )
    return _("%(who)s has just done this.") % {"who": who} if who else _("Somebody else has just done this.")
