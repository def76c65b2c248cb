"""A person's address book in a business: recipients to choose from when an order is placed.

Two businesses keep two books, for each answers for its own data (GDPR, article 4(7)); and in a business nobody but
the person himself reads his, the staff included. Orders copy what they are placed with, so nothing here changes one.
None of it goes into the history either: what stands there can never be deleted again.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from sledi.accounts.access import Access
from sledi.accounts.models import Address, Person
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.workflow import Field
from sledi.core.workflow.fields import clean
from sledi.core.workflow.refusals import wrong_field

ADDRESSES_MAX = 50
"""Of one person in one business."""
PHONE_DIGITS_MAX = 20

COUNTRIES: Mapping[str, Mapping[str, str]] = MappingProxyType({code: {} for code in sorted(ASSIGNED)})
PLACE = ("postcode", "region", "city", "street")
RECIPIENT_NAME = Field("recipient_name", "text", {"en": "recipient_name"}, max_length=200)
RECIPIENT_PHONE = Field("recipient_phone", "text", {"en": "recipient_phone"}, is_optional=True, max_length=40)
DESTINATION = Field("destination", "choice", {"en": "destination"}, choices=COUNTRIES)
PLACE_FIELDS = tuple(Field(key, "text", {"en": key}, is_optional=True, max_length=200) for key in PLACE)
FIELDS = (
    RECIPIENT_NAME,
    RECIPIENT_PHONE,
    *(replace(field, is_optional=field.key not in {"city", "street"}) for field in PLACE_FIELDS),
    DESTINATION,
)
"""What an address of the book is made of, by the names it has in an order; an order asks for none of it."""
KEYS = tuple(field.key for field in FIELDS)


class NotInBook(Exception):
    """There is no such address, or it is somebody else's: one answer for both."""


class ChangedMeanwhile(Exception):
    """The caller saw version ``expected``, the address is at ``found``."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"version {expected} was expected, {found} was found")
        self.expected, self.found = expected, found


def book(access: Access) -> Sequence[Address]:
    """One's own addresses, the usual one first, then the newest."""
    return list(_own(access).order_by("-is_usual", "-created_at", "-pk"))


def one(access: Access, pk: UUID) -> Address:
    """One's own address. Raises NotInBook."""
    found = _own(access).filter(pk=pk).first()
    if found is None:
        raise NotInBook
    return found


def parts_of(address: Address) -> dict[str, str]:
    """What is written on the parcel, by the names of the fields; what was left empty is not in it."""
    return {key: getattr(address, key) for key in KEYS if getattr(address, key)}


@transaction.atomic
def add(access: Access, facts: Mapping[str, Any], at: datetime, *, is_usual: bool = False) -> Address:
    """Write an address into one's book; the one that is there already when it is the same. The first is the usual.

    Raises NotInBook for whoever acts for nobody in particular, Refused naming the field, or for a full book.
    """
    known = cleaned(facts)
    person_id, mine = _lock(access), _own(access)
    found = mine.filter(digest=_digest(known)).first()
    if found is None:
        count = mine.count()
        if count >= ADDRESSES_MAX:
            raise wrong_field("", "book_full", most=str(ADDRESSES_MAX))
        found = Address.objects.create(
            business=access.business,
            person_id=person_id,
            digest=_digest(known),
            created_at=at,
            changed_at=at,
            **known,
        )
        is_usual = is_usual or not count
    if is_usual and not found.is_usual:
        _make_usual(access, found)
    return found


@transaction.atomic
def change(
    access: Access,
    pk: UUID,
    facts: Mapping[str, Any],
    at: datetime,
    *,
    version: int | None = None,
    is_usual: bool | None = None,
) -> Address:
    """Write an address anew, all of it. ``version``: the one that was read; ``is_usual``: as it is when not said.

    Raises NotInBook, ChangedMeanwhile, or Refused naming the field or the same address elsewhere in the book.
    """
    _lock(access)
    found, known = one(access, pk), cleaned(facts)
    if version is not None and version != found.version:
        raise ChangedMeanwhile(version, found.version)
    if _own(access).filter(digest=_digest(known)).exclude(pk=pk).exists():
        raise wrong_field("", "twice")
    _own(access).filter(pk=pk).update(
        digest=_digest(known), changed_at=at, version=F("version") + 1, **dict.fromkeys(KEYS, "") | known
    )
    if is_usual and not found.is_usual:
        _make_usual(access, found)
    elif is_usual is False:
        _own(access).filter(pk=pk).update(is_usual=False)
    return one(access, pk)


@transaction.atomic
def make_usual(access: Access, pk: UUID) -> Address:
    """From now on this one is filled in first. Raises NotInBook."""
    _lock(access)
    found = one(access, pk)
    if not found.is_usual:
        _make_usual(access, found)
    return found


@transaction.atomic
def remove(access: Access, pk: UUID) -> None:
    """Take an address out of one's book; no other becomes the usual one instead. Raises NotInBook."""
    if not _own(access).filter(pk=pk).delete()[0]:
        raise NotInBook


def cleaned(facts: Mapping[str, Any]) -> dict[str, str]:
    """An address as the book takes it. Raises Refused naming the first field that is not right."""
    known = {key: str(value) for key, value in clean(FIELDS, facts, "").items()}
    if "recipient_phone" in known:
        known["recipient_phone"] = phone(known["recipient_phone"])
    return known


def phone(text: str) -> str:
    """The digits of a telephone number, in the book as in orders. Raises Refused for none, or too many."""
    digits = "".join(sign for sign in text if sign in "0123456789")
    if not 1 <= len(digits) <= PHONE_DIGITS_MAX:
        raise wrong_field("recipient_phone", "not_a_phone")
    return digits


def _own(access: Access) -> QuerySet[Address]:
    if access.person_id is None or not access.is_member:
        return Address.objects.none()
    return Address.objects.filter(business=access.business, person_id=access.person_id)


def _lock(access: Access) -> UUID:
    """Whose book it is; one change at a time, so that the limit and the usual one hold. Raises NotInBook."""
    if access.person_id is None or not access.is_member:
        raise NotInBook
    Person.objects.select_for_update(no_key=True).get(pk=access.person_id)
    return access.person_id


def _make_usual(access: Access, address: Address) -> None:
    mine = _own(access)
    mine.filter(is_usual=True).update(is_usual=False)
    mine.filter(pk=address.pk).update(is_usual=True)
    address.is_usual = True


def _digest(known: Mapping[str, str]) -> bytes:
    """The same for addresses that differ in case and spaces alone."""
    told = [" ".join(known.get(key, "").casefold().split()) for key in KEYS]
    return hashlib.sha256(json.dumps(told).encode()).digest()
