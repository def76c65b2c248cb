"""What Kuaidi100 answers about one number."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sledi_simulator.dialects import china_post
from sledi_simulator.dialects.kuaidi100.words import (
    ABROAD,
    ABROAD_WORDS,
    CHINESE,
    COURIERS,
    ENGLISH,
    STATE_NAMES,
    STATES,
)
from sledi_simulator.journeys import Scan
from sledi_simulator.places import networks
from sledi_simulator.telling import Telling, word_for

BEIJING = ZoneInfo("Asia/Shanghai")


def result(company: str, telling: Telling, options: Mapping[str, Any]) -> dict[str, Any]:
    resultv2 = str(options.get("resultv2", "0"))
    scans = spoken(telling, company)
    newest = scans[-1]
    fine, plain = _state(newest)
    rows = [_row(telling, scan, company, options) for scan in reversed(scans)]
    if options.get("order") == "asc":
        rows.reverse()
    first, last = scans[0].place, telling.journey.scans[-1].place
    result: dict[str, Any] = {
        "message": "ok",
        "nu": telling.number,
        "ischeck": "1" if plain in ("3", "4") else "0",
        "com": company,
        "status": "200",
        "state": fine if resultv2 in ("4", "8") else plain,
        "condition": "F00" if plain == "3" else "00",
        "routeInfo": {
            "from": {"number": first.unit, "name": first.town},
            "cur": {"number": newest.place.unit, "name": newest.place.town},
            "to": {"number": last.unit, "name": last.town},
        },
        "data": rows,
        "isLoop": False,
    }
    if resultv2 == "8":
        expected_at = telling.journey.scans[-1].at.astimezone(BEIJING)
        result["arrivalTime"] = f"{expected_at:%Y-%m-%d %H}"
    return result


def spoken(telling: Telling, company: str) -> list[Scan]:
    """The scans that Kuaidi100 has words for."""
    return [scan for scan in telling.standing() if _context(telling, scan, company)]


def _row(telling: Telling, scan: Scan, company: str, options: Mapping[str, Any]) -> dict[str, Any]:
    moment = f"{scan.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
    context = _context(telling, scan, company, str(options.get("lang", "zh")))
    row: dict[str, Any] = {"time": moment, "ftime": moment, "context": context}
    resultv2 = str(options.get("resultv2", "0"))
    if resultv2 != "0":
        fine, plain = _state(scan)
        code = fine if resultv2 in ("4", "8") else plain
        row |= {
            "location": scan.place.town,
            "areaCode": scan.place.unit,
            "areaName": scan.place.town,
            "areaCenter": "",
            "areaPinYin": scan.place.latin.lower(),
            "status": STATE_NAMES[code],
            "statusCode": code,
        }
    return row


def _state(scan: Scan) -> tuple[str, str]:
    return word_for(scan, STATES) or ("0", "0")


def _context(telling: Telling, scan: Scan, company: str, language: str = "zh") -> str | None:
    if company == ABROAD:
        return china_post.text(telling, scan)
    pattern = word_for(scan, ENGLISH if language == "en" else CHINESE)
    if pattern is None:
        return f"【{scan.place.latin}】{ABROAD_WORDS[scan.kind]}" if scan.kind in ABROAD_WORDS else None
    stops = [each for each in telling.journey.scans if each.at > scan.at]
    is_masked = telling.number[-1] not in "05"
    return pattern.format(
        town=scan.place.town,
        name=scan.place.name,
        latin=scan.place.latin,
        next=stops[0].place.name if stops else "",
        courier="张**，电话:138****8211" if is_masked else f"张小明，电话:{telephone()}",
        company=COURIERS.get(company, ""),
    )


def telephone() -> str:
    """The recipient's, which some couriers ask for."""
    return networks()["couriers"].recipient.phone
