"""The form of a move: a control for each field the profile asks for, in the reader's language.

What is typed is cleaned by ``core.workflow`` alone, so a page, a CSV file and the API accept the same.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.accounts.access import Access
from sledi.core.workflow import Field, Transition, Workflow
from sledi.core.workflow.fields import PHOTOS as PHOTOS_MAX
from sledi.orders.moving.photos import TYPE as PHOTOS
from sledi.orders.pages.photos import Photo, waiting

QUANTITY = "quantity"
LINE_LENGTH_MAX = 200
"""A text that may be longer gets a box of several lines."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice."""

    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class PrintLink:
    """A document beside its tick."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Control:
    """One field on the page. ``kind``: line, box, whole, amount, number, date, choice, photos or yes."""

    key: str
    kind: str
    label: str
    is_required: bool
    is_recommended: bool = False
    value: str = ""
    hint: str = ""
    error: str = ""
    length_max: int = 0
    least: int | None = None
    most: int | None = None
    options: tuple[Option, ...] = ()
    photos: tuple[Photo, ...] = ()  # that came with the form before
    paper: "PrintLink | None" = None  # the document that the box says is there, to be printed from here
    takes_focus: bool = False  # on a page that is for this field alone
    autocomplete: str = "off"  # what a browser may fill in about the reader himself (WCAG 2.2, 1.3.5)


@dataclass(frozen=True, slots=True)
class MoveForm:
    """Everything a page needs to ask for a move and to send it once."""

    name: str
    level: str
    label: str
    address: str
    controls: tuple[Control, ...]
    version: int | None
    key: str
    refusal: str = ""
    listed: tuple[str, ...] = ()
    is_correction: bool = False
    is_making: bool = False
    submit: str = ""  # what the button says, where that is not the label

    @property
    def is_plain(self) -> bool:
        """Whether nothing has to be filled in: one button does it."""
        return not self.controls

    @property
    def has_files(self) -> bool:
        """Whether it has to be sent in parts."""
        return any(one.kind == "photos" for one in self.controls)

    @property
    def id(self) -> str:
        """Begins the ids of its controls; several forms stand on one page."""
        return f"{self.level}-{self.name}"

    def refused(self, words: str, field: str = "", listed: Sequence[str] = ()) -> "MoveForm":
        """The same form with what was wrong, beside its field where it has one.

        What was ``listed`` for a field is what may belong there: it stands in it, to be confirmed.
        """
        controls = tuple(
            replace(one, error=words, value=one.value or next(iter(listed), "")) if one.key == field else one
            for one in self.controls
        )
        return replace(self, controls=controls, refusal=words, listed=tuple(listed))


def move_form(
    workflow: Workflow,
    transition: Transition,
    *,
    address: str,
    language: str,
    currency: str,
    version: int | None,
    pieces: int = 1,
    typed: Mapping[str, str] | None = None,
    key: str = "",
    order_address: str = "",
) -> MoveForm:
    """The form of ``transition``. ``pieces``: how many an item has; several may be parted by a quantity.

    ``typed`` is what somebody filled in before. ``order_address``: the page of the order it is about, below which
    its documents stand; without one their ticks have no links.
    """
    filled = typed or {}
    controls = [
        replace(
            control_of(workflow, field, language, currency, filled),
            paper=_paper(workflow, field, language, order_address),
        )
        for field in transition.fields
    ]
    if pieces > 1 and not transition.creates:
        controls.append(_quantity(pieces, filled))
    return MoveForm(
        name=transition.name,
        level=transition.level,
        label=workflow.words(transition.label, language) or transition.name,
        address=address,
        controls=tuple(controls),
        version=version,
        key=key or str(uuid4()),
        is_correction=transition.is_correction,
        is_making=transition.creates,
        submit=workflow.words(workflow.levels[transition.level].save, language) if transition.target else "",
    )


def typed_in(transition: Transition, data: Mapping[str, str]) -> dict[str, str]:
    """What a form brought, as it was typed: for the form again, should the move be refused."""
    keys = [*(field.key for field in transition.fields), QUANTITY]
    return {key: data[key] for key in keys if key in data}


def supplied_in(transition: Transition, data: QueryDict) -> dict[str, Any]:
    """What a form supplies to a move. A box that was not ticked is not sent by browsers, and means no."""
    return {
        field.key: data.getlist(field.key) if field.type == PHOTOS else data.get(field.key, "")
        for field in transition.fields
    }


def with_photos(access: Access, controls: Sequence[Control], data: QueryDict) -> tuple[Control, ...]:
    """Controls with the photos that came with the form before and may still be used."""
    return tuple(
        replace(one, photos=waiting(access, data.getlist(one.key), one.label))
        if one.kind == "photos"
        else one
        for one in controls
    )


def control_of(
    workflow: Workflow,
    field: Field,
    language: str,
    currency: str,
    typed: Mapping[str, str],
    name: str = "",
) -> Control:
    """The control of one field; ``name`` in the form where that is not the field's key."""
    value = typed.get(field.key, "")
    label = workflow.words(field.label, language) or field.key
    if field.type == "money":
        label = f"{label}, {field.currency or currency}"
    return Control(
        key=name or field.key,
        kind=kind_of(field),
        label=label,
        is_required=not field.is_optional,
        is_recommended=field.is_recommended,
        value=value,
        hint=_hint(field),
        length_max=field.max_length,
        least=field.min,
        most=field.max,
        options=tuple(
            Option(choice, workflow.words(words, language), choice == value)
            for choice, words in field.choices.items()
        ),
    )


def labelled(said: str, field: str, labels: Mapping[str, Any]) -> str:
    """A refusal with the field's label where it has the key: programs read keys, people labels."""
    key = field.rpartition("/")[2]
    label = str(labels.get(key, key))
    return re.sub(rf"(?<=[«„“]){re.escape(key)}(?=[»“”])", lambda _found: label, said) if key else said


def whole(text: str) -> int | None:
    """A number that a form carries along, as a version; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def kind_of(field: Field) -> str:
    """The kind of control a field gets."""
    if field.type == "text":
        return "line" if 0 < field.max_length <= LINE_LENGTH_MAX else "box"
    return _KINDS[field.type]


def _paper(workflow: Workflow, field: Field, language: str, order_address: str) -> PrintLink | None:
    """The document that a tick is about."""
    document = workflow.documents.get(field.document)
    if document is None or not order_address:
        return None
    name = workflow.words(document.label, language)
    return PrintLink(
        _("Print: %(document)s") % {"document": name}, f"{order_address}documents/{document.key}/"
    )


def _hint(field: Field) -> str:
    if field.type == PHOTOS:
        most = ngettext("Up to %(count)s photo.", "Up to %(count)s photos.", field.max or PHOTOS_MAX)
        return most % {"count": field.max or PHOTOS_MAX}
    return _("Spaces and dashes do no harm.") if field.type == "tracking_number" else ""


def _quantity(pieces: int, typed: Mapping[str, str]) -> Control:
    return Control(
        key=QUANTITY,
        kind="whole",
        label=_("Pieces"),
        is_required=True,
        value=typed.get(QUANTITY, str(pieces)),
        hint=_("Fewer than %(pieces)s pieces are parted from the rest.") % {"pieces": pieces},
        least=1,
        most=pieces,
    )


_KINDS: Mapping[str, str] = {
    "tracking_number": "number",
    "money": "amount",
    "weight_g": "whole",
    "length_mm": "whole",
    "integer": "whole",
    "date": "date",
    "choice": "choice",
    "boolean": "yes",
    "code": "line",
    "photos": "photos",
}
