"""The confirmation of a payment within a day: told when it comes in time, reported when it does not."""

import re
from datetime import timedelta

import pytest

from sledi.accounts.models import Person
from tests.journeys.office import Office, text_of
from tests.journeys.shop import confirm, pay

PROFILE = "retail"


def speaks_russian(office: Office, *roles: str) -> list[str]:
    """Somebody in each role who reads Russian; their addresses."""
    emails = [office.person(role).email for role in roles]
    Person.objects.filter(email__in=emails).update(language="ru")
    return emails


@pytest.mark.promise("S1.13")
def test_a_payment_nobody_confirms_within_24_hours_is_reported_and_one_in_time_is_logged(
    office: Office,
) -> None:
    buyer, platform, operator = speaks_russian(office, "buyer", "platform", "operator")
    late, in_time = office.place("buyer"), office.place("buyer")
    for order in (late, in_time):
        pay(office, order)
    paid_at = office.now
    told = office.letters(buyer)
    assert sorted(letter.subject for letter in told) == sorted(
        f"Заказ {order}: Оплата получена" for order in (late, in_time)
    )

    office.go_to(paid_at + timedelta(hours=23))
    confirm(office, in_time)
    (letter,) = office.letters(buyer)
    assert (
        letter.subject.replace("\N{NO-BREAK SPACE}", " ") == f"Оплата заказа {in_time} подтверждена: 30,00 ₽."
    )
    sent_at = office.now
    mails = office.see("platform", f"orders/{in_time}/mails")["mails"]
    assert [(one["subject"], one["sent_at"]) for one in mails if one["role"] == "buyer"][-1] == (
        letter.subject,
        sent_at.isoformat(),
    )
    code, said = office.shell("platform", "order", "mails", in_time)
    assert (code, f"{sent_at.isoformat()[:16]}  sent     {buyer} (buyer)  {letter.subject}" in said) == (
        0,
        True,
    )

    office.go_to(paid_at + timedelta(hours=24) - timedelta(seconds=1))
    assert office.letters(platform, operator) == []
    office.go_to(paid_at + timedelta(hours=24))
    reported = office.letters(platform, operator)
    assert sorted(letter.to[0] for letter in reported) == sorted([operator, platform])
    assert {late in letter.subject for letter in reported} == {True}
    flags = office.see("platform", f"orders/{late}")["flags"]
    assert [flag["key"] for flag in flags] == ["confirmation_late"]
    desk = text_of(office.html("platform", ""))
    assert late in desk
    assert not re.search(rf"{in_time}[^.]*Подтверждение оплаты", desk)
    assert office.see("platform", f"orders/{in_time}")["flags"] == []
