"""What a request brings in files is cut off behind its limit, however long it is."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory


@pytest.mark.parametrize(
    ("sent", "kept"), [(0, 0), (999, 999), (1000, 1000), (1001, 1001), (3_000_000, 1001)]
)
def test_of_a_file_one_byte_more_than_the_limit_is_kept(sent: int, kept: int, settings: Any) -> None:
    settings.FILE_BYTES_MAX = 1000
    files = {"first": SimpleUploadedFile("a", b"a" * sent), "second": SimpleUploadedFile("b", b"bb")}
    request = RequestFactory().post("/", {"said": "yes", **files})
    first, second = request.FILES["first"], request.FILES["second"]
    assert (first.size, first.read()) == (kept, b"a" * kept)
    assert (second.read(), request.POST["said"]) == (b"bb", "yes")
    request.close()
