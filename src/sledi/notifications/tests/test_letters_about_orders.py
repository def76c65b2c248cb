"""Letters to people of orders: to whom, once, in their language, and nothing their role does not see."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import translation

from sledi.accounts.models import Person
from sledi.accounts.operations import dismiss, invite
from sledi.history import Actor
from sledi.notifications import changes, sending
from sledi.notifications.models import Letter, LetterLine, Silence
from sledi.orders.models import Item, Outbox, RecipientLink, Task
from sledi.orders.moving import moves
from sledi.orders.moving.making import Line
from sledi.orders.tests.stage import Stage
from sledi.orders.tests.stage import stage as stage

SHELL = Actor("system", name="shell")
BOUGHT = {"marketplace": "taobao", "actual_price": "30.00", "external_order_no": "TB-1"}
RESELLER = "reseller-buyout@example.com"
LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.fixture(autouse=True)
def members(stage: Stage) -> None:
    for role in ("reseller", "operator", "end_buyer"):
        invite(stage.business, stage.person(role).email, role, stage.now, by=SHELL, cause="cli")


def speak(stage: Stage, role: str, language: str) -> None:
    Person.objects.filter(pk=stage.person(role).pk).update(language=language)


def told(stage: Stage) -> list[EmailMessage]:
    """What goes out after one round of the worker and the burst's settling."""
    mail.outbox.clear()
    changes.fan_out(stage.now)
    stage.later(seconds=changes.SETTLE_S)
    changes.send_due(stage.now)
    return list(mail.outbox)


def bought(stage: Stage, *lines: Line, **facts: Any) -> list[Item]:
    """The items of a new order, in the operator's hands."""
    stage.fund(100_000)
    order = stage.order(*lines, **facts)
    items = list(Item.objects.filter(order=order).order_by("line"))
    for item in items:
        stage.put(item, "queued")
        stage.move("operator", "item", item.pk, "take")
    told(stage)
    return items


def refuse(stage: Stage, *items: Item) -> None:
    rows = [moves.Row(item.pk, {"reason": "sold_out"}) for item in items]
    outcomes = moves.move_many(stage.access("operator"), "item", rows, "refuse", at=stage.now, cause="web")
    assert all(outcome.moved for outcome in outcomes)


def html_of(message: Any) -> str:
    return str(message.alternatives[0][0])


def test_a_change_is_one_letter_to_each_person_its_profile_names(stage: Stage) -> None:
    (item,) = bought(stage)
    speak(stage, "reseller", "ru")
    refuse(stage, item)
    (letter,) = told(stage)
    assert letter.to == [RESELLER]
    assert letter.subject == f"Заказ {item.order.number}, Kettle: Невозможно поставить"
    assert letter.from_email == "Buyout <sledi@localhost>"
    assert f"http://localhost:8000/buyout/orders/{item.order.number}/" in letter.body
    assert told(stage) == []


def test_fifty_items_of_one_order_refused_at_once_are_one_letter_that_lists_them(stage: Stage) -> None:
    items = bought(stage, *(Line(f"Kettle {n}", unit_price_minor=100) for n in range(1, 51)))
    refuse(stage, *items)
    (letter,) = told(stage)
    assert [f"– Kettle {n}\n" in letter.body for n in range(1, 51)] == [True] * 50
    assert LetterLine.objects.filter(letter=Letter.objects.latest("created_at")).count() == 50


def test_two_orders_are_two_letters(stage: Stage) -> None:
    items = [*bought(stage), *bought(stage)]
    refuse(stage, *items)
    assert sorted(letter.subject.split(",")[0] for letter in told(stage)) == sorted(
        f"Order {item.order.number}" for item in items
    )


def test_nothing_is_told_of_what_was_rolled_back(stage: Stage) -> None:
    (item,) = bought(stage)
    with transaction.atomic():
        refuse(stage, item)
        transaction.set_rollback(True)
    assert told(stage) == []
    assert Letter.objects.filter(sent_at=None).count() == 0


def test_the_database_keeps_a_change_from_being_told_twice(stage: Stage) -> None:
    (item,) = bought(stage)
    refuse(stage, item)
    assert len(told(stage)) == 1
    line = LetterLine.objects.latest("id")
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterLine.objects.create(
            letter=line.letter, change=line.change, root_id=line.root_id, email=line.email
        )
    Outbox.objects.filter(pk=line.change_id).update(told_at=None)  # as if it had never been taken
    assert told(stage) == []


