"""What 17TRACK tells of one number: a report, and its scans in our words."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sledi.carriers.seventeentrack.wire import Address, Latest, Misc, Post, RawTime, Scan, Shipping, TrackInfo
from sledi.core.carrier import Alias, Direction, Event, Outcome, Report, Unreadable, ZoneBasis
from sledi.core.replies import EXPORT_SIDE, country_code, grams, one_line, s10_country, with_direction

_TABLES = tomllib.loads(Path(__file__).with_name("statuses.toml").read_text(encoding="utf-8"))
_SUB_STATUSES: dict[str, str] = _TABLES["sub_statuses"]
_STATUSES: dict[str, str] = _TABLES["statuses"]
_STAGES: dict[str, str] = _TABLES["stages"]
_TEXTS = [(re.compile(pattern, re.IGNORECASE), code) for pattern, code in _TABLES["texts"]["rules"]]
_PROVIDER_NAMES = [(re.compile(p, re.IGNORECASE), slug) for p, slug in _TABLES["provider_names"]["rules"]]


def _slugs_by_key() -> dict[str, str]:
    """Whom 17TRACK's keys mean, from the directory of carriers; a key that two share is the country's post."""
    slugs: dict[str, str] = {}
    for file in sorted((Path(__file__).parents[1] / "directory").glob("*.toml")):
        entry = tomllib.loads(file.read_text(encoding="utf-8"))
        key = entry.get("keys", {}).get("seventeentrack")
        if key and (key not in slugs or "post_of" in entry):
            slugs[key] = file.stem
    return slugs


_PROVIDERS = _slugs_by_key()
# Statuses that 17TRACK also sets when nothing moves: they explain no event.
_FROM_INACTIVITY = frozenset({"NotFound", "Expired", "Exception"})
# Sub-statuses beside which the text may say more.
_VAGUE = frozenset({"", "InTransit_Other", "InTransit_CustomsProcessing", "InTransit_CustomsReleased"})
_AT_ORIGIN, _AT_DESTINATION = {"orig", "exp"}, {"imp", "last", "done"}
_ACROSS = ("exp.departed", "line.flight", "line.transit")


def report_of(number: str, info: TrackInfo) -> Report:
    """All that is known of a number. Raises Unreadable for a time that is none."""
    latest, misc = info.latest_status or Latest(), info.misc_info or Misc()
    shipping = info.shipping_info or Shipping()
    origin = country_code((shipping.shipper_address or Address()).country)
    destination = country_code((shipping.recipient_address or Address()).country)
    found = _events(info, latest)
    directed = with_direction(event for event, _ in found)
    return Report(
        number,
        _outcome(found, latest),
        tuple(_placed(directed, origin or s10_country(number), destination)),
        origin=origin,
        destination=destination,
        aliases=_aliases(number, misc),
        service=one_line(misc.service_type),
        weight_g=grams(misc.weight_kg),
        expected_from=_promised(info, "earliest"),
        expected_until=_promised(info, "latest"),
        unmapped=sum(not is_mapped for _, is_mapped in found),
        message="" if found else latest.sub_status or latest.status or "",
    )


def _outcome(found: Sequence[object], latest: Latest) -> Outcome:
    if found:
        return Outcome.FOUND
    if latest.sub_status == "NotFound_InvalidCode":
        return Outcome.WRONG_NUMBER
    return Outcome.NOT_FOUND if latest.status in {None, "", "NotFound"} else Outcome.FOUND


def _events(info: TrackInfo, latest: Latest) -> list[tuple[Event, bool]]:
    """Scans of all posts, oldest first, each with whether its meaning is known."""
    providers = (info.tracking.providers if info.tracking else None) or []
    scans = [(scan, _slug(p.provider)) for p in providers for scan in reversed(p.events or [])]
    if not scans:
        only = _slug(providers[0].provider) if len(providers) == 1 else ""
        scans = [(scan, only) for scan in _without_history(info)]
    dated = sorted(((*_moment(scan), scan, slug) for scan, slug in scans), key=lambda one: one[0])
    found = {}
    for position, (occurred_at, basis, raw_time, scan, slug) in enumerate(dated, start=1):
        words, is_mapped = _meaning(scan, latest if position == len(dated) else Latest())
        event = _event(scan, words, occurred_at, basis, raw_time, slug)
        found[event.raw_code, event.raw_text, event.raw_time[:16], event.place, slug] = (event, is_mapped)
    return list(found.values())


def _without_history(info: TrackInfo) -> Iterator[Scan]:
    """Without any scan, the milestones reached and the latest event are what is known."""
    latest = info.latest_event or Scan()
    for milestone in info.milestone or []:
        times = (milestone.time_iso, milestone.time_utc)
        if any(times) and times != (latest.time_iso, latest.time_utc):
            yield Scan(*times, stage=milestone.key_stage)
    if latest.time_iso or latest.time_utc:
        yield latest


def _moment(scan: Scan) -> tuple[datetime, ZoneBasis, str]:
    """UTC, how sure it is, and the time as written."""
    written = scan.time_iso or scan.time_utc or _raw_time(scan.time_raw)
    certain = scan.time_utc.replace(tzinfo=scan.time_utc.tzinfo or UTC) if scan.time_utc else written
    basis = ZoneBasis.GIVEN if certain.tzinfo else ZoneBasis.UNKNOWN
    try:
        moment = certain.astimezone(UTC) if certain.tzinfo else certain.replace(tzinfo=UTC)
    except OverflowError:
        raise Unreadable("events[].time_utc", certain.isoformat()) from None
    return moment, basis, written.isoformat()


def _raw_time(raw: RawTime | None) -> datetime:
    parts = (raw.date or "", raw.time or "00:00:00", raw.timezone or "") if raw else ("", "", "")
    try:
        return datetime.fromisoformat(f"{parts[0]}T{parts[1]}{parts[2]}")
    except ValueError:
        raise Unreadable("events[].time_iso", " ".join(parts)) from None


def _meaning(scan: Scan, latest: Latest) -> tuple[str, bool]:
    """The code (perhaps with a reason) of a scan, and whether it follows from a known status or text."""
    sub_status = scan.sub_status or ""
    by_text = _by_text(one_line(scan.description))
    if by_text and (sub_status in _VAGUE or sub_status not in _SUB_STATUSES):
        return by_text, True
    if sub_status in _SUB_STATUSES:
        return _SUB_STATUSES[sub_status], True
    if scan.stage in _STAGES:
        return _STAGES[scan.stage], True
    if latest.status in _STATUSES and latest.status not in _FROM_INACTIVITY:
        return _SUB_STATUSES.get(latest.sub_status or "", _STATUSES[latest.status]), True
    return _STATUSES.get(sub_status.partition("_")[0], "sys.unmapped"), False


def _by_text(description: str) -> str:
    return next((code for pattern, code in _TEXTS if pattern.search(description)), "")


def _event(scan: Scan, words: str, at: datetime, basis: ZoneBasis, raw_time: str, slug: str) -> Event:
    code, _, reason = words.partition(" ")
    text, address = one_line(scan.description), scan.address or Address()
    return Event(
        code=code,
        raw_code=one_line(scan.sub_status or scan.stage),
        raw_text=text,
        raw_time=raw_time,
        occurred_at=at,
        zone_basis=basis,
        zone=raw_time[-6:] if re.search(r"[+-]\d\d:\d\d$", raw_time) else "",
        text_language=_language(text, slug),
        reason=reason,
        place=one_line(scan.location or address.city),
        country=country_code(address.country),
        carrier=slug,
    )


def _language(text: str, slug: str) -> str:
    if re.search("[\u4e00-\u9fff]", text):
        return "zh"
    if re.search("[а-яёіїєґў]", text.casefold()):
        return {"ukrposhta": "uk", "bulgarian_posts": "bg"}.get(slug, "ru")
    return "en" if text else ""


def _placed(events: Iterable[Event], origin: str, destination: str) -> Iterator[Event]:
    """Scans with the side of customs and the country, where they name neither.

    Customs are the export's until something has left. Posting and export happen in the country of origin; import
    and delivery, unless on the way back, in that of destination.
    """
    has_begun = has_left = False
    for event in events:
        code = event.code
        if _is_export(event, origin, destination, has_begun and not has_left):
            code = EXPORT_SIDE.get(code, code)
        leg = code.partition(".")[0]
        has_begun = has_begun or leg in {"pre", "orig", "exp"} or code.startswith("line.hub")
        has_left = has_left or leg in _AT_DESTINATION or code.startswith(_ACROSS)
        is_forward = event.direction is Direction.FORWARD
        usual = origin if leg in _AT_ORIGIN else destination if leg in _AT_DESTINATION and is_forward else ""
        yield replace(event, code=code, country=event.country or usual)


def _is_export(event: Event, origin: str, destination: str, is_on_its_way_out: bool) -> bool:
    named = _by_text(event.raw_text)[:4]
    if named in {"exp.", "imp."}:
        return named == "exp."
    if event.country in {origin, destination} - {""} and origin != destination:
        return event.country == origin
    return is_on_its_way_out


def _slug(post: Post | None) -> str:
    """The slug of the post that scanned, empty when it is none we know."""
    if post is None:
        return ""
    names = (one_line(post.name), one_line(post.alias))
    by_name = (slug for pattern, slug in _PROVIDER_NAMES if any(map(pattern.search, names)))
    return _PROVIDERS.get(str(post.key)) or next(by_name, "")


def _aliases(number: str, misc: Misc) -> tuple[Alias, ...]:
    local = str(misc.local_number or "").strip()
    if local in {"", "0", number}:
        return ()
    return (Alias(local, _slug(Post(misc.local_key, str(misc.local_provider or ""))), "local"),)


def _promised(info: TrackInfo, end: str) -> datetime | None:
    """One end of the window in which the post expects to deliver; without an offset it is read as UTC."""
    window = info.time_metrics.estimated_delivery_date if info.time_metrics else None
    text = getattr(window, end, None)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Unreadable(f"time_metrics.estimated_delivery_date.{end}", text) from None
