"""The address book below its doors: what the database itself refuses, two at once, and what goes with a membership."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from sledi.accounts import addresses, roles
from sledi.accounts.access import Access
from sledi.accounts.models import Address, Person
from sledi.accounts.operations import dismiss, invite, open_business
from sledi.core.workflow import Refused
from sledi.history import Actor
from sledi.history.models import Record
from sledi.history.tests.unlocked import empty

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BY: dict[str, Any] = {"by": Actor("system", name="shell"), "cause": "cli"}
HOME = {"recipient_name": "Айгерім", "city": "Алматы", "street": "Абай, 10", "destination": "KZ"}


def access_of(role: str = roles.BUYER, slug: str = "shop") -> Access:
    """A member of a new shop, in this role."""
    facts = {"name": "Shop", "profile": "retail", "country": "KZ", "currency": "KZT", "language": "kk"}
    business = open_business(NOW, **BY, slug=slug, **facts)
    person = invite(business, f"{role}@example.kz", role, NOW, **BY).person
    return Access(business, Actor("person", str(person.pk), "", role), role, person.pk, frozenset())


@pytest.mark.django_db
def test_the_first_is_the_usual_one_and_another_takes_its_place() -> None:
    access = access_of()
    home = addresses.add(access, HOME, NOW)
    dacha = addresses.add(access, {**HOME, "city": "Талғар"}, NOW)
    assert [one.pk for one in addresses.book(access) if one.is_usual] == [home.pk]
    addresses.make_usual(access, dacha.pk)
    assert [one.pk for one in addresses.book(access)] == [dacha.pk, home.pk]
    addresses.remove(access, dacha.pk)
    assert [one.is_usual for one in addresses.book(access)] == [False]


@pytest.mark.django_db
def test_what_differs_in_case_and_spaces_alone_is_the_same_address() -> None:
    access = access_of()
    first = addresses.add(access, HOME, NOW)
    again = addresses.add(access, {**HOME, "street": " абай,   10 ", "city": "АЛМАТЫ"}, NOW)
    assert (again.pk, Address.objects.count()) == (first.pk, 1)
    other = addresses.add(access, {**HOME, "street": "Абай, 11"}, NOW)
    with pytest.raises(Refused) as refused:
        addresses.change(access, other.pk, HOME, NOW)
    assert (refused.value.problem, addresses.one(access, other.pk).street) == ("twice", "Абай, 11")


@pytest.mark.django_db
def test_a_change_writes_all_of_it_and_counts_the_version() -> None:
    access = access_of()
    found = addresses.add(access, {**HOME, "postcode": "050000", "recipient_phone": "+7 701"}, NOW)
    changed = addresses.change(access, found.pk, HOME, NOW, version=1)
    assert (changed.postcode, changed.recipient_phone, changed.version, changed.is_usual) == ("", "", 2, True)
    with pytest.raises(addresses.ChangedMeanwhile) as late:
        addresses.change(access, found.pk, {**HOME, "city": "Астана"}, NOW, version=1)
    assert (late.value.expected, late.value.found) == (1, 2)
    assert addresses.one(access, found.pk).city == "Алматы"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "broken",
    [
        {"is_usual": True, "digest": b"2"},
        {},
        {"digest": b"3", "destination": "kz"},
        {"digest": b"4", "recipient_phone": "+7"},
    ],
)
def test_the_database_itself_takes_no_second_usual_one_no_double_and_no_nonsense(
    broken: dict[str, Any],
) -> None:
    access = access_of()
    kept = addresses.add(access, HOME, NOW)
    row = {**HOME, "digest": bytes(kept.digest), "created_at": NOW, "changed_at": NOW, **broken}
    with pytest.raises(IntegrityError), transaction.atomic():
        Address.objects.create(business=access.business, person_id=access.person_id, **row)


@pytest.mark.django_db
def test_whoever_is_nobody_in_particular_has_no_book() -> None:
    access = access_of()
    addresses.add(access, HOME, NOW)
    nobody = Access(
        access.business, Actor("key", "1", "scanner", roles.OWNER), roles.OWNER, None, frozenset()
    )
    visitor = Access(access.business, access.actor, roles.VISITOR, access.person_id, frozenset())
    for stranger in (nobody, visitor):
        assert addresses.book(stranger) == []
        with pytest.raises(addresses.NotInBook):
            addresses.add(stranger, HOME, NOW)


@pytest.mark.django_db
def test_nothing_of_an_address_stands_in_the_history() -> None:
    access = access_of()
    before = Record.objects.count()
    found = addresses.add(access, HOME, NOW)
    addresses.change(access, found.pk, {**HOME, "city": "Астана"}, NOW)
    addresses.remove(access, found.pk)
    assert Record.objects.count() == before


@pytest.mark.django_db
def test_the_book_goes_with_the_last_role_and_not_before() -> None:
    access = access_of()
    person = Person.objects.get(pk=access.person_id)
    second = invite(access.business, person.email, roles.RESELLER, NOW, **BY)
    addresses.add(access, HOME, NOW)
    dismiss(second, NOW, **BY)
    assert Address.objects.count() == 1
    dismiss(person.memberships.get(), NOW, **BY)
    assert Address.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_leave_one_usual_address_and_no_more_than_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(addresses, "ADDRESSES_MAX", 4)
    access = access_of()

    def add(number: int) -> bool:
        try:
            addresses.add(access, {**HOME, "street": str(number)}, NOW, is_usual=True)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    try:
        with ThreadPoolExecutor(4) as hands:
            kept = list(hands.map(add, range(8)))
        found = addresses.book(access)
        assert (sum(kept), len(found), sum(one.is_usual for one in found)) == (4, 4, 1)
    finally:
        empty()
