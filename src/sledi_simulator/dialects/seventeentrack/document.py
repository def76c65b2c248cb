"""What 17TRACK answers about one number: ``track_info``."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sledi_simulator.dialects import china_post
from sledi_simulator.dialects.seventeentrack.providers import PROVIDERS, Provider
from sledi_simulator.dialects.seventeentrack.registrations import Registration
from sledi_simulator.dialects.seventeentrack.words import MILESTONES, STATUSES, TRANSLATIONS, Status
from sledi_simulator.journeys import FINAL, Kind, Scan
from sledi_simulator.telling import Telling, word_for
from sledi_simulator.wire import to_json

Told = Sequence[tuple[Provider, Telling]]
"""What the posts tell of a number: the origin's first."""


def item_document(registration: Registration, told: Told, at: datetime) -> dict[str, Any]:
    """One accepted item of gettrackinfo, and the ``data`` of a push, as synchronised ``at`` a moment."""
    return stub(registration, told) | {"track_info": _track_info(registration, told, at)}


def stub(registration: Registration, told: Told = ()) -> dict[str, Any]:
    """What every item bears."""
    number = told[0][1].number if told else registration.number
    return {"number": number, "carrier": registration.carrier, "param": None, "tag": registration.tag}


def utc(moment: datetime) -> str:
    """A moment as 17TRACK writes it in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _track_info(registration: Registration, told: Told, at: datetime) -> dict[str, Any]:
    events = [
        (scan, event)
        for provider, telling in told
        for scan, event in _events(provider, telling, registration.lang)
    ]
    newest = max(events, key=lambda pair: pair[0].at, default=None)
    status, sub_status, _ = _status(newest[0]) if newest else ("NotFound", "NotFound_Other", None)
    return {
        "shipping_info": _shipping_info(told),
        "latest_status": {"status": status, "sub_status": sub_status, "sub_status_descr": None},
        "latest_event": newest[1] if newest else None,
        "time_metrics": _time_metrics([scan for scan, _ in events], at),
        "milestone": _milestones([scan for scan, _ in events]),
        "misc_info": _misc_info(told),
        "tracking": _tracking(registration, told, at),
    }


def _status(scan: Scan) -> Status:
    return word_for(scan, STATUSES) or ("InTransit", "InTransit_Other", None)


def _events(provider: Provider, telling: Telling, lang: str | None) -> list[tuple[Scan, dict[str, Any]]]:
    """The events of one provider, newest first, with their scans."""
    told = []
    for scan in reversed(telling.standing()):
        description = provider.text(telling, scan)
        if description is not None:
            told.append((scan, _event(provider, scan, description, lang)))
    return told


def _event(provider: Provider, scan: Scan, description: str, lang: str | None) -> dict[str, Any]:
    _, sub_status, stage = _status(scan)
    local = scan.local_time
    offset = local.isoformat()[-6:]
    event: dict[str, Any] = {
        "time_iso": local.isoformat(timespec="seconds"),
        "time_utc": utc(scan.at),
        "time_raw": {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M:%S}", "timezone": offset},
        "description": description,
        "location": provider.location(scan.place),
        "stage": stage,
        "sub_status": sub_status,
        "address": None,
    }
    translated = word_for(scan, TRANSLATIONS.get(lang or "", {}))
    if translated:
        event["description_translation"] = {"lang": lang, "description": translated}
    return event


def _shipping_info(told: Told) -> dict[str, Any]:
    journey = told[0][1].journey if told else None
    if journey is None:
        return {"shipper_address": _address(None, None), "recipient_address": _address(None, None)}
    return {
        "shipper_address": _address(journey.origin, None),
        "recipient_address": _address(journey.destination, journey.delivery_place.latin.title()),
    }


def _address(country: str | None, city: str | None) -> dict[str, Any]:
    return {
        "country": country,
        "state": None,
        "city": city,
        "street": None,
        "postal_code": None,
        "coordinates": {"longitude": None, "latitude": None},
    }


def _time_metrics(scans: Sequence[Scan], at: datetime) -> dict[str, Any]:
    moments = sorted(scan.at for scan in scans)
    posted = next(
        (scan.at for scan in sorted(scans, key=lambda scan: scan.at) if scan.kind is Kind.POSTED), None
    )
    done = next((scan.at for scan in scans if scan.kind in FINAL), None)
    in_transit = ((done or at) - posted).days if posted else 0
    return {
        "days_after_order": (at - moments[0]).days if moments else 0,
        "days_of_transit": in_transit,
        "days_of_transit_done": in_transit if done else 0,
        "days_after_last_update": (at - moments[-1]).days if moments else 0,
        "estimated_delivery_date": {"source": None, "from": None, "to": None},
    }


def _milestones(scans: Iterable[Scan]) -> list[dict[str, Any]]:
    reached: dict[str, Scan] = {}
    for scan in sorted(scans, key=lambda scan: scan.at):
        stage = _status(scan)[2]
        if stage:
            reached.setdefault(stage, scan)
    return [
        {
            "key_stage": stage,
            "time_iso": reached[stage].local_time.isoformat(timespec="seconds") if stage in reached else None,
            "time_utc": utc(reached[stage].at) if stage in reached else None,
        }
        for stage in MILESTONES
    ]


def _misc_info(told: Told) -> dict[str, Any]:
    handed_over = [
        (provider, telling)
        for provider, telling in told
        if any(scan.kind is Kind.RENUMBERED for scan in telling.scans)
    ]
    weight_g = told[0][1].journey.weight_g if told else None
    return {
        "risk_factor": 0,
        "service_type": None,
        "weight_raw": f"{weight_g / 1000:.3f} kg" if weight_g else None,
        "weight_kg": f"{weight_g / 1000:.3f}" if weight_g else None,
        "pieces": None,
        "dimensions": None,
        "customer_number": None,
        "reference_number": None,
        "local_number": handed_over[0][1].journey.local_number if handed_over else None,
        "local_provider": handed_over[0][0].name if handed_over else None,
        "local_key": handed_over[0][0].key if handed_over else 0,
    }


def _tracking(registration: Registration, told: Told, at: datetime) -> dict[str, Any]:
    providers = [
        _provider(registration, provider, _events(provider, telling, registration.lang), at)
        for provider, telling in told
    ] or [_provider(registration, PROVIDERS[registration.carrier], [], at)]
    return {"providers_hash": _hash([each["events_hash"] for each in providers]), "providers": providers}


def _provider(
    registration: Registration, provider: Provider, events: list[tuple[Scan, dict[str, Any]]], at: datetime
) -> dict[str, Any]:
    is_english = provider.slug == "china_post" and china_post.speaks_english(registration.number)
    return {
        "provider": {
            "key": provider.key,
            "name": provider.name,
            "alias": provider.name,
            "tel": None,
            "homepage": provider.homepage,
            "country": provider.country,
        },
        "service_type": None,
        "latest_sync_status": "Success" if events else "Failure",
        "latest_sync_time": utc(at),
        "provider_lang": "en" if is_english else provider.language,
        "events_hash": _hash([event for _, event in events]),
        "events": [event for _, event in events],
    }


def _hash(content: object) -> int:
    """A number that changes with the content; signed, as 17TRACK's are."""
    return zlib.crc32(to_json(content)) - 2**31
