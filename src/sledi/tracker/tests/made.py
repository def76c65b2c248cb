"""Rows and parcels as the queries give them, made by hand: no test of words needs a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sledi.carriers import official_posts
from sledi.core.carrier import Direction, Event, ZoneBasis
from sledi.core.numbers import NO_HINTS, detect
from sledi.core.timeline import Sighting, derive, expected, identity, next_move, silence, status_at
from sledi.tracking.models import Trace
from sledi.tracking.queries import Asking, ListPage, ParcelPage, Row

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOKEN = "Zm9sbG93LXRoZS1wYXJjZWw"
NUMBER = "RR123456785CN"


def days_ago(days, hour=8):
    return (NOW - timedelta(days=days)).replace(hour=hour)


def scan(code, at, place="", country="", *, carrier="china_post", text="", language="", **more):
    event = Event(
        code=code,
        raw_code=code,
        raw_text=text or f"raw {code}",
        raw_time=at.isoformat(),
        occurred_at=at,
        zone_basis=more.pop("zone_basis", ZoneBasis.GIVEN),
        zone=more.pop("zone", "Asia/Shanghai" if country == "CN" else ""),
        text_language=language,
        place=place,
        country=country,
        carrier=carrier,
        direction=Direction.FORWARD,
        **more,
    )
    source = "seventeentrack" if carrier == "china_post" else carrier
    return Sighting(
        event=event, source=source, seen_at=at, reply="r", key=identity(source, event), number=NUMBER
    )


def asking(adapter="seventeentrack", on_behalf_of="china_post", **more):
    facts = {
        "why": "origin_post",
        "is_configured": True,
        "asked_at": NOW,
        "answered_at": NOW - timedelta(minutes=5),
        "due_at": NOW + timedelta(minutes=12),
        "outcome": "found",
        "problem": "",
        "message": "",
        "is_waiting": False,
    }
    return Asking(adapter=adapter, on_behalf_of=on_behalf_of, **(facts | more))


def trace(status="IN_TRANSIT", code="line.moving", number=NUMBER, **more):
    facts = {
        "since": days_ago(4),
        "last_event_at": days_ago(1),
        "place": "Guangzhou",
        "country": "CN",
        "carrier": "china_post",
        "origin": "CN",
        "destination": "KZ",
        "event_count": 3,
        "revision": 3,
        "changed_at": days_ago(1),
    }
    return Trace(
        id=UUID(int=1), number=number, created_at=days_ago(9), status=status, code=code, **(facts | more)
    )


def row(followed=None, number=NUMBER, raw="", askings=(), carrier="", status=""):
    return Row(
        number=number,
        raw=raw or number,
        detection=detect(raw or number, NO_HINTS),
        carrier=carrier,
        trace=followed,
        status=status or (followed.status if followed else "NOT_FOUND"),
        askings=tuple(askings),
    )


def page(*rows, **more):
    facts = {"created_at": days_ago(9), "origin": "", "destination": "KZ", "dropped": 0, "revision": 1}
    return ListPage(rows=tuple(rows), **(facts | more))


def parcel(*scans, origin="CN", destination="KZ", number=NUMBER, askings=(), now=NOW, **more):
    scans = [replace(one, number=number) if one.number == NUMBER else one for one in scans]
    timeline = derive(scans, origin=origin, destination=destination)
    summary = timeline.summary
    followed = trace(
        str(summary.status),
        summary.code,
        number=number,
        origin=summary.origin,
        since=summary.since,
        last_event_at=summary.last_event_at,
        place=summary.place,
        country=summary.country,
        carrier=summary.carrier,
        destination=destination,
        event_count=len(scans),
        is_final=summary.is_final,
        stale_at=summary.stale_at,
    )
    facts = {"service": "", "weight_g": None, "official": official_posts("CN") + official_posts(destination)}
    return ParcelPage(
        row=row(
            followed, number, askings=askings, status=str(status_at(timeline, now)) if scans else "REGISTERED"
        ),
        timeline=timeline,
        silence=silence(timeline, now),
        window=expected(timeline, now),
        move=next_move(timeline, now),
        **(facts | more),
    )


def way_to_almaty():
    """From Guangzhou over Khorgos to the customs in Almaty, nine days without a scan in between."""
    return (
        scan("orig.accepted", days_ago(17), "广州市", "CN", text="【广州市】已收寄", language="zh-Hans"),
        scan(
            "orig.hub",
            days_ago(15),
            "广州市",
            "CN",
            text="【广州国际邮件处理中心】已离开",
            language="zh-Hans",
        ),
        scan("exp.departed", days_ago(13), "霍尔果斯", "CN", text="离开霍尔果斯", language="zh-Hans"),
        scan("imp.office_in", days_ago(4), "Алматы", "KZ", carrier="kazpost", zone="Asia/Almaty"),
        scan(
            "imp.customs_pay",
            days_ago(1),
            "Алматы",
            "KZ",
            carrier="kazpost",
            zone="Asia/Almaty",
            text="Ожидает уплаты",
            language="ru",
        ),
    )