def test_what_comes_after_the_letter_was_tried_is_a_letter_of_its_own(stage: Stage) -> None:
    first, second = bought(stage, Line("Kettle", unit_price_minor=100), Line("Cup", unit_price_minor=100))
    at = stage.now
    refuse(stage, first)
    assert [message.subject.partition(", ")[2] for message in told(stage)] == ["Kettle: Cannot supply"]
    stage.now = at  # the same move, whose other half was committed later
    refuse(stage, second)
    assert [message.subject.partition(", ")[2] for message in told(stage)] == ["Cup: Cannot supply"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_letter_is_wholly_in_its_readers_language(stage: Stage, language: str) -> None:
    (item,) = bought(stage, Line("Чайник", unit_price_minor=100))
    speak(stage, "reseller", language)
    refuse(stage, item)
    (letter,) = told(stage)
    assert f'<html lang="{language}">' in html_of(letter)
    for text in (letter.subject, letter.body, html_of(letter)):
        words = re.sub(rf"https?://\S+|<[^>]*>|&\w+;|Buyout|{item.order.number}", " ", text)
        assert language == "en" or not re.search("[A-Za-z]{2,}", words), words
    with translation.override(language):
        assert item.order.number in letter.subject


def test_nothing_is_fetched_and_no_script_is_in_it(stage: Stage) -> None:
    (item,) = bought(stage, Line("<b>Kettle</b> & Co", unit_price_minor=100))
    refuse(stage, item)
    (letter,) = told(stage)
    assert not re.search(r"<(img|script|link|style|iframe)|src=|url\(", html_of(letter))
    assert "&lt;b&gt;Kettle&lt;/b&gt; &amp; Co" in html_of(letter)
    assert "<b>Kettle</b> & Co" in letter.body


def test_a_note_is_told_to_whom_the_profile_shows_it(stage: Stage) -> None:
    (item,) = bought(stage)
    supplied = {"reason": "other", "note": "The factory has closed."}
    stage.move("operator", "item", item.pk, "refuse", supplied)
    Outbox.objects.filter(act="refuse").update(who=["end_buyer", "reseller"])
    letters = {letter.to[0]: letter.body for letter in told(stage)}
    assert "Note: The factory has closed." in letters[RESELLER]
    assert "closed" not in letters["end_buyer-buyout@example.com"]


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("Bought: {thing} for {actual_price}.", "Bought: Kettle for RUB\N{NO-BREAK SPACE}30.00."),
        ("On its way as {number}.", "Order {number}, Kettle: Ordered"),  # it has no number yet
    ],
)
def test_the_profiles_own_words_are_said_when_all_their_blanks_are_filled(
    stage: Stage, words: str, subject: str
) -> None:
    (item,) = bought(stage)
    stage.move("operator", "item", item.pk, "buy", BOUGHT)
    Outbox.objects.filter(act="buy").update(words={"reseller": {"ru": "", "en": words}})
    letter = next(one for one in told(stage) if one.to == [RESELLER])
    assert letter.subject.replace("RUB30", "RUB\N{NO-BREAK SPACE}30") == subject.replace(
        "{number}", item.order.number
    )


def test_words_that_a_reader_must_not_see_are_not_said_to_him(stage: Stage) -> None:
    """The check of the profile forbids it; should it ever come to it, the letter is the general one."""
    (item,) = bought(stage)
    stage.move("operator", "item", item.pk, "buy", BOUGHT)
    Outbox.objects.filter(act="buy").update(
        words={"end_buyer": {"en": "It costs {actual_price}, {total} in all."}}
    )
    letter = next(one for one in told(stage) if one.to != [RESELLER])
    assert letter.subject == f"Order {item.order.number}, Kettle: Ordered"
    assert "30" not in re.sub(r"http\S+", "", letter.body)


@pytest.mark.parametrize("stage", ["retail"], indirect=True)
def test_a_buyer_without_an_account_reads_his_order_by_the_link_in_the_letter(stage: Stage) -> None:
    order = stage.order(buyer_id=None, buyer_email="guest@example.org")
    Outbox.objects.create(
        business=stage.business, level="order", subject_id=order.pk, root_id=order.pk, act="receive_payment",
        from_state="pending", to_state="payment_received", who=["buyer"], created_at=stage.now,
    )  # fmt: skip
    (letter,) = told(stage)
    assert letter.to == ["guest@example.org"]
    (address,) = set(re.findall(r"http://localhost:8000(/o/\S+/)", letter.body))
    assert order.number in Client().get(address).content.decode()
    assert RecipientLink.objects.get().role == "buyer"


def test_a_state_that_a_role_does_not_see_is_not_told_to_it(stage: Stage) -> None:
    (item,) = bought(stage)
    Outbox.objects.create(
        business=stage.business, level="item", subject_id=item.pk, root_id=item.order_id, act="take",
        from_state="queued", to_state="buying", who=["end_buyer"], created_at=stage.now,
    )  # fmt: skip
    assert told(stage) == []


def test_the_end_buyer_is_written_with_a_link_that_asks_for_no_account(stage: Stage) -> None:
    (item,) = bought(stage, recipient_id=None, recipient_email="Aigerim@Example.org")
    Outbox.objects.update(who=[])
    stage.move("operator", "item", item.pk, "buy", BOUGHT)
    letter = next(one for one in told(stage) if one.to == ["aigerim@example.org"])
    (address,) = set(re.findall(r"http://localhost:8000(/o/\S+/)", letter.body))
    assert Client().get(address).status_code == 200
    assert RecipientLink.objects.get().role == "end_buyer"


