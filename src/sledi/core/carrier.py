"""The port every carrier module is written to, and what it may be handed and must give back.

A carrier module (``sledi.carriers.<slug>``) knows one wire contract and does no I/O:

    SLUG      its spelling everywhere (code, data, addresses)
    CALLS     the kinds of call it knows, the one to use first first
    ask()     numbers + account -> Request
    mask()    Reply -> Reply without personal data; total; reading it gives what reading the original gives
    read()    Reply -> Reading; raises one of the five errors below when the whole call failed
    verify()  only where the carrier pushes: is this push really from the carrier?

``tracking`` sends, waits, keeps the reply raw and calls ``read``. Names, telephones and sites of carriers
are not here but in ``sledi/carriers/directory``.

    CarrierError
    ├── Unavailable   down, slow, an HTML page, half a body: ask again later, state stays as it was
    ├── Throttled     too many calls: ask again after ``retry_after_s``
    ├── Denied        credentials wrong, blocked or used up: an operator must act
    ├── Refused       the carrier says that our request is wrong: a programmer must act
    └── Unreadable    the reply breaks the contract; names the field: a programmer must act
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What a carrier said about one number."""

    FOUND = "found"
    NOT_FOUND = "not_found"  # no data, or not yet
    WRONG_NUMBER = "wrong_number"  # the carrier calls the number itself impossible
    TEMPORARY = "temporary"  # no answer for this number now
    DENIED = "denied"  # we may not ask


class ZoneBasis(StrEnum):
    """How sure the moment of an event is."""

    GIVEN = "given"  # the reply carried an offset or UTC
    CARRIER_RULE = "carrier_rule"  # local time without a zone; the contract names the zone
    UNKNOWN = "unknown"  # local time abroad: ordering closer than a day is a guess


class Direction(StrEnum):
    FORWARD = "forward"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Event:
    """One scan as a carrier reports it.

    ``code`` is a key of ``statuses.EVENT_CODES`` and ``reason`` one of ``statuses.REASONS`` or empty.
    ``raw_code`` and ``raw_text`` are the carrier's own, ``raw_time`` its own text of the time.
    ``occurred_at`` is aware, in UTC. ``zone`` (IANA name or ``+08:00``) is the zone in which ``raw_time``
    stands, empty when unknown. ``place`` is a city, office or hub in the carrier's words; ``country``
    ISO 3166-1 alpha-2 or empty. ``carrier`` is the slug of the post that made the scan when an aggregator
    reports for it, else empty. ``withdraws`` cancels the earlier event of the same ``raw_code``.
    """

    code: str
    raw_code: str
    raw_text: str
    raw_time: str
    occurred_at: datetime
    zone_basis: ZoneBasis
    zone: str = ""
    text_language: str = ""
    reason: str = ""
    place: str = ""
    country: str = ""
    direction: Direction = Direction.FORWARD
    carrier: str = ""
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class Alias:
    """Another number of the same parcel, learnt from a reply. ``carrier`` is its slug or empty."""

    number: str
    carrier: str = ""
    kind: str = ""  # "local", "international", "return", "piece"


@dataclass(frozen=True, slots=True)
class Report:
    """What a reply says about one number. Never names, streets, telephones or contents."""

    number: str
    outcome: Outcome
    events: tuple[Event, ...] = ()
    origin: str = ""  # ISO 3166-1 alpha-2
    destination: str = ""
    aliases: tuple[Alias, ...] = ()
    service: str = ""  # the carrier's name of the product, in its words
    weight_g: int | None = None
    expected_from: datetime | None = None  # the carrier's own promise, aware
    expected_until: datetime | None = None
    unmapped: int = 0  # events whose code or text had no mapping
    message: str = ""  # the carrier's words on a number that was not found


@dataclass(frozen=True, slots=True)
class Ticket:
    """An answer to be collected later: ``kind`` of the call that collects it, not before ``ready_in_s``.

    An empty ``token`` means the ticket that was asked with: its answer is not ready yet.
    """

    token: str
    kind: str
    ready_in_s: int


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one reply says: reports by number, perhaps a ticket, and the numbers newly registered."""

    reports: tuple[Report, ...] = ()
    ticket: Ticket | None = None
    registered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, ready to send."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, or was pushed. ``numbers`` are those asked for, in the order asked.

    Headers have lower-case names. ``kind`` is the kind of the call it answers.
    """

    status: int
    body: bytes
    kind: str
    numbers: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """Where a carrier is reached and with which credentials; from configuration, never from users.

    ``base_url`` replaces the carrier's public address (the simulator, a sandbox); empty = the public one.
    ``secrets`` are keyed by the lower-case names that ``Call.secrets`` lists.
    """

    base_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of call a carrier understands, and its limits.

    ``secrets`` must all be configured for the call to be usable. ``batch`` numbers fit into one request.
    ``spacing_s`` is the least time between this call and the next one to the carrier, of whatever kind,
    ``per_day`` the most calls of this kind in a day, ``again_after_s`` the least time before the same number is
    asked again. ``role``: "history" answers at once, "state" with the newest state only (it tells nothing a
    history does not, and is not polled), "ticket" orders an answer that "collect" fetches later, "register" makes
    the carrier watch the number (and send pushes, where it can), "push" comes from the carrier. ``after`` names
    the "register" call that a number must have been through before this one is of use.
    """

    kind: str
    role: str
    batch: int = 1
    secrets: tuple[str, ...] = ()
    spacing_s: float = 0.0
    per_day: int | None = None
    again_after_s: int = 3600
    timeout_s: float = 20.0
    after: str = ""


class CarrierError(Exception):
    """A whole call failed. ``retry`` says whether asking again, unchanged, can help."""

    retry = False


class Unavailable(CarrierError):
    """The carrier is down, slow, or answers with something that is not its protocol."""

    retry = True


class Throttled(CarrierError):
    """Too many calls. ``retry_after_s`` is what the carrier asked for, or the contract's rule."""

    retry = True

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Denied(CarrierError):
    """Credentials are wrong, blocked, expired or used up."""


class Refused(CarrierError):
    """The carrier understood us and says that the request is wrong."""


class Unreadable(CarrierError):
    """The reply breaks the contract. ``where`` is the field, as a path (``data[0].steps[2].timestamp``)."""

    def __init__(self, where: str, found: object) -> None:
        super().__init__(f"{where}: {found!r:.80}")
        self.where = where


class Carrier(Protocol):
    """What a carrier module offers (see the page's head)."""

    SLUG: str
    CALLS: tuple[Call, ...]

    def ask(
        self,
        numbers: Sequence[str],
        account: Account,
        kind: str,
        *,
        language: str = "en",
        ticket: str = "",
        callback_url: str = "",
        hints: Mapping[str, str] = ...,
    ) -> Request:
        """The request for ``numbers`` (at most ``Call.batch``); ``ticket`` for a call of role "collect".

        ``hints`` are extra values some carriers need (``com``, ``phone``); unknown keys are ignored.
        """
        ...

    def mask(self, reply: Reply) -> Reply:
        """The reply without personal data. Never raises; idempotent."""
        ...

    def read(self, reply: Reply) -> Reading:
        """What the reply says.

        Raises Unavailable, Throttled, Denied, Refused or Unreadable when the whole call failed.
        """
        ...


class PushingCarrier(Carrier, Protocol):
    """A carrier that also sends news to us."""

    ACKNOWLEDGEMENT: bytes

    def verify(self, headers: Mapping[str, str], body: bytes, account: Account) -> bool:
        """Whether the push is signed with our secret; constant time."""
        ...
