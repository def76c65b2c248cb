"""How much of a file a request may bring. Wired in by ``FILE_UPLOAD_HANDLERS``, before the handlers that keep anything.

A file is cut off behind its limit: what is kept of 60 MB lies on disk and is no longer than the limit, and whoever
reads it sees that it was too large. How long a whole request may be says ``project.pages``.
"""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class CutOff(FileUploadHandler):
    """Lets one byte more than the limit through."""

    def new_file(self, *args: Any, **named: Any) -> None:
        super().new_file(*args, **named)
        self._left = settings.FILE_BYTES_MAX + 1

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        kept = raw_data[: self._left]
        self._left -= len(kept)
        return kept or None

    def file_complete(self, file_size: int) -> None:
        return None
