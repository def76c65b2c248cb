"""A business reached through its doors alone: pages, REST and the command, on a clock that a test moves."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sledi.accounts.models import Business, Person
from sledi.accounts.operations import create_key, invite
from sledi.accounts.scopes import SCOPES
from sledi.history import Actor
from sledi.orders.tests.money import assert_sound, top_up
from sledi.orders.tests.money import written as _written
from sledi.orders.tests.stage import NOW, Stage, new_stage
from tests.api.orders_world import OF_ONE
from tests.journeys.world import command

SHELL = Actor("system", name="shell")


@dataclass(frozen=True, slots=True)
class Answer:
    """What REST said."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def kind(self) -> str:
        """The last part of a problem's type: the named reason of a refusal."""
        return str(self.body.get("type", "")).rpartition("#")[2]


@dataclass
class Office:
    """One business, and everybody who comes to its doors. ``people`` are made when they first come."""

    stage: Stage
    travel: Any
    _keys: dict[tuple[str, str], str] = field(default_factory=dict)
    _browsers: dict[tuple[str, str, str], Client] = field(default_factory=dict)

    # --- who and when -----------------------------------------------------------------------------------------

    @property
    def business(self) -> Business:
        return self.stage.business

    @property
    def now(self) -> datetime:
        return self.stage.now

    def go_to(self, moment: datetime) -> None:
        """Let time pass until ``moment``, and the worker do what became due on the way."""
        if moment - self.now > timedelta(days=6):
            self._browsers.clear()  # a session ends after two weeks: people sign in again
        self.stage.now = moment
        self.travel.move_to(moment)
        self.work()

    def wait(self, **duration: float) -> None:
        """Let so much time pass (``days=2``), and the worker do what became due."""
        self.go_to(self.now + timedelta(**duration))

    def work(self) -> None:
        """What the worker does in between: carriers' news and due deadlines, until nothing is left."""
        from sledi.orders.automatic import carrier_news, deadlines

        while carrier_news.follow_news(self.now) + deadlines.run_due_timers(self.now):
            pass

    def person(self, role: str, name: str = "") -> Person:
        """Somebody in this role; another name is another person."""
        person = self.stage.person(name or role)
        invite(self.business, person.email, role, self.now, by=SHELL, cause="cli")
        return person

    # --- REST -------------------------------------------------------------------------------------------------

    def api(
        self, role: str, method: str, path: str, body: Any = None, name: str = "", **headers: str
    ) -> Answer:
        """Ask ``path``, below the business, with a key in this role. ``If_Match="v3"`` becomes that header."""
        more = {"authorization": f"Bearer {self._key(role, name)}"}
        more |= {header.replace("_", "-"): text for header, text in headers.items()}
        answer = Client().generic(
            method.upper(),
            f"/api/v1/businesses/{self.business.slug}/{path}",
            json.dumps(body or {}) if method.lower() != "get" else "",
            content_type="application/json",
            headers=more,
        )
        return Answer(answer.status_code, json.loads(answer.content or b"null"), answer.headers)

    def upload(self, role: str, path: str, content: bytes, name: str = "") -> Answer:
        """Send a CSV file to ``path``, below the business."""
        answer = Client().post(
            f"/api/v1/businesses/{self.business.slug}/{path}",
            content,
            content_type="text/csv",
            headers={"authorization": f"Bearer {self._key(role, name)}"},
        )
        return Answer(answer.status_code, json.loads(answer.content or b"null"), answer.headers)

    def photo(
        self, role: str, content: bytes, file: str = "box.jpg", name: str = "", **headers: str
    ) -> Answer:
        """Upload a photo over REST, whatever comes of it."""
        answer = Client().post(
            f"/api/v1/businesses/{self.business.slug}/attachments",
            {"file": SimpleUploadedFile(file, content)},
            headers={
                "authorization": f"Bearer {self._key(role, name)}",
                **{header.replace("_", "-"): text for header, text in headers.items()},
            },
        )
        return Answer(answer.status_code, json.loads(answer.content or b"null"), answer.headers)

    def uploaded(self, role: str, content: bytes, name: str = "") -> str:
        """The id of a photo that has to be taken."""
        answer = self.photo(role, content, name=name)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def fetch(self, role: str, url: str, name: str = "") -> Any:
        """What a key in this role gets at an address that REST told: the answer itself."""
        return Client().get(url, headers={"authorization": f"Bearer {self._key(role, name)}"})

    def _key(self, role: str, name: str) -> str:
        if (role, name) not in self._keys:
            person = self.person(role, name)
            _key, self._keys[role, name] = create_key(
                self.business,
                f"{name or role} of the journeys",
                role,
                sorted(SCOPES),
                self.now,
                person=person if role in OF_ONE else None,
                by=SHELL,
                cause="cli",
            )
        return self._keys[role, name]

    def see(self, role: str, path: str, name: str = "") -> Any:
        """What REST shows of ``orders/7KQM-3XF4``."""
        answer = self.api(role, "get", path, name=name)
        assert answer.status == 200, answer.body
        return answer.body

    def place(self, role: str, *items: Mapping[str, Any], name: str = "", **facts: Any) -> str:
        """An order placed over REST; its number. One kettle for 30.00 when no item is said."""
        body = {**facts, "items": list(items) or [{"name": "Kettle", "unit_price": "30.00"}]}
        answer = self.api(role, "post", "orders", body, name=name)
        assert answer.status == 201, answer.body
        return str(answer.body["number"])

    def do(
        self, role: str, path: str, move: str, name: str = "", quantity: int | None = None, **fields: Any
    ) -> Any:
        """A move over REST that has to succeed: ``do("operator", f"items/{order}.1", "take")``; what it answers."""
        answer = self.ask(role, path, move, name, quantity, **fields)
        assert answer.status in (200, 201), answer.body
        return answer.body

    def ask(
        self, role: str, path: str, move: str, name: str = "", quantity: int | None = None, **fields: Any
    ) -> Answer:
        """A move over REST, whatever comes of it."""
        body = {"fields": fields, **({} if quantity is None else {"quantity": quantity})}
        return self.api(role, "post", f"{path}/moves/{move}", body, name=name)

    def refused(self, role: str, path: str, move: str, name: str = "", **fields: Any) -> Answer:
        """A move over REST that has to be refused and to leave nothing behind; the problem."""
        self._key(role, name)
        before = written()
        answer = self.ask(role, path, move, name, **fields)
        assert 400 <= answer.status < 500, answer.body
        assert written() == before, "a refused move left something behind"
        return answer

    # --- pages ------------------------------------------------------------------------------------------------

    def browser(self, role: str, name: str = "", language: str = "ru") -> Client:
        """A signed-in browser of somebody in this role, with the second factor where the role needs one."""
        from sledi.orders.tests.doors import signed_in

        if (role, name, language) not in self._browsers:
            self.person(role, name)
            self._browsers[role, name, language] = signed_in(self.stage, role, name, language)
        return self._browsers[role, name, language]

    def html(self, role: str, path: str, name: str = "", language: str = "ru") -> str:
        """The page at ``path`` below the business, as it is sent."""
        answer = self.browser(role, name, language).get(f"/{self.business.slug}/{path}")
        assert answer.status_code == 200, f"{answer.status_code} {path}"
        return answer.content.decode()

    def read(self, role: str, path: str, name: str = "", language: str = "ru") -> str:
        """What is read on that page, in its order."""
        return text_of(self.html(role, path, name, language))

    def press(
        self, role: str, path: str, move: str, name: str = "", language: str = "ru", **fields: Any
    ) -> str:
        """Fill in the form of a move as its page shows it and send it; what is read on the page that follows.

        ``path`` is that of the thing (``items/7KQM-3XF4.1``), or ``orders/<number>/parcels`` for a move that makes one.
        """
        client, address = self.browser(role, name, language), f"/{self.business.slug}/{path}/moves/{move}/"
        shown = client.get(address)
        assert shown.status_code == 200, f"{shown.status_code} {address}"
        answer = client.post(address, {**hidden(shown.content.decode(), address), **fields}, follow=True)
        return text_of(answer.content.decode())

    # --- the command ------------------------------------------------------------------------------------------

    def shell(self, role: str, *arguments: str, name: str = "") -> tuple[int, str]:
        """``sledi …`` as somebody in this role; exit code, and what it says."""
        person = self.person(role, name)
        return command(*arguments, "--business", self.business.slug, "--as", f"{person.email}:{role}")

    # --- what comes from outside ------------------------------------------------------------------------------

    def letters(self, *emails: str) -> list[Any]:
        """New mails to people of orders (to these addresses, else all), as the worker sends them; no order of age.

        The clock goes on by what the worker lets a burst settle. What is read once is not new any more.
        """
        from django.core import mail

        from sledi.notifications import changes

        changes.fan_out(self.now)
        self.wait(seconds=changes.SETTLE_S)
        changes.send_due(self.now)
        sent = [message for message in mail.outbox if not emails or message.to[0] in emails]
        mail.outbox.clear()
        return sent

    def fund(self, minor: int, reference: str = "T1", person: str = "reseller") -> None:
        """A confirmed top-up of somebody's account, as the provider's word brings it."""
        top_up(self.stage, minor, reference, person)

    def scan(self, number: str, *events: Any) -> None:
        """Events of a followed number, taken in as a carrier's reply is (see ``sledi.tracking.tests.scans.scan``)."""
        from sledi.core.carrier import Outcome, Report
        from sledi.database.keys import uuid7
        from sledi.tracking.ingest import Arrival, ingest
        from sledi.tracking.models import Watch

        watch = Watch.objects.filter(number=number).order_by("created_at", "pk").first()
        assert watch is not None, f"nobody follows {number}"
        report = Report(watch.number, Outcome.FOUND, events=events)
        ingest([Arrival(watch.pk, watch.carrier, report, uuid7(), self.now)], self.now)
        self.work()


