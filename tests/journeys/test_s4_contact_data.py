"""A marketplace's buyer cannot be reached past the platform: his contact data stand on nothing a seller gets."""

import json
import re
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from sledi.orders.models import Case, Item, Order
from tests.journeys.office import Office
from tests.journeys.sales import NUMBER, email_of, open_case, processed, verified
from tests.journeys.test_s0_strangers import operations, query_of

pytestmark = pytest.mark.django_db
PROFILE = "marketplace"

PHONE, MAIL = "+359 88 765-43-21", "vesela.petrova@mail.example"
PHONE_DIGITS = "887654321"  # without what a number begins with at home or abroad
STREET = "ул. Роза 3"
PAGES_MAX = 400
"""More pages than a seller can reach from one order mean that the walk goes in circles."""

DETAILS = {
    "legal_name": "„Светлина“ ЕООД",
    "address": "бул. Витоша 1, 1000 София",
    "country": "BG",
    "company_number": "831 641 791",
    "vat_number": "BG 831641791",
    "vat_percent": "20",
}


@pytest.fixture
def order(office: Office) -> str:
    """A sale with all a buyer can say of himself, as far as a case about it; and one that is still to be sent."""
    office.business.language = "bg"
    office.business.save(update_fields=["language"])
    client = office.browser("seller", "", "bg")
    assert client.post(f"/{office.business.slug}/seller-details/", DETAILS).status_code == 302
    contact = {
        "recipient_name": "Весела Петрова",
        "recipient_phone": PHONE,
        "recipient_email": MAIL,
        "city": "Пловдив",
        "street": STREET,
        "destination": "BG",
    }
    processed(office, **contact)
    found = verified(office, NUMBER, **contact)
    open_case(office, found)
    return found


def leaks(office: Office, said: str) -> set[str]:
    """What of the buyer stands in a text, however a number is written."""
    digits = re.sub(r"[\s().+\-–\u00a0\u202f]|%20|%2B", "", said)
    mails = (MAIL, email_of(office, "buyer"))
    phone = {PHONE} if PHONE_DIGITS in digits else set()
    return phone | {mail for mail in mails if mail.lower() in unescape(said).lower()}


def walked(office: Office) -> Iterator[tuple[str, Any]]:
    """Every page and file that links lead a seller to, from his first page on: address and answer."""
    browser, slug = office.browser("seller", "", "bg"), office.business.slug
    waiting, known = [f"/{slug}/"], {f"/{slug}/"}
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        yield path, answer
        if "text/html" not in answer.get("Content-Type", ""):
            continue
        for link in re.findall(r'(?:href|action)="([^"#]+)', answer.content.decode()):
            address = unescape(link)
            if address.startswith(f"/{slug}/") and address not in known:
                known.add(address)
                waiting.append(address)
        assert len(known) < PAGES_MAX, sorted(known)[-20:]


def text_in(answer: Any) -> str:
    """What an answer says, headers and all; of a PDF what can be read in it and what is written about it."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    head = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
    if content.startswith(b"%PDF"):
        paper = PdfReader(BytesIO(content))
        return " ".join([head, str(paper.metadata), *(page.extract_text() for page in paper.pages)])
    return f"{head} {content.decode()}"


@pytest.mark.promise("S4.32")
def test_on_no_page_or_paper_of_a_seller(office: Office, order: str) -> None:
    seen = {}
    for path, answer in walked(office):
        said = text_in(answer)
        assert not leaks(office, said), path
        seen[path] = said
    slug = office.business.slug
    assert {f"/{slug}/orders/{order}/", f"/{slug}/orders/{order}/documents/all/"} <= seen.keys()
    # What is needed to send it is there: this is the page, and not an empty one.
    assert STREET in seen[f"/{slug}/orders/{order}/"]
    assert STREET in seen[f"/{slug}/orders/{order}/documents/invoice/"]


@pytest.mark.promise("S4.32")
def test_in_no_answer_of_the_interface_to_a_seller(office: Office, order: str) -> None:
    row = Order.objects.get(number=order)
    item, case = Item.objects.get(order=row), Case.objects.get(order=row)
    values = {
        "number": [order, f"{order}.{item.number}", case.number],
        "reference": [f"{order}.{item.number}"],
        "levels": ["orders", "items", "cases", "payouts"],
        "level": ["order", "item", "case"],
        "key": ["invoice", "warranty_card", "return_form"],
        "code": ["LAMP"],
        "person": [row.buyer_id, row.seller_id],
    }
    answered = 0
    for path, method, described in operations():
        if method != "get":
            continue
        for below in addresses(path, values, str(row.pk)):
            answer = office.fetch(
                "seller", f"/api/v1/businesses/{office.business.slug}/{below}{query_of(described, order)}"
            )
            assert not leaks(office, text_in(answer)), below
            answered += answer.status_code == 200
    assert answered > 20
    assert STREET in str(office.see("seller", f"orders/{order}")["recipient"])


def test_the_platform_reads_what_the_seller_does_not(office: Office, order: str) -> None:
    """The search for leaks finds these data where they are."""
    told = json.dumps(office.see("platform", f"orders/{order}"), ensure_ascii=False)
    assert leaks(office, told) == {PHONE, MAIL}


def addresses(path: str, values: dict[str, list[Any]], other: str) -> Iterator[str]:
    """An address of the interface with each of its parameters' values; what has none stands for an id."""
    below = path.partition("/businesses/{business}/")[2]
    found = [below]
    for name in re.findall(r"{(\w+)}", below):
        found = [
            one.replace(f"{{{name}}}", str(value)) for one in found for value in values.get(name, [other])
        ]
    yield from found


@pytest.mark.promise("S4.32")
def test_in_no_mail_to_a_seller(office: Office, order: str) -> None:
    seller = email_of(office, "seller")
    sent = office.letters(seller)
    assert sent
    for letter in sent:
        said = (
            letter.message().as_string() + letter.body + str(letter.alternatives) + str(letter.extra_headers)
        )
        assert not leaks(office, said), letter.subject
        assert letter.to == [seller]
        assert (letter.cc, letter.bcc, letter.reply_to) == ([], [], [])


@pytest.mark.promise("S4.32")
@pytest.mark.parametrize("asked", [PHONE, "359887654321", MAIL])
def test_nor_can_a_seller_find_out_by_searching(office: Office, order: str, asked: str) -> None:
    assert [one["number"] for one in office.see("seller", f"orders?search={order}")["orders"]] == [order]
    assert (
        office.see("seller", f"orders?search={asked.replace('+', '%2B').replace(' ', '%20')}")["orders"] == []
    )
