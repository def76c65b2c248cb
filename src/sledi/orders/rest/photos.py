"""The REST interface of photos: upload one, name its id in a field of a move, look at those one may see."""

from typing import Any
from uuid import UUID

from django.core.files import File
from django.http import HttpRequest, HttpResponse
from ninja import Status
from pydantic import Field

from sledi.accounts import scopes
from sledi.api.problems import Problem, documented
from sledi.attachments import operations
from sledi.attachments.models import Attachment
from sledi.attachments.refusals import KeyUsedOtherwise, Unacceptable
from sledi.attachments.serving import file_of
from sledi.orders.reading.photos import photo
from sledi.orders.rest.asking import (
    IDEMPOTENCY_KEY,
    SEEN,
    WRITTEN,
    access_of,
    idempotency_key,
    may,
    now,
    orders_router,
    sought,
)
from sledi.orders.rest.order_json import photo_json
from sledi.orders.rest.shapes import PhotoOut

router = orders_router()

_A_PHOTO = {
    "parameters": [IDEMPOTENCY_KEY],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    },
}
_BYTES = {
    "description": "The photo",
    "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
}
_A_PICTURE = {"responses": {**documented(*SEEN, 304, 422)["responses"], 200: _BYTES}}


class UploadedOut(PhotoOut):
    media_type: str
    size_bytes: int = Field(
        description="Of what is kept: the picture is drawn anew, without what the file said of it"
    )
    width: int
    height: int


@router.post(
    "/businesses/{business}/attachments",
    response={201: UploadedOut},
    openapi_extra={**documented(*WRITTEN), **_A_PHOTO},
    summary="Upload a photo",
)
def post_attachment(request: HttpRequest, business: str) -> Any:
    """JPEG, PNG or WebP. Give its id to a move within a day, or it is gone. Nobody else sees it until then."""
    access = may(request, scopes.ORDERS_WRITE)
    try:
        found = operations.accept(access, _file(request), at=now(), key=idempotency_key(request))
    except Unacceptable as refusal:
        status = 413 if refusal.reason == "too_large" else 422
        errors = [{"pointer": "/file", "detail": refusal.words}]
        more = {"reason": refusal.reason}
        raise Problem(status, "wrong-photo", refusal.words, errors=errors, more=more) from None
    except KeyUsedOtherwise:
        raise Problem(409, "key-used-otherwise") from None
    return Status(201, _uploaded(found, access.business.slug))


@router.get(
    "/businesses/{business}/attachments/{id}",
    response={200: None},
    openapi_extra=_A_PICTURE,
    summary="A photo",
)
def get_attachment(request: HttpRequest, business: str, id: UUID) -> HttpResponse:  # noqa: A002  the address's word
    """For whoever uploaded it, and whoever sees what it belongs to and the field it stands in."""
    return _shown(request, id, is_preview=False)


@router.get(
    "/businesses/{business}/attachments/{id}/preview",
    response={200: None},
    openapi_extra=_A_PICTURE,
    summary="A photo, small",
)
def get_preview(request: HttpRequest, business: str, id: UUID) -> HttpResponse:  # noqa: A002  the address's word
    """At most 480 pixels a side."""
    return _shown(request, id, is_preview=True)


def _shown(request: HttpRequest, pk: UUID, *, is_preview: bool) -> HttpResponse:
    may(request, scopes.ORDERS_READ)
    return file_of(request, sought(lambda: photo(access_of(request), pk)), is_preview=is_preview)


def _file(request: HttpRequest) -> "File[bytes]":
    if request.content_type != "multipart/form-data":
        accepted = "multipart/form-data"
        raise Problem(415, "media-type", f"Send {accepted}.", headers={"Accept-Post": accepted})
    files = request.FILES.getlist("file")
    if len(files) != 1:
        raise Problem(422, "invalid", errors=[{"pointer": "/file", "detail": "send one file"}])
    return files[0]


def _uploaded(found: Attachment, slug: str) -> dict[str, Any]:
    return {
        **photo_json(str(found.pk), slug),
        "media_type": found.media_type,
        "size_bytes": found.size_bytes,
        "width": found.width,
        "height": found.height,
    }
