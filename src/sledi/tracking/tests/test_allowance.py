"""Against enumeration: what one network address, and all together, may ask for in an hour."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from sledi.history.tests.side_by_side import side_by_side
from sledi.tracking import allowance
from sledi.tracking.allowance import TooMany, spend_mail, spend_mail_to, spend_numbers
from sledi.tracking.clients import address_of
from sledi.tracking.models import Allowance

NOW = datetime(2026, 11, 21, 12, 40, tzinfo=UTC)


@pytest.mark.django_db
class TestNumbers:
    def test_sixty_an_hour_and_not_one_more(self) -> None:
        spend_numbers("192.0.2.1", 59, NOW)
        with pytest.raises(TooMany) as refused:
            spend_numbers("192.0.2.1", 2, NOW)
        assert (refused.value.left, refused.value.retry_at) == (1, NOW.replace(hour=13, minute=0))
        spend_numbers("192.0.2.1", 1, NOW)

    def test_the_next_hour_begins_anew(self) -> None:
        spend_numbers("192.0.2.1", 60, NOW)
        spend_numbers("192.0.2.1", 60, NOW + timedelta(minutes=20))

    def test_others_are_not_affected(self) -> None:
        spend_numbers("192.0.2.1", 60, NOW)
        spend_numbers("192.0.2.2", 60, NOW)

    def test_more_at_once_than_ever_fits_is_refused(self) -> None:
        with pytest.raises(TooMany):
            spend_numbers("192.0.2.1", 61, NOW)
        assert not Allowance.objects.exists()

    def test_all_together_have_a_limit_too_and_a_refusal_there_costs_nobody(self, settings: Any) -> None:
        settings.NUMBERS_PER_HOUR_ALL = 100
        spend_numbers("192.0.2.1", 60, NOW)
        with pytest.raises(TooMany) as refused:
            spend_numbers("192.0.2.2", 60, NOW)
        assert refused.value.left == 40
        spend_numbers("192.0.2.2", 40, NOW)

    def test_the_table_tells_nobody_which_addresses_were_here(self) -> None:
        spend_numbers("192.0.2.1", 1, NOW)
        assert all(b"192" not in bytes(row.key) for row in Allowance.objects.all())


@pytest.mark.django_db
class TestMails:
    def test_ten_from_one_address(self) -> None:
        for _ in range(allowance.MAILS_PER_HOUR):
            spend_mail("192.0.2.1", NOW)
        with pytest.raises(TooMany):
            spend_mail("192.0.2.1", NOW)

    def test_four_to_one_mailbox_whoever_asks_and_however_it_is_written(self) -> None:
        for _ in range(allowance.MAILS_TO_ONE_PER_HOUR):
            spend_mail_to("Aigerim@Example.org", NOW)
        with pytest.raises(TooMany):
            spend_mail_to("aigerim@example.org", NOW)


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_moment_get_no_more_than_one_after_the_other() -> None:
    def grab() -> int:
        taken = 0
        for _ in range(10):
            try:
                spend_numbers("192.0.2.1", 3, NOW)
                taken += 3
            except TooMany:
                break
        return taken

    assert sum(side_by_side([grab] * 4)) == 60  # type: ignore[arg-type]


class TestClient:
    @pytest.mark.parametrize(
        ("shown", "counted"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("fe80::1%eth0", "fe80::/64"),
            ("", "unknown"),
            ("unix:", "unknown"),
        ],
    )
    def test_an_address_counts_and_of_ipv6_the_network(self, shown: str, counted: str) -> None:
        assert address_of(RequestFactory().get("/", REMOTE_ADDR=shown)) == counted

    def test_a_forwarded_address_is_believed_only_behind_our_proxy(self, settings: Any) -> None:
        request = RequestFactory().get(
            "/", REMOTE_ADDR="198.51.100.1", headers={"x-forwarded-for": "203.0.113.9, 192.0.2.7"}
        )
        assert address_of(request) == "198.51.100.1"
        settings.BEHIND_PROXY = True
        assert address_of(request) == "192.0.2.7"  # what our proxy wrote; the rest is the client's own claim
