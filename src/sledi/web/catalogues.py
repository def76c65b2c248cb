"""What is said in templates and code, and what the gettext catalogues say in each language.

``python -m sledi.web.catalogues`` brings every catalogue up to date with the sources: new texts come in empty,
texts nobody uses leave. English is the language of the sources and has no catalogue.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PACKAGE = Path(__file__).resolve().parent.parent
LOCALE = PACKAGE / "locale"
TRANSLATED = ("ru", "bg", "kk", "uk")
PATTERNS = ("*.py", "templates/**/*.html", "templates/**/*.txt")
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "_": None,
}
PLURALS = {  # as in Django's own catalogues, with which ours are merged
    "ru": (
        4,
        "(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : "
        "n%10==0 || (n%10>=5 && n%10<=9) || (n%100>=11 && n%100<=14)? 2 : 3)",
    ),
    "uk": (
        4,
        "(n % 1 == 0 && n % 10 == 1 && n % 100 != 11 ? 0 : n % 1 == 0 && n % 10 >= 2 && n % 10 <= 4 && "
        "(n % 100 < 12 || n % 100 > 14) ? 1 : n % 1 == 0 && (n % 10 ==0 || (n % 10 >=5 && n % 10 <=9) || "
        "(n % 100 >=11 && n % 100 <=14 )) ? 2: 3)",
    ),
    "bg": (2, "(n != 1)"),
    "kk": (2, "(n!=1)"),
}


def sources() -> Catalog:
    """Every text that templates and code of the package want translated."""
    catalogue = Catalog(charset="utf-8")
    for path, context, text in _texts():
        catalogue.add(text, context=context, locations=[(path, 0)])
    return catalogue


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return LOCALE / language / "LC_MESSAGES" / "django.po"


def stored(language: str) -> Catalog:
    """The catalogue of a language as it is kept; empty while there is none."""
    path = path_of(language)
    if not path.is_file():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def incomplete(language: str) -> list[Message]:
    """Texts of the sources that a language does not say yet, or says with too few plural forms."""
    said = stored(language)
    forms = PLURALS[language][0]
    return [message for message in sources() if message.id and not _is_said(said, message, forms)]


def update(language: str) -> int:
    """Bring a catalogue up to date; how many texts still have to be translated."""
    said, wanted = stored(language), sources()
    fresh = Catalog(locale=language, charset="utf-8", fuzzy=False)
    # CLDR's plural forms, which the catalogue would take by itself, differ from Django's.
    fresh._num_plurals, fresh._plural_expr = PLURALS[language]  # type: ignore[assignment]
    for message in wanted:
        if message.id:
            known = said.get(_key(message), message.context)
            fresh.add(
                message.id,
                known.string if known else None,
                context=message.context,
                locations=message.locations,
            )
    buffer = BytesIO()
    write_po(buffer, fresh, width=110, include_lineno=False, omit_header=True, sort_by_file=True)
    header = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {language}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: nplurals={PLURALS[language][0]}; plural={PLURALS[language][1]};\\n"\n\n'
    )
    path = path_of(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + buffer.getvalue().decode(), encoding="utf-8")
    return len(incomplete(language))


def _is_said(said: Catalog, message: Message, forms: int) -> bool:
    known = said.get(_key(message), message.context)
    if known is None or known.fuzzy:
        return False
    if message.pluralizable:
        return isinstance(known.string, tuple) and len(known.string) == forms and all(known.string)
    return bool(known.string)


def _key(message: Message) -> str:
    return str(message.id[0] if message.pluralizable else message.id)


def _texts() -> Iterator[tuple[str, str | None, str | tuple[str, ...]]]:
    """Path, context and text (with its plural) of everything marked for translation."""
    for path in sorted(path for pattern in PATTERNS for path in PACKAGE.rglob(pattern)):
        if "tests" in path.parts:
            continue
        written = path.read_text(encoding="utf-8")
        source = written if path.suffix == ".py" else templatize(written, origin=str(path))
        for _line, text, _comments, context in extract("python", BytesIO(source.encode()), KEYWORDS):
            yield str(path.relative_to(PACKAGE)), context, text


if __name__ == "__main__":
    for code in TRANSLATED:
        print(code, update(code), "texts to translate")  # noqa: T201
