"""Documents that go with an order: their templates, who prints them and when, and where their facts come from."""

from collections.abc import Iterator

from sledi.core.workflow.building import field_of, fields_by_level
from sledi.core.workflow.checks.finding import Finding, unknown, unknown_states, wrong_key
from sledi.core.workflow.document import Draft, PaperPart
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.model import Field
from sledi.core.workflow.vocabulary import ALL_DOCUMENTS, PEOPLE, TEMPLATES, Kind


def check(draft: Draft) -> Iterator[Finding]:
    of_items = fields_by_level(draft).get(Kind.ITEM, {})
    for key, part in draft.documents.items():
        path = ("documents", key)
        yield from wrong_key(path, "document", key)
        if key == ALL_DOCUMENTS:
            yield path, "duplicate", f"`{key}` stands for all documents together: choose another name"
        yield from _document(draft, path, part)
        for fact, source in part.facts.items():
            yield from _fact(draft, (*path, "facts", fact), part.template, fact, source, of_items)
    yield from _ticks(draft)


def _document(draft: Draft, path: Path, part: PaperPart) -> Iterator[Finding]:
    yield from unknown((*path, "template"), "unknown-template", "template", part.template, TEMPLATES)
    if not part.roles:
        yield path, "no-role", "nobody may print it"
    for role in part.roles:
        yield from unknown((*path, "roles"), "unknown-role", "role of people", role, PEOPLE)
    if not part.states:
        yield path, "no-states", "there is no state in which it may be made"
    yield from unknown_states(draft, (*path, "states"), Kind.ORDER, part.states)
    for fact, source in TEMPLATES.get(part.template, {}).items():
        if source == "setting" and fact not in part.facts:
            yield (
                (*path, "facts"),
                "unknown-setting",
                f"{part.template} needs the setting that says its {fact}",
            )
    if part.language:
        yield from unknown((*path, "language"), "languages", "language", part.language, draft.languages)


def _fact(
    draft: Draft, path: Path, template: str, fact: str, source: str, of_items: dict[str, Field]
) -> Iterator[Finding]:
    """A fact comes from a field of items, of the type that the template can print, or from a setting."""
    takes = TEMPLATES.get(template)
    if takes is None:  # told already
        return
    yield from unknown(path, "unknown-field", f"fact of {template}", fact, takes)
    wanted = takes.get(fact, "")
    if wanted == "setting":
        yield from unknown(path, "unknown-setting", "setting", source, draft.settings)
    elif wanted:
        yield from unknown(path, "unknown-field", "field of items", source, of_items)
        field = of_items.get(source)
        if field is not None and field.type != wanted:
            yield path, "field-type", f"{source} is {field.type}, and {fact} is taken from {wanted}"
        elif fact == "vat_percent" and field is not None and not all(map(_is_percent, field.choices)):
            yield path, "field-option", f"{source}: its choices are whole per cents, as '20'"


def _is_percent(choice: str) -> bool:
    return choice.isascii() and choice.isdecimal() and int(choice) < 100


def _ticks(draft: Draft) -> Iterator[Finding]:
    """A field may say that a document is there: a tick where an order moves, or where something is made of it."""
    for level, transitions in draft.transitions.items():
        for name, transition in transitions.items():
            for key, part in transition.requires.items():
                field = field_of(key, part)
                if not field.document:
                    continue
                path = ("transitions", level, name, "requires", key)
                yield from unknown(path, "unknown-document", "document", field.document, draft.documents)
                is_of_order = level == Kind.ORDER or (level in _MADE_OF_AN_ORDER and not transition.from_)
                if field.type != "boolean" or not is_of_order:
                    yield (
                        path,
                        "field-option",
                        f"{key}: document belongs to boolean fields of an order's moves",
                    )


_MADE_OF_AN_ORDER = (Kind.PARCEL, Kind.CASE)
