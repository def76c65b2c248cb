"""Reading settings from the environment; what was read, from where, and what is wrong with it is kept.

A wrong value never stops the reading: the default counts instead, ``sledi config check`` names the mistake, and
``sledi web`` and ``sledi worker`` refuse to start until it is mended.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

Check = Callable[[str], str]
"""What is wrong with a text; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One setting as it was found."""

    name: str
    what: str
    text: str
    is_given: bool
    is_secret: bool
    problem: str

    @property
    def shown(self) -> str:
        """The value as a person may see it."""
        return "(kept secret)" if self.is_secret and self.text else self.text


class Options:
    """Reads one setting after the other; ``readings`` has all of them in order."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.readings: list[Reading] = []

    def text(
        self, name: str, what: str, default: str = "", check: Check | None = None, *, secret: bool = False
    ) -> str:
        """A text; ``default`` when the variable is missing, empty or refused by ``check``."""
        given = self.environment.get(name, "")
        problem = check(given) if given and check else ""
        text = default if problem or not given else given
        self.readings.append(Reading(name, what, text, bool(given), secret, problem))
        return text

    def flag(self, name: str, what: str, default: str = "0") -> bool:
        """Yes or no; no by default."""
        return self.text(name, what, default, _flag_problem).lower() in _YES

    def number(self, name: str, what: str, default: int, least: int = 0) -> int:
        """A whole number of at least ``least``."""
        return int(self.text(name, what, str(default), lambda text: _number_problem(text, least)))


_YES = {"1", "true", "yes", "on"}
_NO = {"0", "false", "no", "off"}


def _flag_problem(text: str) -> str:
    return "" if text.lower() in _YES | _NO else "must be 1 or 0"


def _number_problem(text: str, least: int) -> str:
    fits = text.isascii() and text.isdigit() and int(text) >= least
    return "" if fits else f"must be a whole number of at least {least}"


def web_address(text: str) -> str:
    """Check of an address such as ``https://track.example``."""
    parts = urlsplit(text)
    return (
        "" if parts.scheme in {"http", "https"} and parts.hostname else "must begin with https:// or http://"
    )


def mail_server(text: str) -> str:
    """Check of ``smtp://user:password@host:587?tls=1`` or ``smtps://…:465``."""
    parts = urlsplit(text)
    return (
        "" if parts.scheme in {"smtp", "smtps"} and parts.hostname else "must begin with smtp:// or smtps://"
    )


def database_server(text: str) -> str:
    """Check of ``postgresql://user:password@host:5432/name``."""
    return "" if urlsplit(text).scheme in {"postgresql", "postgres"} else "must begin with postgresql://"


def long_secret(text: str) -> str:
    """Check of a key that signs things."""
    return "" if len(text) >= 40 else "must have at least 40 characters"


def contact(text: str) -> str:
    """Check of an address for reports (RFC 9116, section 2.5.3)."""
    return (
        ""
        if text.startswith(("mailto:", "https://", "tel:"))
        else "must begin with mailto:, https:// or tel:"
    )
