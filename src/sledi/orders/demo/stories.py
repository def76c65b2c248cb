"""The demo's files: what happens in a business, as data.

A *plot* has ``business`` (columns of Business), ``people``, ``products`` (what is said of them, and ``by`` whom; a line
of an order names one by its code), ``orders``, ``hauls``, ``parcels``, ``tracks`` (what is
made, under names used in the file alone) and ``together`` (what happens to several of them, and money). Times are
days before the present (``ago``). A step is one line, ``<ago> <who> <what> <whom>…``, with fields behind a colon:

    - 19 reseller item.send 1 2                              each of these items
    - 18.5 operator item.take 1x2                            two pieces of item 1
    - 18 operator item.buy 1: {actual_price: "30.00"}
    - 3 russian_post says DELIVERED                          a carrier of the parcel; `says IN_TRANSIT item 1`
    - 20 bank pays: "33.00"                                  a payment for the order; `declines` for a failed one
    - 9 logist loads coats shoes                             orders into this haul or parcel

and in ``together``: ``operator order.receive coats shoes`` (one bulk move; ``each`` gives fields by name),
``bank tops_up boris: "500.00"``, ``platform pays_out``, ``platform payout.settle: {…}`` (or ``payout.fail``: of all
that are on their way), ``card sends_back order``,
``galina forbids_import: {…}`` (what may not be brought into a country).
``{days: -3}`` in a field is a day, counted from the present; ``{own: pickup_code}`` what the thing holds in that field.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sledi import profiles


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody of the demo."""

    name: str
    email: str
    role: str
    language: str
    iban: str = ""  # of a seller: where he is paid


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a story: ``ago`` days before the present ``who`` does ``what`` with ``whom``."""

    ago: float
    who: str
    what: str
    whom: tuple[str, ...] = ()
    fields: Any = None


@dataclass(frozen=True, slots=True)
class Thing:
    """An order, haul, parcel or track with what happens to it; ``facts`` is the rest of its entry."""

    name: str
    kind: str
    ago: float
    facts: Mapping[str, Any]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """One business of the demo."""

    profile: str
    business: Mapping[str, Any]
    people: Mapping[str, Character]
    things: tuple[Thing, ...]
    together: tuple[Step, ...]
    products: tuple[Mapping[str, Any], ...] = ()


KINDS = ("orders", "hauls", "parcels", "tracks")


@cache
def plot(profile: str) -> Plot:
    """The demo's business of a profile. Raises ValueError for a file that cannot be understood."""
    source = f"{profile}.yaml"
    text = files("sledi.orders.demo").joinpath(source).read_text(encoding="utf-8")
    document, _lines = profiles.read(text, source)
    business = document["business"]
    return Plot(
        profile=profile,
        business=business,
        people={key: _character(row, business) for key, row in document["people"].items()},
        things=tuple(_things(document)),
        together=tuple(_steps(document.get("together", []), "together")),
        products=tuple(document.get("products", ())),
    )


def _character(row: Mapping[str, Any], business: Mapping[str, Any]) -> Character:
    language = row.get("language", business["language"])
    return Character(row["name"], row["email"], row["role"], language, row.get("iban", ""))


def _things(document: Mapping[str, Any]) -> Iterator[Thing]:
    for kind in KINDS:
        for name, entry in document.get(kind, {}).items():
            facts = dict(entry)
            ago, steps = float(facts.pop("ago")), tuple(_steps(facts.pop("steps", []), name))
            if [ago, *(step.ago for step in steps)] != sorted(
                [ago, *(step.ago for step in steps)], reverse=True
            ):
                raise ValueError(f"{name}: its steps are not in the order of time")
            yield Thing(name, kind.removesuffix("s"), ago, facts, steps)


def _steps(entries: Sequence[Any], name: str) -> Iterator[Step]:
    for entry in entries:
        (head, fields), *more = entry.items() if isinstance(entry, dict) else [(entry, None)]
        ago, who, what, *whom = str(head).split()
        if more:
            raise ValueError(f"{name}: {head}: one line is one step")
        yield Step(float(ago), who, what, tuple(whom), fields)
