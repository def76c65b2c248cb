"""Sightings for tests, written as briefly as a scan is told: a code, a moment, a place."""

from datetime import UTC, datetime, timedelta

from sledi.core.carrier import Direction, Event, ZoneBasis
from sledi.core.timeline import Sighting, identity

COUNTRY_OF = {
    "Guangzhou": "CN",
    "Urumqi": "CN",
    "Khorgos": "CN",
    "Shenzhen": "CN",
    "Almaty": "KZ",
    "Karaganda": "KZ",
    "Moscow": "RU",
    "Kazan": "RU",
    "Kyiv": "UA",
    "Sofia": "BG",
    "Minsk": "BY",
    "Singapore": "SG",
}


def moment(text: str) -> datetime:
    """``11-07 15:48`` in UTC, in 2026; a whole date goes too."""
    return datetime.fromisoformat(text if len(text) > 11 else f"2026-{text}").replace(tzinfo=UTC)


def scan(
    code: str,
    when: str,
    place: str = "",
    *,
    source: str = "china_post",
    carrier: str = "",
    country: str | None = None,
    raw_code: str | None = None,
    text: str = "",
    raw_time: str | None = None,
    reason: str = "",
    basis: ZoneBasis = ZoneBasis.GIVEN,
    direction: Direction = Direction.FORWARD,
    withdraws: bool = False,
    seen: str = "",
    reply: str = "reply-1",
    number: str = "RR123456785CN",
) -> Sighting:
    """One sighting. The country is that of the place; it was seen an hour after it happened."""
    at = moment(when)
    event = Event(
        code=code,
        raw_code=f"raw {code}" if raw_code is None else raw_code,
        raw_text=text or f"text of {code}",
        raw_time=at.isoformat() if raw_time is None else raw_time,
        occurred_at=at,
        zone_basis=basis,
        reason=reason,
        place=place,
        country=COUNTRY_OF.get(place, "") if country is None else country,
        direction=direction,
        carrier=carrier,
        withdraws=withdraws,
    )
    seen_at = moment(seen) if seen else at + timedelta(hours=1)
    return Sighting(event, source, seen_at, reply, identity(source, event), number)


def china(code: str, when: str, place: str = "Guangzhou", **more: object) -> Sighting:
    return scan(code, when, place, source="china_post", **more)  # type: ignore[arg-type]


def russia(code: str, when: str, place: str = "Moscow", **more: object) -> Sighting:
    return scan(code, when, place, source="russian_post", **more)  # type: ignore[arg-type]


def kazakhstan(code: str, when: str, place: str = "Almaty", **more: object) -> Sighting:
    return scan(code, when, place, source="kazpost", **more)  # type: ignore[arg-type]


def exported() -> list[Sighting]:
    """A parcel from Guangzhou that left China on 11 November 2026, 15:05 UTC."""
    return [
        china("pre.info", "11-06 02:00"),
        china("orig.accepted", "11-07 07:48"),
        china("orig.departed", "11-09 18:20"),
        china("exp.office_in", "11-10 04:00", "Khorgos"),
        china("exp.customs_in", "11-10 09:00", "Khorgos"),
        china("exp.customs_out", "11-11 03:00", "Khorgos"),
        china("exp.departed", "11-11 15:05", "Khorgos"),
    ]


def arrived_in_almaty() -> list[Sighting]:
    """The same parcel, with Kazpost and with the customs of Almaty since 20 and 21 November."""
    return [
        *exported(),
        kazakhstan("imp.office_in", "11-20 01:30"),
        kazakhstan("imp.customs_in", "11-21 13:12"),
    ]


def delivered_in_karaganda() -> list[Sighting]:
    """The same parcel to its end on 2 December."""
    return [
        *arrived_in_almaty(),
        kazakhstan("imp.customs_out", "11-25 06:00"),
        kazakhstan("last.sort_in", "11-26 10:00"),
        kazakhstan("last.sort_out", "11-27 03:00"),
        kazakhstan("last.office_in", "11-29 05:00", "Karaganda"),
        kazakhstan("last.ready", "11-29 07:00", "Karaganda"),
        kazakhstan("done.collected", "12-02 12:30", "Karaganda"),
    ]
