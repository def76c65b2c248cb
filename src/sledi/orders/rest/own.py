"""The REST interface of a person's own area: name and language, address book. Everybody has his own and no other."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from pydantic import ConfigDict, Field, JsonValue

from sledi.accounts import addresses, operations, queries, scopes
from sledi.accounts.access import Access
from sledi.accounts.authentication import MEMBERS
from sledi.accounts.models import Address
from sledi.api.problems import Problem, documented
from sledi.api.router import Router
from sledi.orders.refusals import NotYours, Stale
from sledi.orders.rest.asking import IF_MATCH, SEEN, WRITTEN, attempted, etag, may, now, version_read
from sledi.orders.rest.shapes import Moment, Shape

router = Router(tags=["own"], auth=list(MEMBERS))


class AddressIn(Schema):
    model_config = ConfigDict(extra="forbid")
    recipient_name: JsonValue = None
    recipient_phone: JsonValue = None
    postcode: JsonValue = None
    region: JsonValue = None
    city: JsonValue = None
    street: JsonValue = None
    destination: JsonValue = Field(None, description="Country: ISO 3166-1 alpha-2")
    is_usual: bool | None = Field(None, description="A new order begins with it; at most one is")


class AddressOut(Shape):
    id: UUID
    recipient_name: str
    recipient_phone: str
    postcode: str
    region: str
    city: str
    street: str
    destination: str
    is_usual: bool
    version: int
    created_at: Moment
    changed_at: Moment


class AddressesOut(Shape):
    addresses: list[AddressOut]


class MeIn(Schema):
    model_config = ConfigDict(extra="forbid")
    name: JsonValue = None
    language: JsonValue = Field(None, description="ru, bg, kk, uk or en")


class MeOut(Shape):
    email: str
    name: str
    language: str
    role: str
    roles: list[str]


@router.get(
    "/businesses/{business}/me",
    response=MeOut,
    openapi_extra=documented(*SEEN),
    summary="Who one is in this business",
)
def get_me(request: HttpRequest, business: str) -> Any:
    """Of the person whose key or session asks; a key for the whole business is nobody."""
    return _me(myself(request, scopes.PEOPLE_READ))


@router.put(
    "/businesses/{business}/me",
    response=MeOut,
    openapi_extra=documented(*WRITTEN),
    summary="Change one's name and language",
)
def put_me(request: HttpRequest, business: str, body: MeIn) -> Any:
    """Both hold for the whole account. Pages and mails follow the language."""
    access = myself(request, scopes.PEOPLE_WRITE)
    attempted(
        request,
        lambda: operations.introduce(queries.person_of(access), body.dict()),
        pointer="/",
    )
    return _me(access)


@router.get(
    "/businesses/{business}/me/addresses",
    response=AddressesOut,
    openapi_extra=documented(*SEEN),
    summary="One's address book",
)
def get_addresses(request: HttpRequest, business: str) -> Any:
    """The usual one first, then the newest."""
    access = myself(request, scopes.PEOPLE_READ)
    return {"addresses": [address_json(one) for one in addresses.book(access)]}


@router.post(
    "/businesses/{business}/me/addresses",
    response={201: AddressOut},
    openapi_extra=documented(*WRITTEN),
    summary="Write an address into one's book",
)
def post_address(request: HttpRequest, business: str, body: AddressIn, response: HttpResponse) -> Any:
    """The same address again is the one that is there. The first is the usual one."""
    access = myself(request, scopes.PEOPLE_WRITE)
    found = attempted(
        request,
        lambda: addresses.add(access, _facts(body), now(), is_usual=bool(body.is_usual)),
        pointer="/",
    )
    return Status(201, _answered(found, response))


@router.get(
    "/businesses/{business}/me/addresses/{id}",
    response=AddressOut,
    openapi_extra=documented(*SEEN, 422),
    summary="One address of one's book",
)
def get_address(request: HttpRequest, business: str, id: UUID, response: HttpResponse) -> Any:  # noqa: A002
    """Somebody else's answers as one that is not there."""
    access = myself(request, scopes.PEOPLE_READ)
    return _answered(attempted(request, lambda: _mine(access, id)), response)


@router.put(
    "/businesses/{business}/me/addresses/{id}",
    response=AddressOut,
    openapi_extra={**documented(*WRITTEN, 412), "parameters": [IF_MATCH]},
    summary="Write an address anew",
)
def put_address(
    request: HttpRequest,
    business: str,
    id: UUID,  # noqa: A002
    body: AddressIn,
    response: HttpResponse,
) -> Any:
    """All of it: what is left out is empty afterwards, but for ``is_usual``. Orders keep what they were placed with."""
    access = myself(request, scopes.PEOPLE_WRITE)
    version = version_read(request)

    def written() -> Address:
        try:
            return addresses.change(access, id, _facts(body), now(), version=version, is_usual=body.is_usual)
        except addresses.NotInBook:
            raise NotYours from None
        except addresses.ChangedMeanwhile as changed:
            raise Stale(changed.expected, changed.found) from None

    return _answered(attempted(request, written, pointer="/"), response)


@router.delete(
    "/businesses/{business}/me/addresses/{id}",
    response={204: None},
    openapi_extra=documented(*SEEN, 422),
    summary="Take an address out of one's book",
)
def delete_address(request: HttpRequest, business: str, id: UUID) -> Any:  # noqa: A002
    """Orders that were placed with it keep it."""
    access = myself(request, scopes.PEOPLE_WRITE)
    try:
        addresses.remove(access, id)
    except addresses.NotInBook:
        raise Problem(404, "not-found") from None
    return Status(204, None)


def myself(request: HttpRequest, scope: str) -> Access:
    """Who asks, when that is a person or a key for one. Raises Problem (403)."""
    access = may(request, scope)
    if access.person_id is None:
        raise Problem(403, "scope", "This key acts for nobody in particular: it has nothing of its own.")
    return access


def address_json(found: Address) -> dict[str, Any]:
    """An address as programs read it."""
    return {
        "id": found.pk,
        **{key: getattr(found, key) for key in addresses.KEYS},
        "is_usual": found.is_usual,
        "version": found.version,
        "created_at": found.created_at.isoformat(),
        "changed_at": found.changed_at.isoformat(),
    }


def _answered(found: Address, response: HttpResponse) -> dict[str, Any]:
    response["ETag"] = etag(found.version)
    return address_json(found)


def _mine(access: Access, pk: UUID) -> Address:
    try:
        return addresses.one(access, pk)
    except addresses.NotInBook:
        raise NotYours from None


def _facts(body: AddressIn) -> dict[str, Any]:
    return body.dict(exclude_unset=True, exclude={"is_usual"})


def _me(access: Access) -> dict[str, Any]:
    person = queries.person_of(access)
    has = [one.role for one in queries.memberships_of(person) if one.business_id == access.business.pk]
    facts = {"email": person.email, "name": person.name, "language": person.language}
    return {**facts, "role": access.role, "roles": has}
