"""What 17TRACK writes: the fields we read of its answers and pushes. Nearly all may be missing or null."""

from datetime import datetime

import msgspec


class Error(msgspec.Struct):
    code: int
    message: str = ""


class Address(msgspec.Struct):
    country: str | None = None
    city: str | None = None


class Shipping(msgspec.Struct):
    shipper_address: Address | None = None
    recipient_address: Address | None = None


class Latest(msgspec.Struct):
    status: str | None = None
    sub_status: str | None = None


class RawTime(msgspec.Struct):
    date: str | None = None
    time: str | None = None
    timezone: str | None = None


class Scan(msgspec.Struct):
    time_iso: datetime | None = None
    time_utc: datetime | None = None
    time_raw: RawTime | None = None
    description: str | None = None
    location: str | None = None
    stage: str | None = None
    sub_status: str | None = None
    address: Address | None = None


class Milestone(msgspec.Struct):
    key_stage: str | None = None
    time_iso: datetime | None = None
    time_utc: datetime | None = None


class Post(msgspec.Struct):
    key: int | None = None
    name: str | None = None
    alias: str | None = None


class Provider(msgspec.Struct):
    provider: Post | None = None
    events: list[Scan] | None = None


class Tracking(msgspec.Struct):
    providers: list[Provider] | None = None


class Window(msgspec.Struct):
    earliest: str | None = msgspec.field(default=None, name="from")
    latest: str | None = msgspec.field(default=None, name="to")


class Times(msgspec.Struct):
    estimated_delivery_date: Window | None = None


class Misc(msgspec.Struct):
    service_type: str | None = None
    weight_kg: str | float | None = None
    local_number: str | int | None = None  # null, "" and 0 all mean none
    local_provider: str | int | None = None
    local_key: int | None = None


class TrackInfo(msgspec.Struct):
    shipping_info: Shipping | None = None
    latest_status: Latest | None = None
    latest_event: Scan | None = None
    time_metrics: Times | None = None
    milestone: list[Milestone] | None = None
    misc_info: Misc | None = None
    tracking: Tracking | None = None


class Item(msgspec.Struct):
    number: str
    track_info: msgspec.Raw = msgspec.Raw(b"null")  # read by itself: one that is broken spoils no other


class Rejected(msgspec.Struct):
    number: str
    error: Error


class Data(msgspec.Struct):
    accepted: list[Item] = []
    rejected: list[Rejected] = []
    errors: list[Error] = []


class Answer(msgspec.Struct):
    code: int
    data: Data | None = None


class Push(msgspec.Struct):
    event: str
    data: Item
