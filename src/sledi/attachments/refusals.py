"""Why a file is not kept, in a sentence for its uploader. Nothing is stored of it."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _


class KeyUsedOtherwise(Exception):
    """The key of an upload came with another photo before."""


class Unacceptable(Exception):
    """``reason``: too_large, empty, not_a_photo, too_many_pixels, animated, damaged or too_many_waiting."""

    def __init__(self, reason: str, name: str, limit: int = 0) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason
        self.name = name
        self.limit = limit

    @property
    def words(self) -> str:
        """The sentence, in the language of whoever is answered now."""
        return _SENTENCES[self.reason]() % {"name": self.name or _("photo"), "limit": self.limit}


_SENTENCES: Mapping[str, Callable[[], str]] = {
    "too_large": lambda: _("The file “%(name)s” is larger than %(limit)s MB. Send a smaller one."),
    "empty": lambda: _("The file “%(name)s” is empty. Choose another one."),
    "not_a_photo": lambda: _("The file “%(name)s” is no photo. JPEG, PNG and WebP can be sent."),
    "too_many_pixels": lambda: _(
        "The photo “%(name)s” has more than %(limit)s megapixels. Send a smaller one."
    ),
    "animated": lambda: _("The picture “%(name)s” moves. Send a photo that stands still."),
    "damaged": lambda: _("The photo “%(name)s” is damaged or did not come whole. Send it again."),
    "too_many_waiting": lambda: _(
        "You have uploaded %(limit)s photos that are not used yet. Use them, or try again tomorrow."
    ),
}
