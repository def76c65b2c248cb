"""The answer that carries a photo. Who may have it is asked before; where it lies nobody is told."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response

from sledi.attachments.models import Attachment, storage


def file_of(request: HttpRequest, found: Attachment, *, is_preview: bool) -> HttpResponse:
    """The bytes for a reader who may have them, for his eyes alone; nothing in them may ever run."""
    etag = f'"{found.sha256}{"-small" if is_preview else ""}"'
    answer: HttpResponse | None = get_conditional_response(request, etag)
    if answer is None:
        with storage().open(found.preview_path if is_preview else found.path) as file:
            answer = HttpResponse(file.read(), content_type=found.media_type)
        answer.headers["Content-Disposition"] = f'inline; filename="{found.pk}.jpg"'
        answer.headers["Content-Encoding"] = "identity"  # it is pressed as far as it goes
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = "private, no-cache"  # kept by his browser, shown again after asking
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer
