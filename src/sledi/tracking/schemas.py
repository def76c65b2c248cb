"""The shapes of the REST interface: what it takes, and what ``timeline_json`` makes for it."""

from typing import Annotated, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, JsonValue

from sledi.carriers import directory
from sledi.core.numbers.countries import ASSIGNED
from sledi.core.statuses import PublicStatus
from sledi.tracking.operations import NUMBERS_MAX

COUNTRIES: list[JsonValue] = [*sorted(ASSIGNED)]
CARRIERS: list[JsonValue] = ["", *sorted(directory())]
DETECT_MAX = 1000
TEXT_MAX = 1000

Language = Literal["ru", "bg", "kk", "uk", "en"]
Country = Annotated[str, Field(pattern="^([A-Z]{2})?$", description="ISO 3166-1 alpha-2, empty when unknown")]
Text = Annotated[str, Field(max_length=TEXT_MAX)]
Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Slug = Annotated[str, Field(description="A carrier of GET /carriers")]


class DetectIn(Schema):
    numbers: list[Text] = Field(min_length=1, max_length=DETECT_MAX)
    origin: Country = ""
    destination: Country = ""


class ListIn(Schema):
    numbers: list[Text] = Field(min_length=1, max_length=NUMBERS_MAX)
    origin: Country = ""
    destination: Country = ""


class NumbersIn(Schema):
    numbers: list[Text] = Field(min_length=1, max_length=NUMBERS_MAX)


class CarrierIn(Schema):
    carrier: str = Field(
        max_length=40,
        description="Empty = whoever may be",
        json_schema_extra={"enum": ["", *sorted(directory())]},
    )


class DestinationIn(Schema):
    country: str = Field(pattern="^[A-Z]{2}$", json_schema_extra={"enum": COUNTRIES})


class Shape(Schema):
    """An answer; a field that is not listed is a fault of ours, and a test finds it."""

    model_config = ConfigDict(extra="forbid")


class CandidateOut(Shape):
    carrier: Slug
    format: str
    confidence: float
    check: Literal["passed", "failed", "none"]
    confirmed: bool
    reason: str


class MistakeOut(Shape):
    reason: str
    expected: str | None


class RecognitionOut(Shape):
    raw: str
    normalized: str
    candidates: list[CandidateOut] = Field(description="Best first")
    errors: list[MistakeOut]
    repairs: list[str]
    question: str | None


class DetectOut(Shape):
    numbers: list[RecognitionOut]


class OpenedOut(Shape):
    token: str = Field(description="Opens the list; it is in this answer and nowhere else")
    numbers: list[str]
    dropped: int = Field(description="Numbers beyond the limit of a list")


class AddedOut(Shape):
    added: int


class AskingOut(Shape):
    asked: bool = Field(description="Whether any carrier will be asked now; their rules may forbid it")


class AskedOut(Shape):
    carrier: Slug
    asked_through: Slug
    why: str
    is_configured: bool
    outcome: Literal["found", "not_found", "wrong_number", "denied"] | None
    answered_at: Moment | None
    next_at: Moment | None
    is_failing: bool


class ListRowOut(Shape):
    number: str
    raw: str
    is_followed: bool = Field(description="False while a number that looks mistyped waits for your word")
    is_waiting: bool
    status: PublicStatus | None
    code: str | None
    reason: str | None
    since: Moment | None
    place: str | None
    country: str | None
    carrier: str | None
    origin: str | None
    destination: str | None
    direction: Literal["forward", "return"] | None
    last_event_at: Moment | None
    is_final: bool
    recognition: RecognitionOut
    asked: list[AskedOut]


class ListOut(Shape):
    created_at: Moment
    origin: str
    destination: str
    dropped: int
    rows: list[ListRowOut]


class EvidenceOut(Shape):
    source: Slug
    carrier: str
    raw_code: str
    raw_text: str
    raw_time: str
    fetched_at: Moment


class ExplanationOut(Shape):
    rule: str
    words: str
    also: list[str]
    evidence: list[EvidenceOut]


class ExpectedOut(Shape):
    from_: Moment | None = Field(alias="from")
    until: Moment
    basis: str
    source: str


class SilenceOut(Shape):
    days: int
    since: Moment
    stretch: str
    usual_days: list[int]
    source: str
    unusual_at: Moment
    stale_at: Moment
    level: Literal["normal", "long", "stale"]


class NextMoveOut(Shape):
    owes: str
    act: str
    until: Moment | None


class JourneyStepOut(Shape):
    key: str
    state: str
    at: Moment | None
    name: str


class LegOut(Shape):
    kind: str
    state: str
    carrier: str
    carrier_name: str
    country: str
    numbers: list[str]
    started_at: Moment | None
    ended_at: Moment | None
    events: int


class EventOut(Shape):
    code: str
    name: str
    reason: str
    at: Moment
    local_time: str
    zone: str
    zone_basis: Literal["given", "carrier_rule", "unknown"]
    place: str
    country: str
    carrier: str
    leg: str
    direction: Literal["forward", "return"]
    explanation: ExplanationOut


class NamesOut(Shape):
    ru: str
    bg: str
    kk: str
    uk: str
    en: str


class CarrierOut(Shape):
    slug: Slug
    names: NamesOut
    native: str
    country: str
    site: str | None
    tracking: str | None
    phones: list[str]
    hours: str | None
    has_adapter: bool
    asked_through: list[str]
    is_configured: bool


class CarriersOut(Shape):
    carriers: list[CarrierOut]


class FollowedOut(Shape):
    number: str
    status: PublicStatus
    status_name: str
    code: str
    code_name: str
    reason: str
    since: Moment | None
    place: str
    country: str
    carrier: str
    origin: str
    destination: str
    direction: Literal["forward", "return"]
    is_final: bool
    service: str
    weight_g: int | None
    days_in_transit: int | None
    explanation: ExplanationOut
    expected: ExpectedOut | None
    silence: SilenceOut | None
    next_move: NextMoveOut | None
    steps: list[JourneyStepOut]
    milestones: dict[str, Moment]
    legs: list[LegOut]
    events: list[EventOut] = Field(description="Newest first")
    asked: list[AskedOut]
    official_sites: list[CarrierOut]


class ProblemKindsOut(Shape):
    problems: dict[str, str]
