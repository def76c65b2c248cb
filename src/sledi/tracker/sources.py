"""Who says so: the carriers asked and how that went, and what the number tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.numbers import Detection
from sledi.tracking.queries import Asking
from sledi.web import wording, words
from sledi.web.countries import country_name

GUESSES = frozenset({"number_format", "any_destination_post", "shipping_method"})
"""Reasons for asking that are no more than a possibility."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One carrier in the order of asking: why it is asked and how it stands."""

    name: str
    why: str
    state: str
    is_missed: bool


@dataclass(frozen=True, slots=True)
class Recognised:
    """One carrier the number may belong to, and why."""

    name: str
    percent: int
    reasons: str


def asked(askings: Sequence[Asking], carrier: str, language: str, now: datetime) -> list[Asked]:
    """The carriers in the order in which they are asked; ``carrier`` is the one that has the parcel."""
    return [
        Asked(
            _name(asking, language),
            words.why_asked(asking.why, language),
            _state(asking, now, language),
            is_missed(asking, carrier),
        )
        for asking in askings
    ]


def is_missed(asking: Asking, carrier: str) -> bool:
    """Whether the silence of a carrier matters: not that of one that was only guessed by the form of the number."""
    return asking.is_failing and (not carrier or asking.on_behalf_of == carrier or asking.why not in GUESSES)


def recognised(detection: Detection, language: str) -> list[Recognised]:
    """The carriers whose number it may be, likeliest first."""
    return [
        Recognised(
            carriers.name(candidate.carrier, language),
            round(candidate.confidence * 100),
            ", ".join(remark(reason.key, reason.params, language) for reason in candidate.reasons),
        )
        for candidate in detection.candidates
    ]


def repairs(detection: Detection, language: str) -> list[str]:
    """What was changed in the pasted text to get at the number."""
    return [remark(repair.key, repair.params, language) for repair in detection.repairs]


def remark(key: str, params: Mapping[str, str], language: str) -> str:
    """A finding about a number in words, with countries by their names."""
    named = {
        name: country_name(value, language) if name == "country" else value for name, value in params.items()
    }
    return words.remark(key, named, language)


def trouble(asking: Asking, language: str, now: datetime) -> str:
    """One sentence on a carrier that does not answer: how old the news are, when we try again."""
    facts = {"carrier": carriers.name(asking.adapter, language)}
    if asking.outcome == "denied" or asking.due_at is None:
        return (
            _("%(carrier)s does not let us ask at the moment. Whoever runs this site can see that.") % facts
        )
    facts["when"] = wording.ahead(asking.due_at, now)
    if asking.answered_at is None:
        return _("%(carrier)s does not answer. Next try: %(when)s.") % facts
    facts["ago"] = wording.ago(asking.answered_at, now)
    return _("%(carrier)s does not answer. What is shown was learnt %(ago)s. Next try: %(when)s.") % facts


def _name(asking: Asking, language: str) -> str:
    meant, used = carriers.name(asking.on_behalf_of, language), carriers.name(asking.adapter, language)
    if asking.why == "alias":
        meant = _("%(carrier)s, under the other number") % {"carrier": meant}
    if asking.on_behalf_of == asking.adapter:
        return meant
    return _("%(carrier)s through %(other)s") % {"carrier": meant, "other": used}


def _state(asking: Asking, now: datetime, language: str) -> str:
    if not asking.is_configured:
        return _("no access set up here")
    if asking.is_failing:
        return trouble(asking, language, now)
    if asking.answered_at is None:
        return _("being asked")
    return (
        f"{words.outcome_name(asking.outcome or 'found', language)}, {wording.ago(asking.answered_at, now)}"
    )