@contextmanager
def office(profile: str, at: datetime = NOW, *, is_audited: bool = True) -> Iterator[Office]:
    """A business on this profile. Its clock stands still until a test moves it; at the end its books must be sound."""
    with time_machine.travel(at, tick=False) as travel:
        stage = new_stage(profile, profile.replace("_", "-"))
        stage.now = at
        found = Office(stage, travel)
        yield found
        if is_audited:
            assert_sound(stage)


def hidden(html: str, address: str) -> dict[str, str]:
    """What the form that is sent to this address carries unseen."""
    form = re.search(rf'<form[^>]* action="{re.escape(address)}".*?</form>', html, re.DOTALL)
    assert form, f"no form for {address}"
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form.group())
    return {name: unescape(value) for name, value in fields if name != "csrfmiddlewaretoken"}


def text_of(html: str) -> str:
    """What is read between the head and the foot of a page."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", "<main" + main))).strip()


def written() -> tuple[Any, ...]:
    """How much there is of all that moves write, and every version: equal around a refusal."""
    from sledi.notifications.models import Mail
    from sledi.tracking.models import Outbox

    return (*_written(), Mail.objects.count(), Outbox.objects.count())


def moment(text: str) -> datetime:
    """A moment in UTC: ``moment("2026-09-30 09:00")``."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
