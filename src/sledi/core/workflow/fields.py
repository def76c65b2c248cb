"""Cleans what people, files and programs supply with a move: text in, one plain value by the field's type out.

Values come from forms and CSV files as text and from the API as JSON; both are read the same way.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from sledi.core import money
from sledi.core.numbers import ErrorReason, detect, find
from sledi.core.workflow.contexts import empty_value
from sledi.core.workflow.model import Field
from sledi.core.workflow.refusals import Refused, words

TEXT_LENGTH = 2000
CODE_LENGTH = 64
NUMBER_LENGTH = range(4, 41)
NUMBERS_SHOWN = 3
"""Tracking numbers found in a text in place of the field that was left empty."""
WEIGHT_G = 1_000_000
"""A tonne: no single piece, parcel or pallet is heavier. A field's own ``max`` may say less or more."""
LENGTH_MM = 5_000
PHOTOS = 10
"""Photos of one field."""

Value = str | int | bool | list[str]


def clean(fields: tuple[Field, ...], supplied: Mapping[str, Any], currency: str) -> dict[str, Value]:
    """The supplied values, cleaned; fields that were left empty are not in it. ``currency``: the order's.

    Raises Refused: unknown_field, missing_field or wrong_field, naming the first field that is not right.
    """
    known = {field.key for field in fields}
    for key in supplied:
        if key not in known:
            shown = _visible(str(key))
            raise Refused("unknown_field", field=shown, words=words("unknown_field", field=shown))
    cleaned: dict[str, Value] = {}
    for field in fields:
        value = supplied.get(field.key)
        try:
            found = None if _is_empty(value) else _READERS[field.type](value, field, currency)
        except _Wrong as wrong:
            raise _refusal(field, wrong) from None
        if found is None or found == []:
            if not field.is_optional:
                raise _missing(field, fields, supplied)
        else:
            cleaned[field.key] = found
    return cleaned


def complete(fields: tuple[Field, ...], cleaned: Mapping[str, Value]) -> dict[str, Value]:
    """What rules see as ``input``: every field, with "", 0, false or an empty list for those left empty."""
    return {field.key: cleaned.get(field.key, empty_value(field)) for field in fields}


class _Wrong(Exception):
    def __init__(self, problem: str, limit: int = 0) -> None:
        super().__init__(problem)
        self.problem = problem
        self.limit = limit


def _missing(field: Field, fields: tuple[Field, ...], supplied: Mapping[str, Any]) -> Refused:
    """That a field was left empty; of a tracking number also those that stand in the texts, to be confirmed."""
    numbers = _numbers_in(fields, supplied) if field.type == "tracking_number" else ()
    key = "missing_field.written" if numbers else "missing_field"
    said = words(key, field=field.label, number=", ".join(numbers))
    return Refused("missing_field", field=field.key, words=said, listed=numbers)


def _numbers_in(fields: tuple[Field, ...], supplied: Mapping[str, Any]) -> tuple[str, ...]:
    """The tracking numbers written in the supplied texts, the likeliest first."""
    written = [supplied.get(field.key) for field in fields if field.type == "text"]
    text = "\n".join(one[:TEXT_LENGTH] for one in written if isinstance(one, str))
    found = find(text, limit=NUMBERS_SHOWN).numbers
    known = [one for one in found if one.candidates]
    return tuple(one.normalized for one in sorted(known, key=lambda one: -one.candidates[0].confidence))


def _refusal(field: Field, wrong: _Wrong) -> Refused:
    said = words(f"wrong_field.{wrong.problem}", field=field.label, limit=str(wrong.limit))
    return Refused("wrong_field", field=field.key, problem=wrong.problem, words=said)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _text(value: Any, field: Field, _currency: str) -> str:
    text = _line_breaks(_as_text(value)).strip()
    if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\t" for sign in text):
        raise _Wrong("control_characters")
    return _no_longer(text, field.max_length or TEXT_LENGTH)


def _code(value: Any, field: Field, _currency: str) -> str:
    text = _no_longer(_as_text(value).strip(), field.max_length or CODE_LENGTH)
    if not _CODE.fullmatch(text):
        raise _Wrong("not_a_code")
    return text


def _choice(value: Any, field: Field, _currency: str) -> str:
    text = _as_text(value).strip()
    if text not in field.choices:
        raise _Wrong("not_a_choice")
    return text


def _date(value: Any, _field: Field, _currency: str) -> str:
    text = _as_text(value).strip()
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _Wrong("not_a_date") from None


