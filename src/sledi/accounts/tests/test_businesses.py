"""What a business, a membership and a key may be; the database itself holds to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import get_resolver

from sledi.accounts.models import ApiKey, Business, Membership, Person
from sledi.accounts.operations import RESERVED_SLUGS, configure, create_key, invite, open_business
from sledi.accounts.roles import NAMES, STAFF
from sledi.core.workflow import Refused
from sledi.core.workflow.vocabulary import PEOPLE
from sledi.history import Actor
from sledi.history.models import Record

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SHELL = Actor("system", name="shell")
FACTS = {
    "slug": "forwarder",
    "name": "Жолай",
    "profile": "forwarder",
    "country": "KZ",
    "currency": "KZT",
    "language": "kk",
}

pytestmark = pytest.mark.django_db


def make(**facts: Any) -> Business:
    return open_business(NOW, by=SHELL, cause="cli", **{**FACTS, **facts})


def test_a_business_opens() -> None:
    assert Business.objects.get(pk=make(host="zholai.kz", brand="#0a6b58").pk).slug == "forwarder"


WRONG = [
    ("slug", ""),
    ("slug", "Forwarder"),
    ("slug", "for warder"),
    ("slug", "-forwarder"),
    ("slug", "forwarder-"),
    ("slug", "a--b"),
    ("slug", "a\nb"),
    ("slug", "жолай"),
    ("slug", "a" * 41),
    ("name", ""),
    ("name", "  "),
    ("profile", ""),
    ("profile", "../etc"),
    ("profile_version", 0),
    ("country", "kz"),
    ("country", "KAZ"),
    ("currency", "kzt"),
    ("currency", "T"),
    ("language", "Kazakh"),
    ("host", "Zholai.kz"),
    ("host", "zholai"),
    ("host", "zholai.kz/x"),
    ("brand", "red"),
    ("brand", "#FFF"),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_does_not_fit_is_refused_by_name_and_nothing_is_made(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        make(**{field: value})
    assert field in refused.value.message_dict or "__all__" in refused.value.message_dict
    assert not Business.objects.exists()
    assert not Record.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [wrong for wrong in WRONG if len(str(wrong[1])) < 41 and wrong[1] != "KAZ"]
)
def test_the_database_refuses_it_too(field: str, value: Any) -> None:
    with pytest.raises(IntegrityError):
        Business.objects.create(created_at=NOW, **{**FACTS, field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "ZZ"), ("currency", "ZZZ"), ("language", "fr"), ("slug", "account"), ("profile", "casino")],
)
def test_what_only_looks_right_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        make(**{field: value})
    assert list(refused.value.message_dict) == [field]


def test_slugs_and_hosts_are_unique_and_many_have_no_host() -> None:
    make(host="zholai.kz")
    make(slug="one")
    make(slug="two")
    for same in ({"slug": "one"}, {"slug": "three", "host": "zholai.kz"}):
        with pytest.raises(ValidationError):
            make(**same)
    assert Business.objects.count() == 3


def test_no_business_can_take_an_address_of_the_site() -> None:
    """`/help/` must not become the business «help»."""
    first_parts = {str(entry.pattern).partition("/")[0] for entry in _entries(get_resolver().url_patterns)}
    plain = {part for part in first_parts if part and "<" not in part and "." not in part and "^" not in part}
    assert plain - RESERVED_SLUGS == set()
    assert RESERVED_SLUGS - plain == {"static"}


def _entries(patterns: Any) -> Any:
    for entry in patterns:
        yield from (
            _entries(entry.url_patterns)
            if not str(entry.pattern) and hasattr(entry, "url_patterns")
            else [entry]
        )


def test_a_person_has_a_role_once() -> None:
    business = make()
    first, second = (invite(business, "Oksana@example.ua", "buyer", NOW, by=SHELL, cause="cli") for _ in "12")
    assert first == second
    assert first.person.language == "kk"
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(business=business, person=first.person, role="buyer", created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(business=business, person=first.person, role="carrier", created_at=NOW)


@pytest.mark.parametrize(("email", "role"), [("oksana", "buyer"), ("oksana@example.ua", "king")])
def test_an_impossible_invitation_makes_nobody(email: str, role: str) -> None:
    business = make()
    with pytest.raises(ValidationError):
        invite(business, email, role, NOW, by=SHELL, cause="cli")
    assert not Person.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "king"},
        {"name": " "},
        {"scopes": []},
        {"scopes": ["orders:read", "all"]},
        {"expires_at": NOW},
        {"expires_at": NOW - timedelta(days=1)},
    ],
)
def test_an_impossible_key_is_refused(wrong: dict[str, Any]) -> None:
    facts = {"name": "scanner", "role": "operator", "scopes": ["orders:read"], **wrong}
    with pytest.raises(ValidationError):
        create_key(make(), at=NOW, by=SHELL, cause="cli", **facts)
    assert not ApiKey.objects.exists()


def test_a_key_for_a_person_needs_the_persons_role() -> None:
    business = make()
    oksana = invite(business, "oksana@example.ua", "buyer", NOW, by=SHELL, cause="cli").person
    with pytest.raises(ValidationError):
        create_key(business, "x", "seller", ["orders:read"], NOW, person=oksana, by=SHELL, cause="cli")


def test_the_staff_are_all_who_see_others_orders() -> None:
    assert sorted(NAMES.keys() - STAFF) == ["buyer", "end_buyer", "reseller"]


def test_the_roles_are_those_that_profiles_speak_of() -> None:
    assert tuple(NAMES) == PEOPLE


# --- settings that the profile leaves to a business -----------------------------------------------------------


def test_a_setting_is_chosen_and_told() -> None:
    business = make(profile="buyout", slug="most")
    configure(business, {"stall_days": "5"}, NOW, by=SHELL, cause="cli")
    configure(business, {"number_days": "3"}, NOW, by=SHELL, cause="cli")
    assert Business.objects.get(pk=business.pk).settings == {"stall_days": 5, "number_days": 3}
    told = Record.objects.filter(business_id=business.pk, act="configure").order_by("sequence")
    assert [one.after for one in told] == [{"stall_days": 5}, {"number_days": 3}]


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"stall_days": "31"}, "wrong_field"),
        ({"stall_days": "soon"}, "wrong_field"),
        ({"colour": "red"}, "unknown_field"),
    ],
)
def test_a_setting_that_the_profile_does_not_take_changes_nothing(
    chosen: dict[str, str], reason: str
) -> None:
    business = make(profile="buyout", slug="most")
    with pytest.raises(Refused) as caught:
        configure(business, chosen, NOW, by=SHELL, cause="cli")
    assert caught.value.reason == reason
    assert Business.objects.get(pk=business.pk).settings == {}
