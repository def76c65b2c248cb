"""What every template knows."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from sledi.web.languages import LANGUAGES, address_in
from sledi.web.themes import theme_of


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One line of the language menu."""

    code: str
    name: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame around a page. ``theme`` is light, dark or empty for the system's."""

    site_name: str
    language: str
    languages: tuple[LanguageLink, ...]
    theme: str
    now: datetime
    here: str
    request_id: str

    @property
    def language_name(self) -> str:
        return LANGUAGES[self.language]


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: ``frame`` in every template."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return {
        "frame": Frame(
            site_name=getattr(settings, "SITE_NAME", "sledi"),
            language=language,
            languages=tuple(
                LanguageLink(code, name, address_in(request, code), code == language)
                for code, name in LANGUAGES.items()
            ),
            theme=theme_of(request),
            now=datetime.now(UTC),
            here=request.get_full_path(),
            request_id=getattr(request, "request_id", ""),
        )
    }
