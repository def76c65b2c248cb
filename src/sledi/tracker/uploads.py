"""A file with numbers in place of pasted text: a list or a table as plain text, in any usual encoding."""

import codecs
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

FILE_BYTES_MAX = 250_000
"""Several thousand lines; a list takes 40 numbers."""

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class NotText(ValueError):
    """The file is no plain text: a spreadsheet's own format, a picture, a letter in Word."""


class TooLarge(ValueError):
    """The file is larger than FILE_BYTES_MAX."""


def of_limited_size(refuse: Callable[..., HttpResponse]) -> Callable[[View[P]], View[P]]:
    """A page whose form brings much; ``refuse`` answers what is too large, before anything of it is read.

    The protection against forged forms reads the form, so it has to come after the look at the size.
    """

    def limited(view: View[P]) -> View[P]:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            size = request.META.get("CONTENT_LENGTH") or "0"
            if size.isdigit() and int(size) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                return refuse(request, *args, **kwargs)
            response: HttpResponse = protected(request, *args, **kwargs)
            return response

        return answer

    return limited


def pasted(request: HttpRequest) -> str:
    """What the form brings: the text of the box, then that of the file. Raises NotText or TooLarge."""
    text = request.POST.get("numbers", "")
    file = request.FILES.get("file")
    if file is None:
        return text
    content = file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise TooLarge
    return f"{text}\n{decoded(content)}"


def decoded(content: bytes) -> str:
    """A text in UTF-8 or UTF-16, with or without a mark, else in Windows-1251. Raises NotText."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _as_text(content[len(mark) :], encoding)
    if b"\0" in content:
        # UTF-16 without a mark: digits and Latin letters have a zero in front of them, or behind.
        in_front = content[::2].count(0) > content[1::2].count(0)
        return _as_text(content, "utf-16-be" if in_front else "utf-16-le")
    try:
        return _as_text(content, "utf-8")
    except NotText:
        return _as_text(content, "windows-1251")


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\v\f\r\x1a")  # an old editor ends a file with 1A


def _as_text(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise NotText from None
    if not _CONTROLS.isdisjoint(text):
        raise NotText
    return text
