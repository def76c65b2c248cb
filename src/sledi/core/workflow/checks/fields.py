"""Fields to be supplied: they become forms, API schemas, CSV columns and flags. And settings, which are alike."""

from collections.abc import Iterator

from sledi.core import money
from sledi.core.workflow.building import field_of
from sledi.core.workflow.checks.finding import Finding, unknown, wrong_key
from sledi.core.workflow.document import Draft, SettingPart
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.fields import PHOTOS, TYPES
from sledi.core.workflow.model import Field
from sledi.core.workflow.vocabulary import RESERVED_COLUMNS

_NUMBERS = ("money", "weight_g", "length_mm", "integer")
_TEXTS = ("text", "code")
_SETTING_TYPES = ("integer", "boolean", "text", "choice")


def check(draft: Draft) -> Iterator[Finding]:
    for level, transitions in draft.transitions.items():
        types: dict[str, str] = {}
        for name, transition in transitions.items():
            for key, part in transition.requires.items():
                path = ("transitions", level, name, "requires", key)
                field = field_of(key, part)
                yield from _field(path, field)
                if field.unique_for and (field.unique_for != "payer" or level != "item"):
                    yield path, "field-option", f"{key}: unique_for is `payer`, and for fields of items"
                if field.type == "photos" and transition.bulk and not field.is_optional:
                    said = f"{key}: a move of many cannot ask for photos, which belong to one thing alone"
                    yield path, "field-option", said
                if field.type == "photos" and level == "payout":
                    yield path, "field-option", f"{key}: payouts have no photos"
                if types.setdefault(key, field.type) != field.type:
                    known = types[key]
                    yield (
                        path,
                        "field-type",
                        f"{key} of {level} is {field.type} here and {known} in another move",
                    )
    for key, setting in draft.settings.items():
        yield from _setting(("settings", key), key, setting)


def _field(path: Path, field: Field) -> Iterator[Finding]:
    yield from wrong_key(path, "field", field.key)
    if field.key in RESERVED_COLUMNS:
        yield (
            path,
            "reserved-column",
            f"`{field.key}` is a column or flag of every table of moves: choose another name",
        )
    yield from unknown(path, "unknown-type", "type of field", field.type, TYPES)
    yield from _options(path, field)
    if field.min is not None and field.max is not None and field.min > field.max:
        yield path, "limits", f"{field.key}: min is above max"


def _options(path: Path, field: Field) -> Iterator[Finding]:
    """Options belong to their types: one that would do nothing was meant otherwise."""
    has_most = field.max is not None and field.type != "photos"  # so many photos at most
    limited = field.min is not None or has_most
    for option, given, types in (
        ("choices", bool(field.choices), ("choice",)),
        ("min and max", limited, _NUMBERS),
        ("max_length", bool(field.max_length), _TEXTS),
        ("any", field.accepts_any, ("tracking_number",)),
        ("scanned", field.is_scanned, ("tracking_number",)),
        ("currency", bool(field.currency), ("money",)),
        ("unique_for", bool(field.unique_for), (*_TEXTS, "tracking_number")),
    ):
        if given and field.type not in types:
            yield (
                path,
                "field-option",
                f"{field.key}: {option} belongs to {' or '.join(types)}, not to {field.type}",
            )
    if field.type == "choice" and not field.choices:
        yield path, "field-option", f"{field.key}: a choice needs choices"
    if field.type == "photos" and field.max is not None and not 1 <= field.max <= PHOTOS:
        yield path, "limits", f"{field.key}: from 1 to {PHOTOS} photos"
    if field.max_length < 0:
        yield path, "limits", f"{field.key}: max_length is below 1"
    if field.currency and not _is_currency(field.currency):
        yield path, "unknown-currency", f"{field.key}: there is no currency {field.currency}"


def _is_currency(currency: str) -> bool:
    try:
        money.exponent(currency)
    except money.WrongAmount:
        return False
    return True


def _setting(path: Path, key: str, setting: SettingPart) -> Iterator[Finding]:
    yield from wrong_key(path, "setting", key)
    yield from unknown((*path, "type"), "unknown-type", "type of setting", setting.type, _SETTING_TYPES)
    if not _fits(setting):
        yield (
            (*path, "default"),
            "limits",
            f"setting {key}: the default {setting.default!r} is none of its values",
        )


def _fits(setting: SettingPart) -> bool:
    default = setting.default
    match setting.type:
        case "boolean":
            return isinstance(default, bool)
        case "integer":
            return (
                isinstance(default, int)
                and not isinstance(default, bool)
                and (setting.min is None or default >= setting.min)
                and (setting.max is None or default <= setting.max)
            )
        case "choice":
            return default in setting.choices
    return isinstance(default, str)
