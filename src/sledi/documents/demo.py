"""The sellers of the demo world say who they are on paper; all of it is invented."""

from datetime import datetime
from typing import Any

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Membership
from sledi.accounts.scopes import SCOPES
from sledi.documents import queries
from sledi.documents.operations import save_details
from sledi.history import Actor

IS_SLOW = True
"""After the orders, whose sellers these are."""

SAID: dict[str, dict[str, Any]] = {
    "stefan@keramika-troyan.example.test": {
        "legal_name": "„Керамика Троян Пример“ ЕООД",
        "address": "ул. Грънчарска 4, 5600 Троян",
        "country": "BG",
        "company_number": "000000018",
        "vat_number": "BG000000018",
        "vat_percent": 20,
        "warranty_months": 24,
        "warranty_terms": "Пазете опаковката. Ремонтът се прави в ателието в Троян.",
    },
    "milena@vulna-rodopi.example.test": {
        "legal_name": "ЕТ „Вълна Родопи Пример“",
        "address": "ул. Чукарска 9, 4700 Смолян",
        "country": "BG",
        "company_number": "000000025",
    },
}
"""By e-mail address. One is registered for VAT, the other is not."""


def build(now: datetime) -> list[str]:
    """What is missing of it; nothing is told of it."""
    sellers = Membership.objects.filter(role=roles.SELLER, person__email__in=SAID)
    for member in sellers.select_related("business", "person"):
        person = member.person
        if queries.details_of(member.business, person.pk) is None:
            actor = Actor("person", str(person.pk), person.name, roles.SELLER)
            access = Access(member.business, actor, roles.SELLER, person.pk, SCOPES)
            save_details(access, SAID[person.email], at=now, cause="system")
    return []
