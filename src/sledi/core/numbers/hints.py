"""What the caller knows besides the number, and how it moves the candidates.

Hints re-rank and never hide: whom the number itself names stays in the list, and a confirmed carrier stays
confirmed. They may add: the destination's post, which delivers the last mile under the same number, and, while
nothing is confirmed, the carriers a shop or shipping method is known to use.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from sledi.core.numbers.answer import Candidate, Check, Remark
from sledi.core.numbers.countries import ASSIGNED, express_arm_of, post_of
from sledi.core.numbers.s10 import FORMAT as S10

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Hints(msgspec.Struct, frozen=True, gc=False):
    """``origin`` and ``destination`` are ISO 3166-1 alpha-2, carriers are slugs.

    ``carriers`` are those that this shop, or the shipping method of this order ("Free Shipping"), usually
    uses. ``seller_carrier`` was named by the seller or the source page. ``learned`` keeps the corrections
    users of this shop made: the carrier by ``family`` of the number.
    """

    origin: str = ""
    destination: str = ""
    carriers: tuple[str, ...] = ()
    seller_carrier: str = ""
    learned: Mapping[str, str] = _NOTHING

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "origin", self.origin.upper())
        msgspec.structs.force_setattr(self, "destination", self.destination.upper())


NO_HINTS = Hints()

# How far each hint moves a candidate from where it stands towards certainty.
_PULL = {"origin": 0.5, "destination": 0.5, "expected_carrier": 0.5, "learned": 0.8, "seller": 0.85}
# What is left of an unconfirmed candidate whose home is neither the origin nor the destination.
_ELSEWHERE = 0.6
# A carrier that only a hint speaks for: above the mere length of a number, below a check digit that passes.
_HINT_ONLY = {"learned": 0.46, "seller": 0.48, "expected_carrier": 0.42}
_LAST_MILE = 0.5

UNKNOWN_FORMAT = "unknown"


def family(number: str) -> str:
    """The coarse shape by which corrections are remembered: ``13D``, ``2L9D2L``.

    >>> family("RR123456785CN"), family("1207119765021"), family("")
    ('2L9D2L', '13D', '')
    """
    runs: list[list[str]] = []
    for kind in ("D" if character.isdigit() else "L" for character in number):
        if runs and runs[-1][0] == kind:
            runs[-1].append(kind)
        else:
            runs.append([kind])
    return "".join(f"{len(run)}{run[0]}" for run in runs)


def ranked(candidates: tuple[Candidate, ...], number: str, hints: Hints) -> tuple[Candidate, ...]:
    """``candidates`` moved by ``hints``, best first, each with the hints that speak for it as reasons."""
    moved = [_moved(candidate, number, hints) for candidate in candidates]
    moved += _added(candidates, number, hints)
    moved.sort(key=lambda candidate: candidate.confidence, reverse=True)
    return tuple(moved)


def _moved(candidate: Candidate, number: str, hints: Hints) -> Candidate:
    confidence, remarks = candidate.confidence, list(_spoken_for(candidate, number, hints))
    for remark in remarks:
        confidence += (1 - confidence) * _PULL[remark.key]
    if not remarks and not candidate.confirmed and _is_elsewhere(candidate, hints):
        confidence *= _ELSEWHERE
    return msgspec.structs.replace(candidate, confidence=confidence, reasons=(*candidate.reasons, *remarks))


def _spoken_for(candidate: Candidate, number: str, hints: Hints) -> Iterator[Remark]:
    """The hints in favour of a candidate. A place counts once, the destination before the origin."""
    if hints.destination in candidate.countries:
        yield Remark("destination", {"country": hints.destination})
    elif hints.origin in candidate.countries:
        yield Remark("origin", {"country": hints.origin})
    for key, carriers in _named(number, hints):
        if candidate.carrier in carriers:
            yield Remark(key)


def _is_elsewhere(candidate: Candidate, hints: Hints) -> bool:
    """A UPU number is never elsewhere: it names its origin itself, whatever the destination."""
    return bool(candidate.countries and (hints.origin or hints.destination)) and candidate.format != S10.id


def _added(candidates: tuple[Candidate, ...], number: str, hints: Hints) -> Iterator[Candidate]:
    """Candidates that no format of the number gives."""
    present = {candidate.carrier for candidate in candidates}
    last_mile = _last_mile(candidates, number, hints)
    if last_mile and last_mile.carrier not in present:
        present.add(last_mile.carrier)
        yield last_mile
    confirmed = bool(candidates) and candidates[0].confirmed
    for key, carriers in _named(number, hints):
        for carrier in carriers:
            if carrier not in present and (key == "seller" or not confirmed):
                present.add(carrier)
                yield _hint_only(carrier, key)


def _last_mile(candidates: tuple[Candidate, ...], number: str, hints: Hints) -> Candidate | None:
    """The destination's post, for EMS its express arm: an S10 number stays the same when it is handed over."""
    origin_post = next((candidate for candidate in candidates if candidate.format == S10.id), None)
    if origin_post is None or hints.destination not in ASSIGNED:
        return None
    express_arm = express_arm_of(hints.destination) if number.startswith("E") else ""
    return Candidate(
        carrier=express_arm or post_of(hints.destination),
        format=origin_post.format,
        confidence=origin_post.confidence * _LAST_MILE,
        check=origin_post.check,
        confirmed=False,
        reasons=(Remark("destination", {"country": hints.destination}),),
        countries=(hints.destination,),
    )


def _hint_only(carrier: str, key: str) -> Candidate:
    return Candidate(
        carrier=carrier,
        format=UNKNOWN_FORMAT,
        confidence=_HINT_ONLY[key],
        check=Check.NONE,
        confirmed=False,
        reasons=(Remark(key), Remark("shape_unknown")),
    )


def _named(number: str, hints: Hints) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The carriers that hints name, most trusted first."""
    if hints.seller_carrier:
        yield "seller", (hints.seller_carrier,)
    if hints.learned and (learned := hints.learned.get(family(number))):
        yield "learned", (learned,)
    if hints.carriers:
        yield "expected_carrier", hints.carriers
