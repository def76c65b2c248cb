"""Kuaidi100: queries about parcels inside China, subscriptions with pushes, recognition of couriers.

Written to kuaidi100-api/java-demo and python-demo. Times are Beijing's, texts Chinese (English on demand),
newest first; couriers' names and telephones are masked most of the time, not always. The answer to a
locked number is ours (502, busy), as are the codes given to foreign posts.
"""

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from sledi_simulator import barcodes
from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.dialects import Dialect
from sledi_simulator.dialects.kuaidi100.document import result, spoken, telephone
from sledi_simulator.dialects.kuaidi100.subscriptions import Subscription
from sledi_simulator.dialects.kuaidi100.words import ABROAD, COURIERS, MESSAGES
from sledi_simulator.pushes import Outbox, Push
from sledi_simulator.telling import Telling
from sledi_simulator.wire import Answer, Ask, json_answer, to_json
from sledi_simulator.world import LOGIN, SECRET, World

NUMBER_SHAPE = re.compile(r"[A-Za-z0-9-]{6,32}")
NOTHING_ABORTS_AFTER = timedelta(days=3)
QUIET_ABORTS_AFTER = timedelta(days=60)
ASK_TELEPHONE = frozenset({"shunfeng", "zhongtong"})


class Kuaidi100(Dialect):
    """poll.kuaidi100.com and www.kuaidi100.com. Safe to use from several threads."""

    SLUG = "kuaidi100"
    REFUSES = frozenset({BadDay.DENIED, BadDay.NOT_FOUND, BadDay.MALFORMED_NUMBER, BadDay.THROTTLED})

    def __init__(self, world: World, outbox: Outbox) -> None:
        super().__init__(world)
        self._outbox = outbox
        self._lock = threading.Lock()
        self._subscriptions: dict[tuple[str, str], Subscription] = {}

    def numbers(self, ask: Ask) -> Sequence[str]:
        if ask.path == "/autonumber/auto":
            return (ask.query["num"],) if ask.query.get("num") else ()
        param = _param(ask) or {}
        number = param.get("num") or param.get("number")
        return (str(number),) if number else ()

    def answer(self, ask: Ask, today: Today) -> Answer:
        match ask.method, ask.path:
            case "POST", "/poll/query.do":
                return self._query(ask, today)
            case "POST", "/poll":
                return self._subscribe(ask)
            case "GET" | "POST", "/autonumber/auto":
                return self._recognise(ask)
            case _:
                return Answer(404, b"", "text/html;charset=UTF-8")

    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        match day:
            case BadDay.DENIED:
                return _failure("601")
            case BadDay.THROTTLED:
                return _failure("502")
            case BadDay.MALFORMED_NUMBER:
                return _failure("400")
            case _:
                return _failure("500")

    def tick(self) -> None:
        """Pushes what is new, and ends subscriptions that are over."""
        now = self.world.clock.now()
        with self._lock:
            for subscription in list(self._subscriptions.values()):
                self._follow(subscription, now)

    def remembered(self) -> Mapping[str, Any]:
        with self._lock:
            return {"subscriptions": [each.as_row() for each in self._subscriptions.values()]}

    def remember(self, kept: Mapping[str, Any]) -> None:
        with self._lock:
            for row in kept["subscriptions"]:
                subscription = Subscription.from_row(row)
                self._subscriptions[subscription.company, subscription.number] = subscription

    # Query.

    def _query(self, ask: Ask, today: Today) -> Answer:
        form, param = ask.form(), _param(ask)
        if param is None:
            return _failure("400")
        expected = signature(form.get("param", ""), SECRET, LOGIN)
        if form.get("customer") != LOGIN or form.get("sign") != expected:
            return _failure("503")
        company, number = str(param.get("com", "")), str(param.get("num", ""))
        if (company not in COURIERS and company != ABROAD) or not NUMBER_SHAPE.fullmatch(number):
            return _failure("400")
        if company in ASK_TELEPHONE and str(param.get("phone", ""))[-4:] != telephone()[-4:]:
            return _failure("408")
        if not self.world.admits(f"kuaidi100 {company} {number}", 1, self.world.limits.kuaidi100_lock_s):
            return _failure("502")
        telling = self._told(company, number, today)
        if telling is None:
            return _failure("500")
        return json_answer(result(company, telling, param))

    def _told(self, company: str, number: str, today: Today) -> Telling | None:
        telling = self.world.told("china_post" if company == ABROAD else company, number, today)
        return telling if telling and spoken(telling, company) else None

    # Subscribe and push.

    def _subscribe(self, ask: Ask) -> Answer:
        form, param = ask.form(), _param(ask)
        parameters = param.get("parameters") if param else None
        if param is None or not isinstance(parameters, dict) or form.get("schema") != "json":
            return _failure("400")
        if param.get("key") != SECRET:
            return _failure("601")
        number = str(param.get("number", ""))
        company = str(param.get("company") or recognised(number))
        if company not in COURIERS and company != ABROAD:
            return _failure("700")
        if not NUMBER_SHAPE.fullmatch(number) or not parameters.get("callbackurl"):
            return _failure("400")
        given, likely = company, recognised(number)
        company = likely if likely and parameters.get("autoCom") == "1" else given
        with self._lock:
            if (company, number) in self._subscriptions:
                return _failure("501")
            self._subscriptions[company, number] = Subscription(
                number=number,
                company=company,
                callback_url=str(parameters["callbackurl"]),
                salt=str(parameters.get("salt", "")),
                resultv2=str(parameters.get("resultv2", "0")),
                subscribed_at=self.world.clock.now(),
                company_given=given if given != company else "",
            )
        return json_answer({"result": True, "returnCode": "200", "message": "提交成功"})

    def _follow(self, subscription: Subscription, now: datetime) -> None:
        if self._has_news(subscription, now):
            today = self.world.bad_days.standing(self.SLUG, [subscription.number])
            telling = self._told(subscription.company, subscription.number, today)
            if telling is not None:
                subscription.revision = telling.journey.revision
                subscription.pushed_at = now
                self._push_result(subscription, telling)
                return
        if subscription.pushed_at is None and now - subscription.subscribed_at >= NOTHING_ABORTS_AFTER:
            self._abort(subscription, "3天查询无记录，停止跟踪")
        elif subscription.pushed_at and now - subscription.pushed_at >= QUIET_ABORTS_AFTER:
            self._abort(subscription, "60天无变化，停止跟踪")

    def _has_news(self, subscription: Subscription, now: datetime) -> bool:
        journey = self.world.journey(subscription.number)
        if journey is None:
            return False
        since = subscription.pushed_at
        return since is None or journey.revision != subscription.revision or journey.has_news(since, now)

    def _push_result(self, subscription: Subscription, telling: Telling) -> None:
        options = {"resultv2": subscription.resultv2}
        last = result(subscription.company, telling, options)
        is_over = last["ischeck"] == "1"
        status, billstatus = ("shutdown", "check") if is_over else ("polling", "got")
        message = _message(subscription, status, billstatus, "", last)
        if subscription.company == ABROAD:
            message["destResult"] = self._destination_result(telling, options)
        self._send(subscription, message)
        if is_over:
            del self._subscriptions[subscription.company, subscription.number]

    def _destination_result(self, telling: Telling, options: Mapping[str, Any]) -> dict[str, Any] | None:
        """The second leg: the scans of the post abroad, in Chinese."""
        journey = telling.journey
        abroad = self.world.told(journey.destination_post, telling.number, Today())
        scans = [scan for scan in abroad.scans if scan.post == journey.destination_post] if abroad else []
        if not scans:
            return None
        second = Telling(telling.number, journey, tuple(scans), telling.now)
        company = journey.destination_post.replace("_", "")
        return result(company, second, options) if spoken(second, company) else None

    def _abort(self, subscription: Subscription, why: str) -> None:
        nothing = {
            "message": "查询无结果",
            "nu": subscription.number,
            "ischeck": "0",
            "com": subscription.company,
            "status": "201",
            "state": "0",
            "condition": "",
            "data": [],
        }
        self._send(subscription, _message(subscription, "abort", "", why, nothing))
        del self._subscriptions[subscription.company, subscription.number]

    def _send(self, subscription: Subscription, message: dict[str, Any]) -> None:
        param = to_json(message).decode()
        fields = {"param": param}
        if subscription.salt:
            fields["sign"] = signature(param, subscription.salt)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(fields).encode()
        self._outbox.add(
            Push(
                self.SLUG,
                subscription.number,
                str(message["status"]),
                subscription.callback_url,
                body,
                headers,
                _is_received,
            )
        )

    # Recognition.

    def _recognise(self, ask: Ask) -> Answer:
        asked = {**ask.query, **ask.form()} if ask.method == "POST" else ask.query
        if asked.get("key") != SECRET:
            return _failure("601")
        company = recognised(asked.get("num", ""))
        row = {
            "comCode": company,
            "lengthPre": len(asked.get("num", "")),
            "noCount": 1,
            "noPre": "",
            "startTime": "",
        }
        return json_answer([row] if company else [])


