"""The REST interface of documents: what there is for an order, each as a PDF, and the seller on paper."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from pydantic import ConfigDict, Field

from sledi.accounts import scopes
from sledi.accounts.access import Access
from sledi.accounts.authentication import MEMBERS
from sledi.api.problems import Problem, documented
from sledi.api.router import Router, with_etag
from sledi.documents import queries
from sledi.documents.details import FIELDS
from sledi.documents.models import SellerDetails
from sledi.documents.operations import save_details
from sledi.documents.printing import Printed, UnknownLanguage, printed
from sledi.documents.queries import Offered
from sledi.documents.refusals import NotPrintable, WrongDetails
from sledi.documents.telling import words_of
from sledi.documents.views import file_of
from sledi.orders.models import Order
from sledi.orders.rest.asking import SEEN, WRITTEN, language_of, may, now, sought
from sledi.orders.rest.shapes import Shape

router = Router(tags=["documents"], auth=list(MEMBERS), ids="sledi_documents_api")

PDF: dict[str, Any] = {
    "description": "A PDF/A-2a for A4.",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


class DocumentOut(Shape):
    key: str = Field(description="As the profile calls it")
    label: str
    number: str = Field(description="Of an invoice or credit note that is made: ten digits; else empty")
    is_issued: bool = Field(description="Whether it is made and will never change")
    hindered: Literal["", "not_now", "no_details", "no_prices", "no_goods", "not_issued"] = Field(
        description="Why it cannot be printed now; empty when it can"
    )
    words: str = Field(description="The same for people")
    languages: list[str]


class DocumentsOut(Shape):
    documents: list[DocumentOut]


class DetailsOut(Shape):
    legal_name: str
    address: str
    country: str
    company_number: str
    vat_number: str = Field(description="Empty: not registered")
    vat_percent: int | None
    warranty_months: int | None
    warranty_terms: str


class DetailsIn(Shape):
    model_config = ConfigDict(extra="forbid")

    legal_name: str = ""
    address: str = ""
    country: str = ""
    company_number: str = ""
    vat_number: str = ""
    vat_percent: int | None = None
    warranty_months: int | None = None
    warranty_terms: str = ""


@router.get(
    "/businesses/{business}/orders/{number}/documents",
    response=DocumentsOut,
    openapi_extra=documented(*SEEN),
    summary="The documents of an order",
)
def get_documents(request: HttpRequest, business: str, number: str) -> Any:
    """Those that the role may print, and what hinders it now."""
    access = may(request, scopes.ORDERS_READ)
    order = sought(lambda: queries.order_of(access, number))
    with translation.override(language_of(request)):
        return documents_json(access, order, language_of(request))


@router.get(
    "/businesses/{business}/orders/{number}/documents/{key}",
    openapi_extra={"responses": {**documented(*SEEN, 304, 409, 422)["responses"], 200: PDF}},
    summary="A document of an order as PDF",
)
@with_etag
def get_document(request: HttpRequest, business: str, number: str, key: str, language: str = "") -> Any:
    """``all`` is every document that can be printed now, in one file. ``language`` is one of the profile's.

    The first to ask for an invoice or receipt makes it: it gets its number, and never changes after that.
    """
    access = may(request, scopes.ORDERS_READ)
    return _file(request, access, number, key, language[:20])


@router.get(
    "/businesses/{business}/seller-details",
    response=DetailsOut,
    openapi_extra=documented(*SEEN),
    summary="Who the seller is on paper",
)
def get_seller_details(request: HttpRequest, business: str) -> Any:
    """A seller's own; of the business itself for its owner and platform."""
    access = may(request, scopes.LEDGER_READ)
    seller_id = sought(lambda: queries.own_id(access))
    return details_json(queries.details_of(access.business, seller_id))


@router.put(
    "/businesses/{business}/seller-details",
    response=DetailsOut,
    openapi_extra=documented(*WRITTEN),
    summary="Say who the seller is on paper",
)
def put_seller_details(request: HttpRequest, business: str, body: DetailsIn) -> Any:
    """The whole of it: what is left out is empty from now on. Papers that are made stay as they are."""
    access = may(request, scopes.LEDGER_WRITE)
    with translation.override(language_of(request)):
        try:
            return details_json(
                sought(lambda: save_details(access, body.model_dump(), at=now(), cause="api"))
            )
        except WrongDetails as problem:
            errors = [{"pointer": f"/{key}", "detail": words} for key, words in problem.wrong.items()]
            said = next(iter(problem.wrong.values()))
            raise Problem(422, "wrong-field", said, errors=errors) from None


def documents_json(access: Access, order: Order, language: str) -> dict[str, Any]:
    """What there is for an order, as programs read it; words in the active language."""
    workflow = queries.workflow_of(order)

    def one_json(one: Offered) -> dict[str, Any]:
        return {
            "key": one.key,
            "label": workflow.words(one.paper.label, language),
            "number": one.issued.shown_number if one.issued else "",
            "is_issued": one.issued is not None,
            "hindered": one.hindered,
            "words": words_of(one.hindered) if one.hindered else "",
            "languages": list(workflow.languages),
        }

    return {"documents": [one_json(one) for one in queries.offered(access, order)]}


def details_json(found: SellerDetails | None) -> dict[str, Any]:
    """What a seller said of himself; empty while he has said nothing."""
    if found is None:
        return {key: None if key in ("vat_percent", "warranty_months") else "" for key in FIELDS}
    return {key: getattr(found, key) for key in FIELDS}


def _file(request: HttpRequest, access: Access, number: str, key: str, language: str) -> HttpResponse:
    with translation.override(language_of(request)):
        try:
            found: Printed = sought(lambda: printed(access, number, key, language, at=now(), cause="api"))
        except UnknownLanguage:
            errors = [{"pointer": "language", "detail": "one of the profile's languages"}]
            raise Problem(422, "invalid", errors=errors) from None
        except NotPrintable as problem:
            more = {"reason": problem.reason}
            raise Problem(409, "not-printable", words_of(problem.reason), more=more) from None
    return file_of(found)
