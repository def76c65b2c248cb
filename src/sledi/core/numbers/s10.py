"""UPU S10: the number of registered letters, parcels and EMS between posts, thirteen characters.

    RR 47312482 9 CN
    │  │        │ └─ country of the issuing post, ISO 3166-1 alpha-2
    │  │        └─── check digit
    │  └──────────── serial number, not used again for 12 months (24 recommended)
    └─────────────── service indicator: R registered, L tracked, E EMS, C parcel, U untracked ...

The check digit weighs the serial number with 8 6 4 2 3 5 9 7 and takes 11 minus the sum modulo 11, where 10
becomes 0 and 11 becomes 5. It covers neither the indicator nor the country, so those are checked apart; an
odd indicator never rejects, because posts use unassigned ones.

Source: UPU S10-12 (2018), clause 5.4 and table 5.6; https://en.wikipedia.org/wiki/S10_(UPU_standard)

>>> validate("rr 473 124 829 cn")
'RR473124829CN'
>>> format("RR473124829CN")
'RR 473 124 829 CN'
>>> validate("RA644000001RU")  # printed in the Russian Post tracking API specification
Traceback (most recent call last):
sledi.core.numbers.errors.WrongCheckDigit: check_digit, expected 5
>>> validate("RR473124829XX")
Traceback (most recent call last):
sledi.core.numbers.errors.WrongCountry: country
>>> about("UA123456785HK").service, about("UA123456785HK").tracked
('untracked_letter', False)
"""

from collections.abc import Iterator
from string import ascii_uppercase

import msgspec

from sledi.core.numbers.answer import Candidate, Check, Remark
from sledi.core.numbers.check_digits import weighted_sum
from sledi.core.numbers.countries import ASSIGNED, MISTAKEN, SUCCESSORS, express_arm_of, post_of
from sledi.core.numbers.datafiles import load
from sledi.core.numbers.errors import InvalidNumber, WrongCountry
from sledi.core.numbers.format import About, CheckRule, Evidence, Format, looks

_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
# 11 minus the remainder, with 10 read as 0 and 11 as 5.
_DIGIT_OF_REMAINDER = "50987654321"


def check_digit(number: str) -> str:
    """The digit that ought to follow the eight digits of the serial number."""
    return _DIGIT_OF_REMAINDER[weighted_sum(number[2:10], _WEIGHTS) % 11]


def claims(number: str) -> tuple[Candidate, ...]:
    """The issuing post and its express arm; nobody when the country is none."""
    passes = check_digit(number) == number[10]
    return _CLAIMS.get((number[11:], number[0] == "E", passes), ())


FORMAT = Format(
    id="upu_s10",
    carriers=(),
    looks=looks("@@#{9}@@", evidence=Evidence.SHARED),
    check=CheckRule(expected=check_digit, position=10, passed=0.96, failed=0.55, confirms=True),
    groups=(2, 3, 3, 3, 2),
    claims=claims,
    source="UPU S10-12 (2018)",
    as_of="2026-11-21",
)
FORMATS = (FORMAT,)

compact = FORMAT.compact
format = FORMAT.format  # noqa: A001 - one of the four verbs of a number module
complete = FORMAT.complete


def validate(text: str) -> str:
    """The compact number. Raises one of the five errors; a wrong country comes before a wrong digit."""
    number = compact(text)
    if FORMAT.fits(number) and number[11:] not in ASSIGNED:
        raise WrongCountry(MISTAKEN.get(number[11:]))
    return FORMAT.validate(number)


def is_valid(text: str) -> bool:
    try:
        validate(text)
    except InvalidNumber:
        return False
    return True


def about(text: str) -> About:
    """Carriers, origin country and service of a valid number; raises as ``validate`` does."""
    return described(validate(text))


def described(number: str) -> About:
    """The same for a number whose check digit may be wrong."""
    service = _SERVICES.get(number[:2])
    return About(
        format=FORMAT.id,
        carriers=tuple(candidate.carrier for candidate in claims(number)),
        country=number[11:],
        service=service.key if service else "unassigned",
        tracked=service.tracked if service else True,
    )


class _Service(msgspec.Struct, forbid_unknown_fields=True):
    pairs: str
    key: str
    agreement: str = ""
    tracked: bool = True


class _Services(msgspec.Struct, forbid_unknown_fields=True):
    as_of: str
    sources: list[str]
    service: list[_Service]


def _services() -> Iterator[tuple[str, _Service]]:
    for service in load("s10_services.toml", _Services).service:
        first, last = service.pairs.split("-")
        for letter in ascii_uppercase[ascii_uppercase.index(first[1]) : ascii_uppercase.index(last[1]) + 1]:
            yield first[0] + letter, service


_SERVICES = dict(_services())


def _claimants(country: str, express: bool, passes: bool) -> Iterator[Candidate]:
    """The post and its express arm, the one that the indicator names first and, if all agrees, confirmed."""
    rule = FORMAT.check
    assert rule is not None
    confidence = rule.passed if passes else rule.failed
    digit = Remark("check_passes" if passes else "check_fails")
    where = Remark("country", {"country": country})
    post, arm = post_of(country), express_arm_of(country)
    ranked = [arm, post] if express and arm else [post, arm]
    for rank, carrier in enumerate(filter(None, ranked)):
        ems = (Remark("service", {"service": "EMS"}),) if express and rank == 0 else ()
        yield Candidate(
            carrier=carrier,
            format=FORMAT.id,
            confidence=confidence / 2**rank,
            check=Check.PASSED if passes else Check.FAILED,
            confirmed=passes and rank == 0,
            reasons=(digit, where, *ems),
            countries=(country,),
        )


def _heirs(old: str, passes: bool) -> Iterator[Candidate]:
    """The posts of the countries that followed a withdrawn code."""
    for country in SUCCESSORS[old]:
        yield Candidate(
            carrier=post_of(country),
            format=FORMAT.id,
            confidence=0.2,
            check=Check.PASSED if passes else Check.FAILED,
            confirmed=False,
            reasons=(Remark("withdrawn", {"old": old, "country": country}),),
            countries=(country,),
        )


_CLAIMS = {
    (country, express, passes): tuple(_claimants(country, express, passes))
    for country in ASSIGNED
    for express in (True, False)
    for passes in (True, False)
} | {
    (old, express, passes): tuple(_heirs(old, passes))
    for old in SUCCESSORS
    for express in (True, False)
    for passes in (True, False)
}
