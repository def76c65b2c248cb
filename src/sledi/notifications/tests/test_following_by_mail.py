"""Asking an address, being told yes, telling of news, being told no."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from sledi.notifications import jobs, operations
from sledi.notifications.models import Follow, Mail
from sledi.tracking.allowance import MAILS_PER_HOUR, TooMany
from sledi.tracking.models import Outbox, Trace
from sledi.tracking.operations import NotInList, token_of
from sledi.web import words

pytestmark = pytest.mark.django_db

READY, LIVES_FAST, UNKNOWN = "RB372813271CN", "LB377973125CN", "RB542030041CN"
AIGERIM = "aigerim@example.org"


@pytest.fixture
def asked(follow: Any, clock: Any) -> str:
    """The token of a list whose follower was just asked."""
    token = follow(f"{READY} {UNKNOWN}")
    operations.follow(token, AIGERIM, language="ru", client="192.0.2.1", at=clock())
    return token


@pytest.fixture
def following(asked: str, clock: Any) -> Follow:
    """Somebody who said yes."""
    jobs.send_due(clock())
    mail.outbox.clear()
    return operations.confirm(own_link(), at=clock())


def own_link() -> str:
    return operations.link_token(Follow.objects.get().pk)


def tell(clock: Any) -> int:
    """One round of the worker; the second comes when bursts have settled."""
    jobs.fan_out(clock())
    clock.advance(seconds=jobs.SETTLE_S)
    return jobs.send_due(clock())


class TestAsking:
    def test_one_question_and_nothing_else_goes_out(self, asked: str, ask: Any, clock: Any) -> None:
        assert jobs.send_due(clock()) == 1
        ask()
        tell(clock)
        (question,) = mail.outbox
        assert question.to == [AIGERIM]
        assert READY not in question.body  # whoever owns the address may have nothing to do with the parcel
        assert Mail.objects.get().sent_at is not None

    def test_the_worker_may_run_twice(self, asked: str, clock: Any) -> None:
        assert [jobs.send_due(clock()), jobs.send_due(clock())] == [1, 0]
        assert len(mail.outbox) == 1

    def test_asking_again_sends_another_question_that_mail_programs_do_not_fold_into_the_first(
        self, asked: str, clock: Any
    ) -> None:
        jobs.send_due(clock())
        clock.advance(minutes=5)
        operations.follow(asked, AIGERIM.upper(), language="kk", client="192.0.2.1", at=clock())
        jobs.send_due(clock())
        first, second = mail.outbox
        assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
        assert Follow.objects.get().language == "kk"

    def test_who_follows_already_is_not_asked_again(self, following: Follow, clock: Any) -> None:
        token = token_of(following.track_list_id)
        operations.follow(token, AIGERIM, language="en", client="192.0.2.1", at=clock())
        assert jobs.send_due(clock()) == 0
        assert Follow.objects.get().language == "ru"

    @pytest.mark.parametrize(
        "email",
        [
            "", "aigerim", "a@b", "a b@example.org", "a@example.org, b@example.org", "<a@example.org>",
            "a@example.org\nBcc: everybody@example.org", "a@example.org\r\nSubject: hi", "a\0@example.org",
            "a" * 250 + "@example.org",
        ],
    )  # fmt: skip
    def test_an_impossible_address_is_refused_and_nothing_is_stored(
        self, follow: Any, clock: Any, email: str
    ) -> None:
        token = follow(READY)
        with pytest.raises(ValidationError):
            operations.follow(token, email, language="en", client="192.0.2.1", at=clock())
        assert (Follow.objects.count(), Mail.objects.count()) == (0, 0)

    def test_an_unknown_list_has_no_followers(self, follow: Any, clock: Any) -> None:
        with pytest.raises(NotInList):
            operations.follow("no-such-list", AIGERIM, language="en", client="192.0.2.1", at=clock())

    def test_a_list_passed_on_does_not_become_a_mailing_list(self, follow: Any, clock: Any) -> None:
        token = follow(READY)
        for n in range(operations.FOLLOWERS_MAX):
            operations.follow(token, f"p{n}@example.org", language="en", client=f"192.0.2.{n}", at=clock())
        with pytest.raises(operations.ListFull):
            operations.follow(token, AIGERIM, language="en", client="198.51.100.1", at=clock())

    def test_one_address_cannot_have_hundreds_of_mails_sent(self, follow: Any, clock: Any) -> None:
        token = follow(READY)
        for n in range(MAILS_PER_HOUR):
            operations.follow(token, f"p{n}@example.org", language="en", client="192.0.2.1", at=clock())
        with pytest.raises(TooMany):
            operations.follow(token, AIGERIM, language="en", client="192.0.2.1", at=clock())

    def test_one_mailbox_cannot_be_flooded_from_many_addresses(self, follow: Any, clock: Any) -> None:
        sent = 0
        for n in range(20):
            try:
                operations.follow(follow(READY), AIGERIM, language="en", client=f"192.0.2.{n}", at=clock())
                sent += 1
            except TooMany:
                continue
        assert sent == 4


class TestNews:
    def test_a_change_is_told_once(self, following: Follow, ask: Any, clock: Any) -> None:
        ask()
        assert tell(clock) == 1
        (news,) = mail.outbox
        assert news.to == [AIGERIM]
        assert "RB 372 813 271 CN" in news.subject
        assert f"/{READY}/" in news.body
        assert [tell(clock), tell(clock)] == [0, 0]
        assert len(mail.outbox) == 1

    def test_that_a_number_is_not_known_yet_is_no_news(self, following: Follow, ask: Any, clock: Any) -> None:
        ask()
        assert Trace.objects.get(number=UNKNOWN).status == "NOT_FOUND"
        tell(clock)
        assert all(UNKNOWN[2:5] not in sent.subject for sent in mail.outbox)

    def test_a_burst_is_one_mail_about_the_newest(self, following: Follow, clock: Any) -> None:
        trace = Trace.objects.get(number=READY)
        for n, (before, after) in enumerate(
            [("REGISTERED", "ACCEPTED"), ("ACCEPTED", "ARRIVED"), ("ARRIVED", "DELIVERED")]
        ):
            Outbox.objects.create(
                trace=trace, created_at=clock() + timedelta(seconds=n), status=after, previous_status=before,
                code="orig.accepted", previous_code="",
            )  # fmt: skip
        assert tell(clock) == 1
        assert mail.outbox[0].subject.startswith(words.status_name("DELIVERED", "ru"))
        left_out = Mail.objects.filter(sent_at=None, news__isnull=False)
        assert {one.problem for one in left_out} == {"newer news were sent instead"}

    def test_older_news_that_failed_are_not_sent_after_newer_ones(
        self, following: Follow, clock: Any
    ) -> None:
        trace = Trace.objects.get(number=READY)

        def news(status: str) -> None:
            Outbox.objects.create(
                trace=trace, created_at=clock(), status=status, previous_status="", code="orig.accepted",
                previous_code="",
            )  # fmt: skip

        news("ACCEPTED")
        jobs.fan_out(clock())
        Mail.objects.filter(news__isnull=False).update(due_at=clock() + timedelta(hours=2), attempts=3)
        clock.advance(minutes=10)
        news("DELIVERED")
        assert tell(clock) == 1
        clock.advance(hours=3)
        assert jobs.send_due(clock()) == 0
        assert len(mail.outbox) == 1

    def test_a_scan_without_a_new_status_is_told_only_where_the_buyer_must_act(
        self, following: Follow, clock: Any
    ) -> None:
        assert jobs.is_worth_a_mail("IN_TRANSIT", "ACCEPTED", "line.hub_in")
        assert not jobs.is_worth_a_mail("IN_TRANSIT", "IN_TRANSIT", "line.hub_in")
        assert jobs.is_worth_a_mail("CUSTOMS", "CUSTOMS", "imp.customs_pay")
        assert jobs.is_worth_a_mail("STALE", "IN_TRANSIT", "sys.stale")
        assert not jobs.is_worth_a_mail("NOT_FOUND", "REGISTERED", "sys.not_found")

    def test_every_follower_of_every_list_with_the_parcel_hears_of_it(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        for n in range(3):
            token = follow(READY)
            for m in range(2):
                one = operations.follow(
                    token, f"p{n}{m}@example.org", language="en", client=f"192.0.2.{n}", at=clock()
                )
                operations.confirm(operations.link_token(one.pk), at=clock())
        Mail.objects.update(due_at=None)
        ask()
        assert tell(clock) == 6
        assert len({sent.to[0] for sent in mail.outbox}) == 6

    def test_a_killed_worker_sends_it_again_under_the_same_id_and_never_loses_it(
        self, following: Follow, ask: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask()
        jobs.fan_out(clock())
        clock.advance(seconds=jobs.SETTLE_S)

        class Killed(BaseException):
            """As SIGKILL: nothing after it runs."""

        def killed_after_sending(letter: Any, now: datetime) -> None:
            send(letter, now)
            raise Killed

        send = jobs.letters.send
        monkeypatch.setattr(jobs.letters, "send", killed_after_sending)
        with pytest.raises(Killed):
            jobs.send_due(clock())
        monkeypatch.undo()
        assert jobs.send_due(clock()) == 0  # its lease holds
        clock.advance(seconds=jobs.MAILS.lease_s)
        assert jobs.send_due(clock()) == 1
        first, second = mail.outbox
        assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]

    def test_killed_between_the_news_and_their_mails_nothing_is_lost(
        self, following: Follow, ask: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask()

        def killed(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(jobs, "_followers", killed)
        with pytest.raises(ZeroDivisionError):
            jobs.fan_out(clock())
        monkeypatch.undo()
        assert Outbox.objects.filter(told_at=None).exists()
        assert tell(clock) == 1


class TestMailServer:
    def test_a_mail_it_does_not_take_is_tried_again_later_and_later_and_then_given_up(
        self, asked: str, clock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise ConnectionRefusedError("nobody there")

        monkeypatch.setattr(jobs.letters, "send", refuse)
        waits = []
        for _ in range(6):
            began = clock()
            assert jobs.send_due(clock()) == 0
            due_at = Mail.objects.get().due_at
            waits.append(due_at and (due_at - began).total_seconds())
            clock.advance(hours=7)
        assert waits == [60, 300, 1800, 7200, 21600, None]
        assert Mail.objects.get().problem == "ConnectionRefusedError: nobody there"

    def test_one_letter_that_cannot_be_written_holds_up_no_other(
        self, follow: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        token = follow(READY)
        for n in range(3):
            operations.follow(token, f"p{n}@example.org", language="en", client="192.0.2.1", at=clock())

        def stumbling(letter: Mail, now: datetime) -> None:
            if letter.follow.email == "p1@example.org":
                raise ZeroDivisionError
            send(letter, now)

        send = jobs.letters.send
        monkeypatch.setattr(jobs.letters, "send", stumbling)
        assert jobs.send_due(clock()) == 2
        stuck = Mail.objects.get(sent_at=None)
        assert stuck.problem.startswith("Fault: ZeroDivisionError")
        assert stuck.due_at == clock() + timedelta(seconds=60)


class TestStopping:
    def test_after_a_stop_nothing_goes_out_not_even_what_was_under_way(
        self, following: Follow, ask: Any, clock: Any
    ) -> None:
        ask()
        jobs.fan_out(clock())
        operations.stop(own_link(), at=clock())
        clock.advance(seconds=jobs.SETTLE_S)
        assert jobs.send_due(clock()) == 0
        assert mail.outbox == []

    def test_a_mail_made_at_the_moment_of_the_stop_is_not_sent(
        self, following: Follow, ask: Any, clock: Any
    ) -> None:
        ask()
        jobs.fan_out(clock())
        Follow.objects.update(stopped_at=clock())  # the stop did not see the mail yet
        clock.advance(seconds=jobs.SETTLE_S)
        assert jobs.send_due(clock()) == 0
        assert Mail.objects.get(news__isnull=False).problem == "stopped by the follower"

    def test_who_stopped_can_be_asked_anew(self, following: Follow, clock: Any) -> None:
        operations.stop(own_link(), at=clock())
        assert operations.confirm(own_link(), at=clock()).is_active

    @pytest.mark.parametrize("token", ["", "x", "\0", "a:b:c"])
    def test_a_forged_link_does_nothing(self, following: Follow, clock: Any, token: str) -> None:
        for act in (operations.confirm, operations.stop):
            with pytest.raises(operations.LinkInvalid):
                act(token, at=clock())


class TestPages:
    def test_from_the_form_to_the_news_and_out_again(
        self, client: Client, follow: Any, ask: Any, clock: Any
    ) -> None:
        token = follow(READY)
        shown = client.post(
            "/follow/", {"list": token, "mail": f" {AIGERIM} "}, headers={"accept-language": "kk"}
        )
        assert (shown.status_code, AIGERIM in shown.content.decode()) == (200, True)
        clock.now = datetime.now(UTC) + timedelta(seconds=1)
        jobs.send_due(clock())
        question = mail.outbox.pop()
        confirm = address_in(question.body, "confirm")
        assert client.get(confirm).status_code == 200
        assert Follow.objects.get().confirmed_at is None  # mail programs look at links
        assert client.post(confirm).status_code == 200
        assert Follow.objects.get().is_active
        ask()
        tell(clock)
        stop = address_in(mail.outbox[-1].body, "stop")
        assert client.get(stop).status_code == 200
        assert Follow.objects.get().is_active
        assert client.post(stop).status_code == 200
        assert not Follow.objects.get().is_active

    def test_one_click_of_the_mail_program_stops_the_mails(
        self, following: Follow, ask: Any, clock: Any
    ) -> None:
        ask()
        tell(clock)
        headers = mail.outbox[0].extra_headers
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")
        # RFC 8058: a post without cookie, token or referrer.
        response = Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})
        assert response.status_code == 200
        assert not Follow.objects.get().is_active

    def test_a_form_of_another_site_cannot_have_mails_sent(self, follow: Any) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert strict.post("/follow/", {"list": follow(READY), "mail": AIGERIM}).status_code == 403
        assert not Follow.objects.exists()

    @pytest.mark.parametrize("email", ["", "nonsense", "a@example.org\nBcc: b@example.org", "<script>@x"])
    def test_an_impossible_address_comes_back_to_be_mended(
        self, client: Client, follow: Any, email: str
    ) -> None:
        response = client.post("/follow/", {"list": follow(READY), "mail": email})
        assert response.status_code == 422
        assert 'aria-invalid="true"' in response.content.decode()
        assert "<script>@x" not in response.content.decode()

    def test_a_list_that_is_not_there_and_a_forged_link_are_not_found(
        self, client: Client, simulator: Any
    ) -> None:
        assert client.post("/follow/", {"list": "none", "mail": AIGERIM}).status_code == 404
        for act in ("confirm", "stop"):
            assert client.get(f"/follow/forged/{act}/").status_code == 404
            assert client.post(f"/follow/forged/{act}/").status_code == 404

    def test_too_many_mails_are_refused_with_the_next_step(self, client: Client, follow: Any) -> None:
        token = follow(READY)
        statuses = [
            client.post("/follow/", {"list": token, "mail": f"p{n}@example.org"}).status_code
            for n in range(MAILS_PER_HOUR + 1)
        ]
        assert statuses == [200] * MAILS_PER_HOUR + [429]

    @pytest.mark.parametrize("method", ["get", "put"])
    def test_the_form_takes_a_press(self, client: Client, method: str) -> None:
        assert getattr(client, method)("/follow/").status_code == 405


def address_in(text: str, act: str) -> str:
    """The path of one of the follower's own links."""
    found = re.search(rf"http://localhost:8000(/follow/\S+/{act}/)", text)
    assert found, text
    return found[1]