def test_a_link_that_was_taken_back_is_in_no_letter(stage: Stage) -> None:
    (item,) = bought(stage, recipient_id=None, recipient_email="aigerim@example.org")
    RecipientLink.objects.create(
        business=stage.business, order=item.order, role="end_buyer", token_hash=b"h",
        created_at=stage.now, revoked_at=stage.now,
    )  # fmt: skip
    stage.move("operator", "item", item.pk, "buy", BOUGHT)
    letter = next(one for one in told(stage) if one.to == ["aigerim@example.org"])
    assert "/o/" not in letter.body
    assert "None" not in letter.body + html_of(letter)


def test_whoever_left_the_business_is_told_nothing(stage: Stage) -> None:
    (item,) = bought(stage)
    dismiss(stage.person("reseller").memberships.get(), stage.now, by=SHELL, cause="cli")
    refuse(stage, item)
    assert told(stage) == []


class TestSwitchingOff:
    def link(self, stage: Stage) -> str:
        (item,) = bought(stage)
        refuse(stage, item)
        (letter,) = told(stage)
        sent = letter.message()
        assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        found = re.fullmatch(
            r"<http://localhost:8000(/letters/\S+/)>", letter.extra_headers["List-Unsubscribe"]
        )
        assert found
        assert f"http://localhost:8000{found[1]}" in letter.body
        return found[1]

    def test_one_click_of_the_mail_program_stops_the_letters_of_this_business(self, stage: Stage) -> None:
        link = self.link(stage)
        # RFC 8058: a post without cookie, token or referrer.
        answer = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        refuse(stage, *bought(stage))
        assert told(stage) == []

    def test_opening_the_link_stops_nothing(self, stage: Stage) -> None:
        assert Client().get(self.link(stage)).status_code == 200
        assert not Silence.objects.exists()

    def test_a_letter_under_way_is_dropped_and_nobody_is_troubled_with_it(self, stage: Stage) -> None:
        link = self.link(stage)
        refuse(stage, *bought(stage))
        changes.fan_out(stage.now)
        Client().post(link)
        assert told(stage) == []
        stage.later(days=2)
        assert changes.report_unsent(stage.now) == 0

    def test_the_same_link_begins_them_again(self, stage: Stage) -> None:
        link = self.link(stage)
        Client().post(link)
        Client().post(link, {"again": "yes"})
        refuse(stage, *bought(stage))
        assert len(told(stage)) == 1

    def test_a_forged_link_leads_nowhere(self, stage: Stage) -> None:
        assert Client().post("/letters/forged/").status_code == 404


class TestBadDays:
    def failing(self, *_: Any) -> None:
        raise ConnectionRefusedError("no mail server")

    def test_a_letter_that_cannot_be_sent_is_tried_again(self, stage: Stage, monkeypatch: Any) -> None:
        (item,) = bought(stage)
        refuse(stage, item)
        with monkeypatch.context() as patched:
            patched.setattr(changes.order_letters, "send", self.failing)
            assert told(stage) == []
        stage.later(seconds=sending.RETRY_S[0])
        assert changes.send_due(stage.now) == 1
        letter = Letter.objects.latest("created_at")
        assert (letter.attempts, letter.sent_at) == (1, stage.now)

    def test_a_killed_worker_sends_it_again_under_the_same_message_id(
        self, stage: Stage, monkeypatch: Any
    ) -> None:
        (item,) = bought(stage)
        refuse(stage, item)
        real = changes.order_letters.send

        def killed(letter: Letter, now: Any) -> None:
            real(letter, now)
            raise KeyboardInterrupt

        with monkeypatch.context() as patched:
            patched.setattr(changes.order_letters, "send", killed)
            with pytest.raises(KeyboardInterrupt):
                told(stage)
        stage.later(seconds=changes.LETTERS.lease_s)
        assert changes.send_due(stage.now) == 1
        first, second = mail.outbox
        assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]

    def test_a_letter_not_sent_for_a_day_is_reported_to_the_operators_once(
        self, stage: Stage, monkeypatch: Any
    ) -> None:
        (item,) = bought(stage)
        refuse(stage, item)
        monkeypatch.setattr(changes.order_letters, "send", self.failing)
        told(stage)
        created_at = Letter.objects.latest("created_at").created_at
        assert changes.report_unsent(created_at + timedelta(hours=23, minutes=59)) == 0
        assert changes.report_unsent(created_at + timedelta(hours=24)) == 1
        assert changes.report_unsent(created_at + timedelta(hours=48)) == 0
        task = Task.objects.get(reason="mail_not_sent")
        assert (task.queue, task.subject_id) == ("operator", item.order_id)
