"""Photos on pages: taken in with a form, shown small beside what they belong to, and opened at an address of their own.

Where they lie nobody is told. What this reader may not see is not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sledi.accounts.access import Access, members_only
from sledi.attachments import operations
from sledi.attachments.refusals import Unacceptable
from sledi.attachments.serving import file_of
from sledi.core.workflow import Field
from sledi.core.workflow.fields import PHOTOS
from sledi.core.workflow.refusals import words as said
from sledi.orders.moving.photos import TYPE
from sledi.orders.reading.photos import photo, waiting_photos
from sledi.orders.reasons import Reason
from sledi.orders.refusals import NotYours
from sledi.web.indexing import noindex


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo as a page shows it: small, with the way to the large one."""

    id: str
    address: str
    preview: str
    said: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The photos of one field."""

    name: str
    photos: tuple[Photo, ...]


@require_safe
@noindex
@members_only
def large(request: HttpRequest, access: Access, photo: UUID) -> HttpResponse:
    """A photo, upright and without anything that its file said beside the picture."""
    return _shown(request, access, photo, is_preview=False)


@require_safe
@noindex
@members_only
def preview(request: HttpRequest, access: Access, photo: UUID) -> HttpResponse:
    """The same, small."""
    return _shown(request, access, photo, is_preview=True)


def _shown(request: HttpRequest, access: Access, pk: UUID, *, is_preview: bool) -> HttpResponse:
    try:
        return file_of(request, photo(access, pk), is_preview=is_preview)
    except NotYours:
        raise Http404 from None


# --- with a form ----------------------------------------------------------------------------------------------


def taken_in(
    request: HttpRequest, access: Access, fields: Iterable[Field], key: str
) -> tuple[QueryDict, Reason | None]:
    """A form's answers with the ids of the photos that came with it, and what is wrong with one that was not taken.

    What was taken stays taken when the form is refused: it comes back with it, and is not sent again. ``key``: the
    form's own, so that what is sent twice is one.
    """
    answers, problem = request.POST.copy(), None
    for field in fields:
        files = request.FILES.getlist(field.key) if field.type == TYPE else []
        most = field.max or PHOTOS
        if files and len(files) + len(answers.getlist(field.key)) > most:
            words = said("wrong_field.too_many_photos", field=field.label, limit=str(most))
            told = words.get(get_language() or "en") or words["en"]
            return answers, Reason(422, "wrong-field", told, field.key, "too_many_photos")
        for file in files:
            try:
                one = operations.accept(
                    access, file, at=datetime.now(UTC), key=operations.key_within(key, file)
                )
            except Unacceptable as refusal:
                problem = problem or Reason(422, "wrong-photo", refusal.words, field.key, refusal.reason)
            else:
                answers.appendlist(field.key, str(one.pk))
    return answers, problem


def strip_of(name: str, ids: Iterable[Any], slug: str) -> Strip:
    """The photos of a field, told one from the other for whoever hears them read."""
    known = [str(one) for one in ids]
    return Strip(
        name, tuple(_photo(one, place, len(known), name, slug) for place, one in enumerate(known, 1))
    )


def waiting(access: Access, written: Sequence[str], name: str) -> tuple[Photo, ...]:
    """Of what a form names those photos that it may still use."""
    ids = [pk for text in written[:PHOTOS] if (pk := _uuid(text)) is not None]
    known = [one.pk for one in waiting_photos(access, ids)] if ids else []
    return strip_of(name, known, access.business.slug).photos


def _photo(pk: str, place: int, count: int, name: str, slug: str) -> Photo:
    blanks = {"name": name, "place": place, "count": count}
    return Photo(
        id=pk,
        address=reverse("orders:photo", args=[slug, pk]),
        preview=reverse("orders:photo-preview", args=[slug, pk]),
        said=_("%(name)s: photo %(place)s of %(count)s") % blanks,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
