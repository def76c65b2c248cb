"""17TRACK API v2.2 (and v2.4, whose methods bear the same names): numbers are registered, then asked or pushed.

Written to the v2.2 reference as public clients and two recorded pushes show it. 17TRACK asks the posts at
both ends on its own schedule and repeats their words, so that the same event may stand at two providers.
Carrier keys are those of 17TRACK's public carrier list.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects import Dialect
from sledi_simulator.dialects.seventeentrack.document import Told, item_document, stub
from sledi_simulator.dialects.seventeentrack.providers import KEY_OF_POST, PROVIDERS, detected
from sledi_simulator.dialects.seventeentrack.registrations import Registration
from sledi_simulator.journeys import FINAL
from sledi_simulator.pushes import Outbox, Push
from sledi_simulator.wire import Answer, Ask, json_answer, to_json
from sledi_simulator.world import SECRET, World

BATCH = 40
PAGE = 40
TAG_LENGTH_MAX = 100
CARRIER_CHANGES_MAX = 5
QUIET_STOPS_AFTER = timedelta(days=30)
FINAL_STOPS_AFTER = timedelta(days=15)
STOPPED_KEPT = timedelta(days=90)
DAY_S = 24 * 3600

NUMBER_SHAPE = re.compile(r"[A-Za-z0-9-]{5,50}")
METHOD_SHAPE = re.compile(r"/track/v2\.[24]/([a-z]+)")

ERRORS = {
    -18010002: "Invalid access token.",
    -18010010: "The data '{0}' is required.",
    -18010011: "The value '{0}' is invalid.",
    -18010012: "The format of '{0}' is invalid.",
    -18010013: "Submitted data is invalid.",
    -18010014: "A maximum of 40 tracking numbers is allowed per request.",
    -18010015: "The value of '{0}' is invalid.",
    -18010201: "The webhook URL is not set.",
    -18019801: "The carrier of '{0}' cannot be changed any more.",
    -18019806: "The tracking of '{0}' has been stopped.",
    -18019901: "The tracking number '{0}' has been registered, don't need to repeat registration.",
    -18019902: "The tracking number '{0}' does not register, please register first.",
    -18019903: "The carrier of '{0}' cannot be detected.",
    -18019904: "Only stopped numbers can be tracked again: '{0}'.",
    -18019905: "'{0}' can be tracked again only once.",
    -18019906: "Only tracked numbers can be stopped: '{0}'.",
    -18019907: "Your daily tracking limit is used up.",
    -18019908: "Your quota is used up.",
    -18019909: "There is no tracking information of '{0}' at present.",
    -18019910: "The carrier of '{0}' is not correct.",
}


class ItemError(Exception):
    """An item is rejected; the code is a key of ``ERRORS``."""

    def __init__(self, code: int, about: str = "") -> None:
        super().__init__(ERRORS[code].format(about))
        self.code = code

    def document(self) -> dict[str, Any]:
        return {"code": self.code, "message": str(self)}


class SeventeenTrack(Dialect):
    """api.17track.net. Safe to use from several threads."""

    SLUG = "seventeentrack"
    REFUSES = frozenset(
        {BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED, BadDay.BATCH_LIMIT}
    )

    def __init__(self, world: World, outbox: Outbox, webhook_url: str = "") -> None:
        super().__init__(world)
        self.webhook_url = webhook_url
        self._outbox = outbox
        self._lock = threading.RLock()
        self._registrations: dict[str, dict[int, Registration]] = {}  # by number and carrier
        self._quota_used = 0
        self._methods: Mapping[str, Callable[[dict[str, Any], Today], dict[str, Any]]] = {
            "register": self._register,
            "gettrackinfo": self._track_info,
            "getrealtimetrackinfo": self._realtime_info,
            "stoptrack": self._stop,
            "retrack": self._retrack,
            "deletetrack": self._delete,
            "changecarrier": self._change_carrier,
            "changeinfo": self._change_info,
            "push": self._push_again,
        }

    def numbers(self, ask: Ask) -> Sequence[str]:
        try:
            items = ask.json()
        except ValueError:
            return ()
        items = items if isinstance(items, list) else []
        return tuple(str(item["number"]) for item in items if isinstance(item, dict) and item.get("number"))

    def answer(self, ask: Ask, today: Today) -> Answer:
        method = METHOD_SHAPE.fullmatch(ask.path)
        if method is None or ask.method != "POST":
            return Answer(404, b"", "text/plain")
        if not self.world.admits_per_second("seventeentrack", self.world.limits.seventeentrack_per_s):
            return self.refuse(BadDay.THROTTLED, ask)
        if ask.headers.get("17token") != SECRET:
            return self.refuse(BadDay.DENIED, ask)
        match method[1]:
            case "getquota":
                return self._quota()
            case "gettracklist":
                return self._list(ask)
            case name if name in self._methods:
                return self._each(ask, name, today)
            case _:
                return Answer(404, b"", "text/plain")

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        match day:
            case BadDay.DENIED:
                return _failure(-18010002, 401)
            case BadDay.THROTTLED:
                return Answer(429, b"Too Many Requests", "text/plain")
            case BadDay.BATCH_LIMIT:
                return _failure(-18010014)
            case BadDay.MALFORMED_NUMBER:
                return _rejection(self.numbers(ask), -18010012)
            case _:
                return _rejection(self.numbers(ask), -18019909)

    def tick(self) -> None:
        """Asks the posts where it is time, pushes what is new, stops what is quiet or long over."""
        now = self.world.clock.now()
        with self._lock:
            for registration in self._all():
                if registration.stopped_at is None:
                    self._refresh(registration, now)
                    self._stop_if_quiet(registration, now)
                elif registration.stopped_at + STOPPED_KEPT < now:
                    self._drop(registration)

    def remembered(self) -> Mapping[str, Any]:
        with self._lock:
            rows = [registration.as_row() for registration in self._all()]
            return {"registrations": rows, "quota_used": self._quota_used}

    def remember(self, kept: Mapping[str, Any]) -> None:
        with self._lock:
            self._quota_used = kept["quota_used"]
            for row in kept["registrations"]:
                self._keep(Registration.from_row(row))

    # The methods of the API.

    def _each(self, ask: Ask, method: str, today: Today) -> Answer:
        """Calls a method for every item of the request; each is accepted or rejected by itself."""
        try:
            items = ask.json()
        except ValueError:
            return _failure(-18010013)
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            return _failure(-18010013)
        if len(items) > BATCH:
            return _failure(-18010014)
        if method == "push" and not self.webhook_url:
            return _failure(-18010201)
        accepted, rejected = [], []
        with self._lock:
            for item in items:
                try:
                    accepted.append(self._methods[method](item, today))
                except ItemError as error:
                    row = {"number": item.get("number"), "tag": item.get("tag"), "error": error.document()}
                    rejected.append(row)
        return json_answer({"code": 0, "data": {"accepted": accepted, "rejected": rejected}})

    def _register(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        number = _number(item)
        _check_tag(item)
        carrier, origin = _chosen_carrier(number, item)
        if carrier in self._registrations.get(number, {}):
            raise ItemError(-18019901, number)
        price = 2 if item.get("lang") else 1
        limits = self.world.limits
        if self._quota_used + price > limits.seventeentrack_quota:
            raise ItemError(-18019908)
        if not self.world.admits("seventeentrack registrations", limits.seventeentrack_per_day, DAY_S):
            raise ItemError(-18019907)
        self._quota_used += price
        registration = Registration(
            number=number,
            carrier=carrier,
            registered_at=self.world.clock.now(),
            tag=item.get("tag"),
            lang=item.get("lang"),
        )
        self._keep(registration)
        return {
            "origin": origin,
            "number": number,
            "carrier": carrier,
            "tag": registration.tag,
            "email": item.get("email"),
            "lang": registration.lang,
        }

    def _track_info(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found(item)
        self._refresh(registration, self.world.clock.now())
        if registration.synced_at is None:
            raise ItemError(-18019909, registration.number)
        return self._document(registration, today, registration.synced_at)

    def _realtime_info(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        """Asks the posts at once, registered or not, and is billed."""
        number = _number(item)
        carrier, _ = _chosen_carrier(number, item)
        self._quota_used += 1
        now = self.world.clock.now()
        known = self._registrations.get(number, {}).get(carrier)
        return self._document(known or Registration(number, carrier, now), today, now)

    def _stop(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found(item)
        if registration.stopped_at:
            raise ItemError(-18019906, registration.number)
        registration.stopped_at = self.world.clock.now()
        return {"number": registration.number, "carrier": registration.carrier}

    def _retrack(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found(item)
        if registration.is_retracked:
            raise ItemError(-18019905, registration.number)
        if registration.stopped_at is None:
            raise ItemError(-18019904, registration.number)
        registration.stopped_at, registration.is_retracked = None, True
        registration.registered_at = self.world.clock.now()
        return {"number": registration.number, "carrier": registration.carrier}

    def _delete(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found(item)
        self._drop(registration)
        return {"number": registration.number, "carrier": registration.carrier}

    def _change_carrier(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found({**item, "carrier": item.get("carrier_old")})
        if registration.stopped_at:
            raise ItemError(-18019806, registration.number)
        if registration.carrier_changes >= CARRIER_CHANGES_MAX:
            raise ItemError(-18019801, registration.number)
        carrier = _carrier(item, "carrier_new")
        self._drop(registration)
        registration.carrier = carrier
        registration.carrier_changes += 1
        registration.synced_at = None
        self._keep(registration)
        return {"number": registration.number, "carrier": registration.carrier}

    def _change_info(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found(item)
        changes = item.get("items")
        if not isinstance(changes, dict):
            raise ItemError(-18010010, "items")
        _check_tag(changes)
        registration.tag = changes.get("tag", registration.tag)
        return {"number": registration.number, "carrier": registration.carrier}

    def _push_again(self, item: dict[str, Any], today: Today) -> dict[str, Any]:
        registration = self._found(item)
        if registration.synced_at is None:
            raise ItemError(-18019909, registration.number)
        self._push(registration, registration.synced_at)
        return {"number": registration.number, "carrier": registration.carrier}

    def _quota(self) -> Answer:
        with self._lock:
            used, total = self._quota_used, self.world.limits.seventeentrack_quota
        data = {
            "quota_total": total,
            "quota_used": used,
            "quota_remain": max(0, total - used),
            "today_used": used,
            "max_track_daily": self.world.limits.seventeentrack_per_day,
        }
        return json_answer({"code": 0, "data": data})

    def _list(self, ask: Ask) -> Answer:
        try:
            filters = ask.json() if ask.body else {}
        except ValueError:
            return _failure(-18010013)
        if not isinstance(filters, dict) or not isinstance(filters.get("page_no", 1), int):
            return _failure(-18010013)
        page_no = max(1, filters.get("page_no", 1))
        with self._lock:
            wanted = filters.get("number")
            all_rows = [registration for registration in self._all() if wanted in (None, registration.number)]
        rows = all_rows[(page_no - 1) * PAGE : page_no * PAGE]
        return json_answer(
            {
                "code": 0,
                "page": {
                    "data_total": len(all_rows),
                    "page_total": -(-len(all_rows) // PAGE),
                    "page_no": page_no,
                    "page_size": PAGE,
                },
                "data": {"accepted": [_row(registration) for registration in rows], "rejected": []},
            }
        )

    # Following the posts.

    def _found(self, item: dict[str, Any]) -> Registration:
        number, carrier = _number(item), _carrier(item, "carrier")
        known = self._registrations.get(number, {})
        if not known or (carrier and carrier not in known):
            raise ItemError(-18019902, number)
        return known[carrier] if carrier else next(iter(known.values()))

    def _all(self) -> list[Registration]:
        return [registration for known in self._registrations.values() for registration in known.values()]

    def _keep(self, registration: Registration) -> None:
        self._registrations.setdefault(registration.number, {})[registration.carrier] = registration

    def _drop(self, registration: Registration) -> None:
        del self._registrations[registration.number][registration.carrier]

    def _refresh(self, registration: Registration, now: datetime) -> None:
        limits, last = self.world.limits, registration.synced_at
        first_at = registration.registered_at + timedelta(seconds=limits.seventeentrack_first_sync_s)
        due_at = last + timedelta(seconds=limits.seventeentrack_refresh_s) if last else first_at
        if registration.stopped_at or now < due_at:
            return
        registration.synced_at = now
        journey = self.world.journey(registration.number)
        if journey is None:
            return
        is_changed = journey.revision != registration.revision
        if last is None or is_changed or journey.has_news(last, now):
            registration.revision = journey.revision
            self._push(registration, now)

    def _stop_if_quiet(self, registration: Registration, now: datetime) -> None:
        if now - registration.registered_at < FINAL_STOPS_AFTER:
            return
        journey = self.world.journey(registration.number)
        happened = journey.happened(now) if journey else ()
        is_final = bool(happened) and happened[-1].kind in FINAL
        quiet_since = max([registration.registered_at, *(scan.at for scan in happened)])
        if now - quiet_since < (FINAL_STOPS_AFTER if is_final else QUIET_STOPS_AFTER):
            return
        registration.stopped_at = now
        if self.webhook_url:
            body = {"event": "TRACKING_STOPPED", "data": stub(registration)}
            self._send(registration.number, "TRACKING_STOPPED", body)

    def _push(self, registration: Registration, now: datetime) -> None:
        today = self.world.bad_days.standing(self.SLUG, [registration.number])
        if not self.webhook_url:
            return
        data = self._document(registration, today, now)
        if data["track_info"]["latest_event"] is None:
            return
        self._send(registration.number, "TRACKING_UPDATED", {"event": "TRACKING_UPDATED", "data": data})

    def _send(self, number: str, event: str, document: dict[str, Any]) -> None:
        body = to_json(document)
        headers = {"Content-Type": "application/json", "sign": signature(body, SECRET)}
        self._outbox.add(Push(self.SLUG, number, event, self.webhook_url, body, headers, _is_received))

    # What is known of a number.

    def _document(self, registration: Registration, today: Today, at: datetime) -> dict[str, Any]:
        return item_document(registration, self._told(registration, today, at), at)

    def _told(self, registration: Registration, today: Today, at: datetime) -> Told:
        """What the posts at both ends tell; nothing when the carrier given at registration is wrong."""
        journey = self.world.journey(registration.number)
        chosen = PROVIDERS[registration.carrier]
        if journey is None or chosen.slug not in (journey.origin_post, journey.destination_post):
            return ()
        posts = dict.fromkeys((journey.origin_post, journey.destination_post))
        providers = [chosen if chosen.slug == post else PROVIDERS[KEY_OF_POST[post]] for post in posts]
        told = [(each, self.world.told(each.slug, registration.number, today, at)) for each in providers]
        return [(provider, telling) for provider, telling in told if telling is not None]


def signature(body: bytes, key: str) -> str:
    """The signature of a push: SHA-256 over the raw body, a slash and the key."""
    return hashlib.sha256(body + b"/" + key.encode()).hexdigest()


def _is_received(status: int, body: bytes) -> bool:
    return status == 200


def _number(item: Mapping[str, Any]) -> str:
    number = item.get("number")
    if not number:
        raise ItemError(-18010010, "number")
    if not isinstance(number, str) or not NUMBER_SHAPE.fullmatch(number):
        raise ItemError(-18010012, "number")
    return number


def _check_tag(item: Mapping[str, Any]) -> None:
    tag = item.get("tag")
    if tag is not None and (not isinstance(tag, str) or len(tag) > TAG_LENGTH_MAX):
        raise ItemError(-18010015, "tag")


def _carrier(item: Mapping[str, Any], field: str) -> int:
    """The carrier's key in a field, 0 when there is none."""
    key = item.get(field) or 0
    if not isinstance(key, int):
        raise ItemError(-18010011, field)
    if key and key not in PROVIDERS:
        raise ItemError(-18019910, str(item.get("number")))
    return key


def _chosen_carrier(number: str, item: Mapping[str, Any]) -> tuple[int, int]:
    """The carrier's key, and whether it was corrected or detected (1), verified (2) or guessed (3)."""
    given, likely = _carrier(item, "carrier"), detected(number)
    if given and given == likely:
        return given, 2
    if given and item.get("auto_detection") is False:
        return given, 3
    if not likely:
        raise ItemError(-18019903, number)
    return likely, 1


def _row(registration: Registration) -> dict[str, Any]:
    return {
        "number": registration.number,
        "carrier": registration.carrier,
        "tag": registration.tag,
        "register_time": f"{registration.registered_at:%Y-%m-%dT%H:%M:%SZ}",
        "tracking_status": "Stopped" if registration.stopped_at else "Tracking",
    }


def _rejection(numbers: Iterable[str], code: int) -> Answer:
    rejected = [
        {"number": number, "tag": None, "error": ItemError(code, number).document()} for number in numbers
    ]
    return json_answer({"code": 0, "data": {"accepted": [], "rejected": rejected}})


def _failure(code: int, status: int = 200) -> Answer:
    return json_answer({"code": code, "data": {"errors": [ItemError(code).document()]}}, status)