def _boolean(value: Any, _field: Field, _currency: str) -> bool:
    if isinstance(value, bool):
        return value
    answer = _YES_OR_NO.get(str(value).strip().lower())
    if answer is None:
        raise _Wrong("not_yes_or_no")
    return answer


def _photos(value: Any, field: Field, _currency: str) -> list[str]:
    """The ids of photos that were uploaded before, each once. Whose they are is for the database to say."""
    ids = list(dict.fromkeys(one.lower() for one in _written_ids(value)))
    if not all(_UUID.fullmatch(one) for one in ids):
        raise _Wrong("not_photos")
    most = PHOTOS if field.max is None else field.max
    if len(ids) > most:
        raise _Wrong("too_many_photos", most)
    return ids


def _written_ids(value: Any) -> list[str]:
    """A list as JSON has it, or a text with ids parted by spaces or commas, as a cell of a table has it."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise _Wrong("not_photos") from None
    if isinstance(value, str):
        return re.split(r"[\s,;]+", value.strip()) if value.strip() else []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _Wrong("not_photos")
    return [one.strip() for one in value if one.strip()]


def _tracking_number(value: Any, field: Field, _currency: str) -> str:
    """The compact number. A wrong check digit, or no known format, is refused unless the field accepts any."""
    answer = detect(_as_text(value))
    if len(answer.normalized) not in NUMBER_LENGTH:
        raise _Wrong("not_a_tracking_number")
    if field.accepts_any:
        return answer.normalized
    if any(mistake.reason is ErrorReason.CHECK_DIGIT for mistake in answer.errors):
        raise _Wrong("check_digit")
    if answer.errors or not answer.candidates:
        raise _Wrong("not_a_tracking_number")
    return answer.normalized


def _money(value: Any, field: Field, currency: str) -> int:
    """The amount in minor units; ``float`` comes from JSON, and its shortest text is what the client wrote."""
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _as_text(value)
    try:
        amount = money.parse(text, field.currency or currency).minor
    except money.WrongAmount as wrong:
        raise _unusable(field, wrong) from None
    return _within(amount, field.min, field.max)


def _unusable(field: Field, wrong: money.WrongAmount) -> Exception:
    """An amount that is not right is the supplier's to change; a currency nobody knows is not."""
    if wrong.reason == "unknown_currency":
        return Refused("guard_error", field=field.key, words=words("guard_error"), detail=str(wrong))
    return _Wrong(wrong.reason, wrong.limit)


def _integer(value: Any, field: Field, _currency: str) -> int:
    return _between(value, field, -money.LARGEST_MINOR, money.LARGEST_MINOR)


def _weight_g(value: Any, field: Field, _currency: str) -> int:
    return _between(value, field, 1, WEIGHT_G)


def _length_mm(value: Any, field: Field, _currency: str) -> int:
    return _between(value, field, 1, LENGTH_MM)


def _between(value: Any, field: Field, least: int, most: int) -> int:
    """A whole number within the field's own limits, else within those of its type."""
    return _within(
        _whole(value), least if field.min is None else field.min, most if field.max is None else field.max
    )


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    text = unicodedata.normalize("NFKC", str(value)).strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    raise _Wrong("not_whole" if _FRACTION.fullmatch(text) else "not_a_number")


def _within(number: int, least: int | None, most: int | None) -> int:
    if least is not None and number < least:
        raise _Wrong("too_small", least)
    if most is not None and number > most:
        raise _Wrong("too_large", most)
    return number


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a spreadsheet or a JSON client leaves the quotes out
    raise _Wrong("not_text")


def _no_longer(text: str, length: int) -> str:
    if len(text) > length:
        raise _Wrong("too_long", length)
    return text


def _line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _visible(key: str) -> str:
    """A foreign key fit to be shown: short and without control characters."""
    return "".join(sign for sign in key[:40] if sign.isprintable())


_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_FRACTION = re.compile(r"[+-]?[0-9]+[.,][0-9]+")
_YES_OR_NO = MappingProxyType(
    {
        **dict.fromkeys(("true", "1", "yes", "on", "да", "иә", "так"), True),
        **dict.fromkeys(("false", "0", "no", "off", "нет", "не", "жоқ", "ні"), False),
    }
)
_Reader = Callable[[Any, Field, str], Value]
_READERS: Mapping[str, _Reader] = MappingProxyType(
    {
        "text": _text,
        "tracking_number": _tracking_number,
        "money": _money,
        "weight_g": _weight_g,
        "length_mm": _length_mm,
        "integer": _integer,
        "date": _date,
        "choice": _choice,
        "boolean": _boolean,
        "code": _code,
        "photos": _photos,
    }
)
TYPES = tuple(_READERS)
"""The types of fields a profile may ask for."""
