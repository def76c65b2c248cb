"""What a buyer is written when his order leaves."""

import pytest

from sledi.accounts.models import Person
from tests.journeys.office import Office
from tests.journeys.shop import ABROAD, bring, ship

PROFILE = "retail"
WORDS = {
    "ru": "отправлен",
    "bg": "изпратена",
    "kk": "жіберілді",
    "uk": "відправлено",
    "en": "has been sent",
}


@pytest.mark.promise("S2.3")
def test_dispatch_is_one_mail_with_number_and_link_in_the_buyers_language(office: Office) -> None:
    buyer = office.person("buyer").email
    for language, word in WORDS.items():
        Person.objects.filter(email=buyer).update(language=language)
        order = bring(office, "packaging")
        office.letters()
        ship(office, order)
        (letter,) = office.letters(buyer)
        assert (word in letter.subject, ABROAD in letter.subject) == (True, True), letter.subject
        assert letter.body.count(f"http://localhost:8000/retail/orders/{order}/") == 1
        assert f'<html lang="{language}">' in letter.alternatives[0][0]
        assert office.letters(buyer) == []
