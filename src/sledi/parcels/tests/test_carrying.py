"""Numbers and their periods: since when, until when, and the same number in two businesses."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from sledi.accounts.models import Business
from sledi.database.keys import uuid7
from sledi.parcels.carrying import Carried, carry
from sledi.parcels.following import Sent, follow
from sledi.parcels.models import Alias
from sledi.tracking.models import Trace, Watch

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
FIRST, SECOND = "RR123456785CN", "RR987654323CN"

pytestmark = pytest.mark.django_db


def business(slug: str = "buyout") -> Business:
    return Business.objects.create(
        slug=slug, name=slug, profile="buyout", profile_version=1, country="RU", currency="RUB",
        language="ru", created_at=NOW,
    )  # fmt: skip


def carried(
    where: Business, number: str, at: datetime = NOW, replaces: str = "", subject: object = None
) -> object:
    pk = subject or uuid7()
    one = Carried("parcel", pk, number, "international", replaces)  # type: ignore[arg-type]
    carry(where.pk, [one, one], follow({number: Sent("RU")}, at), at)
    return pk


def periods(subject: object) -> list[tuple[str, datetime, datetime | None]]:
    found = Alias.objects.filter(subject_id=subject).order_by("number")
    return [(alias.number, alias.since, alias.until) for alias in found]


# --- periods --------------------------------------------------------------------------------------------------


def test_a_number_is_carried_from_the_moment_it_is_given_and_once() -> None:
    assert periods(carried(business(), FIRST)) == [(FIRST, NOW, None)]


def test_a_number_that_replaces_another_ends_its_period() -> None:
    where = business()
    subject = carried(where, FIRST)
    carried(where, SECOND, LATER, replaces=FIRST, subject=subject)
    assert periods(subject) == [(FIRST, NOW, LATER), (SECOND, LATER, None)]


def test_a_further_number_leaves_the_others_as_they_are() -> None:
    where = business()
    subject = carried(where, FIRST)
    carried(where, SECOND, LATER, subject=subject)
    assert periods(subject) == [(FIRST, NOW, None), (SECOND, LATER, None)]


def test_a_number_taken_up_again_is_carried_again() -> None:
    where = business()
    subject = carried(where, FIRST)
    carried(where, SECOND, LATER, replaces=FIRST, subject=subject)
    carried(where, FIRST, LATER, replaces=SECOND, subject=subject)
    assert periods(subject) == [(FIRST, NOW, None), (SECOND, LATER, LATER)]


def test_a_number_that_replaces_itself_goes_on() -> None:
    where = business()
    subject = carried(where, FIRST)
    carried(where, FIRST, LATER, replaces=FIRST, subject=subject)
    assert periods(subject) == [(FIRST, NOW, None)]


def test_no_period_ends_before_it_begins() -> None:
    subject = carried(business(), FIRST)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alias.objects.filter(subject_id=subject).update(until=NOW - timedelta(seconds=1))


# --- whose ----------------------------------------------------------------------------------------------------


def test_two_businesses_may_carry_the_same_number_and_share_what_carriers_say() -> None:
    here, there = business(), business("elsewhere")
    carried(here, FIRST)
    carried(there, FIRST, LATER)
    assert set(Alias.objects.values_list("business__slug", "since")) == {
        ("buyout", NOW),
        ("elsewhere", LATER),
    }
    assert Alias.objects.values("trace").distinct().count() == Trace.objects.count() == 1


def test_what_one_business_replaces_the_other_keeps() -> None:
    here, there = business(), business("elsewhere")
    ours, theirs = carried(here, FIRST), carried(there, FIRST)
    carried(here, SECOND, LATER, replaces=FIRST, subject=ours)
    assert periods(theirs) == [(FIRST, NOW, None)]


# --- following ------------------------------------------------------------------------------------------------


def test_a_number_is_followed_with_the_country_its_parcel_goes_to() -> None:
    follow({FIRST: Sent("KZ")}, NOW)
    assert Trace.objects.get().hinted_destination == "KZ"


def test_following_twice_is_following_once() -> None:
    first = follow({FIRST: Sent("RU")}, NOW)
    again = follow({FIRST: Sent("RU")}, LATER)
    assert (first[FIRST].pk, Trace.objects.count()) == (again[FIRST].pk, 1)
    watches = Watch.objects.count()
    follow({FIRST: Sent("RU")}, LATER)
    assert Watch.objects.count() == watches


def test_nobody_is_asked_about_a_number_that_looks_mistyped() -> None:
    """The check digit of RR123456785CN is 5."""
    traces = follow({"RR123456784CN": Sent("RU")}, NOW)
    assert traces["RR123456784CN"].number == "RR123456784CN"
    assert not Watch.objects.exists()
