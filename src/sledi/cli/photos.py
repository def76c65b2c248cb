"""Photos from this machine's files: ``--field photos=@box.jpg`` uploads one, for the field of a move."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sledi.cli import Refused

if TYPE_CHECKING:
    from sledi.accounts.access import Access
    from sledi.core.workflow import Field

FILE = "@"
"""Before the path of a file; without it the value is the id of a photo that was uploaded before."""


def with_photos(
    access: "Access",
    fields: "Iterable[Field]",
    pairs: Iterable[tuple[str, str]],
    language: str,
    key: str = "",
) -> dict[str, Any]:
    """What is supplied, the files among it uploaded; a field of photos may be given several times. Raises Refused.

    What is uploaded for a dry run, or for a move that is refused, is gone after a day.
    """
    photos = {field.key for field in fields if field.type == "photos"}
    supplied: dict[str, Any] = {}
    for name, value in pairs:
        if name in photos:
            is_file = value.startswith(FILE)
            pk = _uploaded(access, Path(value.removeprefix(FILE)), language, key) if is_file else value
            supplied.setdefault(name, []).append(pk)
        else:
            supplied[name] = value
    return supplied


def _uploaded(access: "Access", path: Path, language: str, key: str) -> str:
    from django.core.files import File
    from django.utils import translation

    from sledi.attachments.operations import accept, key_within
    from sledi.attachments.refusals import Unacceptable
    from sledi.cli.acting import now

    try:
        with path.open("rb") as opened:
            file = File(opened, name=path.name)
            photo = accept(access, file, at=now(), key=key_within(key, file))
    except OSError as problem:
        raise Refused(f"{path}: {problem.strerror}") from None
    except Unacceptable as refusal:
        with translation.override(language):
            raise Refused(refusal.words) from None
    return str(photo.pk)