def recognised(number: str) -> str:
    """The courier's code by the looks of a number, empty when it looks like none."""
    if barcodes.S10_SHAPE.fullmatch(number) and number.endswith("CN"):
        return ABROAD
    return next((code for code, shape in barcodes.COURIER_SHAPES.items() if shape.fullmatch(number)), "")


def signature(*parts: str) -> str:
    """Upper-case hexadecimal MD5 of the parts joined: param, key and customer, or param and salt."""
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest().upper()


def _message(
    subscription: Subscription, status: str, billstatus: str, message: str, last: dict[str, Any]
) -> dict[str, Any]:
    """What a push says; the courier is corrected when another one was recognised."""
    is_corrected = bool(subscription.company_given)
    return {
        "status": status,
        "billstatus": billstatus,
        "message": message,
        "autoCheck": "1" if is_corrected else "0",
        "comOld": subscription.company_given,
        "comNew": subscription.company if is_corrected else "",
        "lastResult": last,
    }


def _is_received(status: int, body: bytes) -> bool:
    try:
        answer = json.loads(body)
    except ValueError:
        return False
    return status == 200 and isinstance(answer, dict) and answer.get("result") is True


def _param(ask: Ask) -> dict[str, Any] | None:
    try:
        param = json.loads(ask.form().get("param", ""))
    except ValueError:
        return None
    return param if isinstance(param, dict) else None


def _failure(code: str) -> Answer:
    return json_answer({"result": False, "returnCode": code, "message": MESSAGES[code]})
