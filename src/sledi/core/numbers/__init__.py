"""Recognition of tracking numbers: offline, free, total.

    >>> detection = detect(" rr 123 456 785 cn ")
    >>> detection.normalized, detection.carrier, detection.confirmed
    ('RR123456785CN', 'china_post', True)
    >>> detection.candidates[0].reason
    'check digit passes, country CN'
    >>> pasted = find("заказ 55021 на 9400111201080805483016, тел. +7 701 123 45 67")
    >>> [one.normalized for one in pasted], pasted.unsure, pasted.phones
    (['9400111201080805483016'], ('55021',), 1)

``detect`` takes one number in any spelling, ``find`` any pasted text. Neither ever raises or rejects: a number
that breaks a rule keeps its candidates and says which rule. ``Hints`` (origin, destination, the shop's carriers,
the seller's word) re-rank and never hide. Every sentence of an answer has a key (``SENTENCES``) to translate by.

What else there is:

    about(number)         carriers, country and service, and whether scans are to be expected
    grouped(number)       "RR 123 456 785 CN", for comparing with the label
    likely_meant(number)  what a number with a wrong check digit was probably meant to be
    is_s10(number)        whether it is a valid UPU S10 number
    family(number)        the coarse shape by which corrections of users are remembered
    FORMATS               every format by its id, each with compact, validate, is_valid, format, about

Where things are, in the order of reading: ``detection`` asks and answers; ``paste`` cuts a text into pieces;
``reading`` decides what a piece was meant to be, with ``cleaning`` (characters) and ``repairs`` (slips);
``catalogue`` knows whom a number may belong to, ``mistakes`` why it belongs to nobody; ``hints`` moves the
ranking, and ``question`` asks. ``format`` and ``shape`` say what a format is. Formats that have a rule of
their own are modules (``s10``, ``russian_post_14``, ``sscc``, ``ups``, ``usps``, ``fedex``, ``dhl_express``,
``dpd``); those that only have looks are rows in ``data/formats``.
"""

from sledi.core.numbers.answer import (
    SENTENCES,
    Candidate,
    Check,
    Detection,
    Mistake,
    Option,
    Pasted,
    Question,
    Remark,
)
from sledi.core.numbers.catalogue import FORMATS
from sledi.core.numbers.detection import PASTE_LIMIT, about, detect, find, grouped
from sledi.core.numbers.errors import (
    ErrorReason,
    InvalidNumber,
    WrongAlphabet,
    WrongCheckDigit,
    WrongCountry,
    WrongLength,
    WrongStructure,
)
from sledi.core.numbers.format import About, Format
from sledi.core.numbers.hints import NO_HINTS, Hints, family
from sledi.core.numbers.repairs import likely_meant
from sledi.core.numbers.s10 import is_valid as is_s10

__all__ = [
    "FORMATS",
    "NO_HINTS",
    "PASTE_LIMIT",
    "SENTENCES",
    "About",
    "Candidate",
    "Check",
    "Detection",
    "ErrorReason",
    "Format",
    "Hints",
    "InvalidNumber",
    "Mistake",
    "Option",
    "Pasted",
    "Question",
    "Remark",
    "WrongAlphabet",
    "WrongCheckDigit",
    "WrongCountry",
    "WrongLength",
    "WrongStructure",
    "about",
    "detect",
    "family",
    "find",
    "grouped",
    "is_s10",
    "likely_meant",
]
