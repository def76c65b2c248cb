"""Acts of people who follow numbers."""

from typing import Any

import pytest

from sledi.core.carrier import Alias
from sledi.core.numbers import detect, find
from sledi.history.tests.side_by_side import side_by_side
from sledi.tracking import operations, watching
from sledi.tracking.allowance import TooMany
from sledi.tracking.models import Allowance, Link, ListRow, Outbox, Trace, TrackList, Watch

DELIVERED, READY, SILENT = "RB556626341CN", "RB372813271CN", "RB298431881CN"
MISTYPED = "RB556626391CN"


def links(number: str) -> list[tuple[str, str]]:
    found = Link.objects.filter(trace__number=number).order_by("rank")
    return list(found.values_list("watch__carrier", "why"))


@pytest.mark.django_db
class TestOpening:
    def test_a_list_holds_what_was_pasted_in_its_order(self, follow: Any, clock: Any) -> None:
        opened = operations.open_list(
            f"мой {READY.lower()}, и ещё {DELIVERED}\n{READY}", client=None, at=clock(), destination="RU"
        )
        assert opened.numbers == (READY, DELIVERED)
        assert list(ListRow.objects.order_by("position").values_list("number", flat=True)) == [
            READY,
            DELIVERED,
        ]
        assert TrackList.objects.get().destination == "RU"

    def test_the_token_is_in_the_link_and_nowhere_in_the_database(self, follow: Any, clock: Any) -> None:
        token = follow(READY)
        stored = TrackList.objects.get()
        assert len(token) == 22
        assert token.encode() not in bytes(stored.token_hash)
        assert operations.token_of(stored.pk) == token

    def test_the_same_number_in_another_list_is_asked_once(self, follow: Any, ask: Any) -> None:
        follow(READY, destination="RU")
        follow(READY, destination="RU")
        assert (Trace.objects.count(), Watch.objects.count(), Link.objects.count()) == (1, 2, 2)

    def test_a_living_number_is_asked_again_for_the_next_person_where_the_rules_allow(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        follow(READY)
        ask()
        clock.advance(hours=2)
        assert not Watch.objects.filter(due_at__lte=clock()).exists()
        follow(READY)
        assert Watch.objects.filter(due_at__lte=clock(), is_urgent=True).count() == 2

    def test_a_delivered_number_is_not(self, follow: Any, ask: Any, clock: Any) -> None:
        follow(DELIVERED)
        ask()
        clock.advance(hours=2)
        follow(DELIVERED)
        assert not Watch.objects.filter(due_at__isnull=False).exists()

    def test_more_than_forty_are_left_out_and_counted(self, simulator: Any, clock: Any) -> None:
        text = "\n".join(f"YT88276821{n:05}" for n in range(45))
        opened = operations.open_list(text, client=None, at=clock())
        assert (len(opened.numbers), opened.dropped) == (40, 5)

    @pytest.mark.parametrize("text", ["", "   ", "hello", "\0\0", "+7 916 123-45-67"])
    def test_nothing_is_made_of_a_text_without_numbers(self, simulator: Any, clock: Any, text: str) -> None:
        with pytest.raises(operations.NothingFound):
            operations.open_list(text, client="192.0.2.1", at=clock())
        assert (TrackList.objects.count(), Allowance.objects.count()) == (0, 0)

    @pytest.mark.parametrize("text", [f"{READY}\0", f"\ud800 {READY}", f"{READY}\0x\0{DELIVERED}"])
    def test_what_the_database_refuses_is_no_trouble(self, simulator: Any, clock: Any, text: str) -> None:
        assert READY in operations.open_list(text, client=None, at=clock()).numbers

    def test_every_number_found_is_found_again_in_what_was_kept_of_it(
        self, simulator: Any, clock: Any
    ) -> None:
        texts = [
            "RR 123 456 785 CN", "мой трекRB556626341CN", "RB556626341СN.", "https://t.17track.net/ru#nums=RB556626341CN",
            "1Z 999 AA1 01 2345 6784", "заказ 55021 на 9400111201080805483016", "00 123456789012345675",
        ]  # fmt: skip
        for text in texts:
            for found in find(text):
                assert detect(found.raw[: operations.RAW_LENGTH_MAX]).normalized == found.normalized, text
                assert len(found.normalized) <= watching.NUMBER_LENGTH_MAX

    def test_too_many_numbers_change_nothing(self, simulator: Any, clock: Any, settings: Any) -> None:
        settings.NUMBERS_PER_HOUR = 1
        with pytest.raises(TooMany) as refused:
            operations.open_list(f"{READY} {DELIVERED}", client="192.0.2.1", at=clock())
        assert refused.value.left == 1
        assert (TrackList.objects.count(), Trace.objects.count(), Allowance.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
class TestExtending:
    def test_new_numbers_join_at_the_end(self, follow: Any, clock: Any) -> None:
        token = follow(f"{READY} {SILENT}")
        operations.remove_row(token, READY)
        assert operations.extend_list(token, f"{SILENT} {DELIVERED}", client=None, at=clock()) == 1
        assert list(ListRow.objects.order_by("position").values_list("number", flat=True)) == [
            SILENT,
            DELIVERED,
        ]

    def test_a_full_list_takes_no_more(self, simulator: Any, clock: Any) -> None:
        token = operations.open_list(
            "\n".join(f"YT88276821{n:05}" for n in range(40)), client=None, at=clock()
        ).token
        assert operations.extend_list(token, READY, client="192.0.2.1", at=clock()) == 0
        assert not Allowance.objects.exists()

    def test_only_new_numbers_are_taken_from_the_allowance(
        self, follow: Any, clock: Any, settings: Any
    ) -> None:
        settings.NUMBERS_PER_HOUR = 1
        token = follow(f"{READY} {SILENT}")
        assert operations.extend_list(token, f"{READY} {DELIVERED}", client="192.0.2.1", at=clock()) == 1

    def test_an_unknown_list_is_not_there(self, simulator: Any, clock: Any) -> None:
        with pytest.raises(operations.NotInList):
            operations.extend_list("no-such-token", READY, client=None, at=clock())


@pytest.mark.django_db
class TestChoosing:
    def test_the_carrier_a_person_names_is_asked_first_and_now(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        token = follow(READY)
        ask()
        operations.choose_carrier(token, READY, "kazpost", at=clock())
        assert links(READY)[0] == ("kazpost", "chosen")
        assert Watch.objects.get(carrier="kazpost").due_at == clock()
        assert ListRow.objects.get().carrier == "kazpost"

    def test_naming_one_that_is_asked_already_puts_it_first(self, follow: Any, clock: Any) -> None:
        token = follow(READY, destination="RU")
        assert [slug for slug, _ in links(READY)] == ["seventeentrack", "russian_post"]
        for _ in range(2):
            operations.choose_carrier(token, READY, "russian_post", at=clock())
        assert [slug for slug, _ in links(READY)] == ["russian_post", "seventeentrack"]

    def test_a_mistyped_number_is_followed_when_the_person_insists(self, follow: Any, clock: Any) -> None:
        token = follow(MISTYPED)
        assert ListRow.objects.get().trace is None
        operations.insist(token, MISTYPED, at=clock())
        assert ListRow.objects.get().trace is not None
        assert ListRow.objects.get().is_insisted

    @pytest.mark.parametrize("number", ["RB000000000CN", "", "\0", "\ud800"])
    def test_a_number_that_is_not_in_the_list_is_refused(self, follow: Any, clock: Any, number: str) -> None:
        token = follow(READY)
        for act in (operations.insist, operations.ask_again):
            with pytest.raises(operations.NotInList):
                act(token, number, at=clock())
        with pytest.raises(operations.NotInList):
            operations.remove_row(token, number)


@pytest.mark.django_db
class TestDestination:
    def test_the_destination_post_joins_the_asking(self, follow: Any, clock: Any) -> None:
        token = follow(f"{READY} {MISTYPED}")
        operations.set_destination(token, "RU", at=clock())
        assert links(READY) == [("seventeentrack", "origin_post"), ("russian_post", "destination_post")]
        assert Trace.objects.get().destination == "RU"

    def test_what_a_carrier_says_wins_over_the_person(self, follow: Any, ask: Any, clock: Any) -> None:
        token = follow(READY)
        ask()
        operations.set_destination(token, "BY", at=clock())
        assert Trace.objects.get().destination == "RU"


@pytest.mark.django_db
class TestLearning:
    def test_repeating_it_changes_nothing_and_asks_nobody_anew(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        follow("LP640831192CN")  # handed over under a number of the Russian Post
        ask()
        asked = links("LP640831192CN")
        assert ("russian_post", "alias") in asked
        due = dict(Watch.objects.values_list("pk", "due_at"))
        clock.advance(hours=3)
        trace = Trace.objects.get()
        watching.learn([trace.pk], [(trace.pk, Alias("80149169554910", "russian_post"))], at=clock())
        assert links("LP640831192CN") == asked
        assert dict(Watch.objects.values_list("pk", "due_at")) == due

    def test_an_alias_at_a_carrier_without_an_adapter_is_asked_through_one_that_has(
        self, follow: Any, clock: Any
    ) -> None:
        follow(READY)
        trace = Trace.objects.get()
        watching.learn([trace.pk], [(trace.pk, Alias("RB229602824SG", "singapore_post"))], at=clock())
        link = Link.objects.get(why="alias")
        assert (link.watch.carrier, link.watch.number, link.on_behalf_of) == (
            "seventeentrack", "RB229602824SG", "singapore_post",
        )  # fmt: skip

    @pytest.mark.parametrize(
        "alias",
        [
            Alias("", "russian_post"),
            Alias("\0", ""),
            Alias("9" * 500, "russian_post"),
            Alias("hello world", "no_such_carrier"),
            Alias("RB556626341CN", "no_such_carrier"),
        ],
    )
    def test_a_senseless_alias_is_left_out(self, follow: Any, clock: Any, alias: Alias) -> None:
        follow(READY)
        trace = Trace.objects.get()
        watching.learn([trace.pk], [(trace.pk, alias)], at=clock())
        assert Link.objects.count() == 1

    def test_a_carrier_that_names_a_thousand_numbers_gets_twelve_watches_at_most(
        self, follow: Any, clock: Any
    ) -> None:
        follow(READY)
        trace = Trace.objects.get()
        aliases = [(trace.pk, Alias(f"8014916955{n:04}", "russian_post")) for n in range(1000)]
        watching.learn([trace.pk], aliases, at=clock())
        assert Link.objects.count() == watching.WATCHES_MAX


@pytest.mark.django_db
class TestAskingAgain:
    def test_it_asks_now_but_not_sooner_than_the_contract_allows(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        token = follow(SILENT)
        ask()
        assert not operations.ask_again(token, SILENT, at=clock.advance(minutes=9))
        assert operations.ask_again(token, SILENT, at=clock.advance(minutes=2))
        due = Watch.objects.filter(due_at__lte=clock()).values_list("carrier", flat=True)
        assert list(due) == ["seventeentrack"]  # ten minutes there, an hour at the Russian Post

    def test_a_number_that_is_not_followed_has_nobody_to_ask(self, follow: Any, clock: Any) -> None:
        assert not operations.ask_again(follow(MISTYPED), MISTYPED, at=clock())

    def test_given_up_after_ninety_days_it_is_asked_once_more(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        token = follow(SILENT)
        clock.advance(days=100)
        ask()
        assert set(Watch.objects.values_list("due_at", flat=True)) == {None}
        clock.advance(hours=2)
        assert operations.ask_again(token, SILENT, at=clock())


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    def test_people_who_paste_the_same_numbers_in_any_order_all_get_their_list(
        self, simulator: Any, clock: Any
    ) -> None:
        numbers = [READY, DELIVERED, SILENT, "RB923917872CN", "RB913682965CN", "LB710330014CN"]

        def paste(turn: int) -> str:
            text = "\n".join(numbers[turn:] + numbers[:turn])
            return operations.open_list(text, client=f"192.0.2.{turn}", at=clock(), destination="RU").token

        opened = side_by_side([lambda turn=turn: paste(turn) for turn in range(6)])
        assert len({token for token in opened if isinstance(token, str)}) == 6, opened
        assert (Trace.objects.count(), Watch.objects.count(), Link.objects.count()) == (6, 12, 12)
        assert sorted(set(Link.objects.values_list("rank", flat=True))) == [0, 1]
        assert not Outbox.objects.exists()

    def test_people_and_replies_meet_without_locking_each_other_out(
        self, follow: Any, ask: Any, clock: Any
    ) -> None:
        from sledi.tracking.ingest import ingest
        from sledi.tracking.tests.scans import arrival, scan

        token = follow(f"{READY} {DELIVERED} {SILENT}")
        watches = list(Watch.objects.all())

        def replies(turn: int) -> int:
            batch = [arrival(watch, scan("orig.accepted", turn), hours=turn) for watch in watches]
            return sum(ingest(batch if turn % 2 else batch[::-1], clock()) for _ in range(5))

        acts: list[Any] = [lambda turn=turn: replies(turn) for turn in range(3)]
        acts += [lambda: [operations.set_destination(token, c, at=clock()) for c in ("RU", "KZ", "BY", "UA")]]
        acts += [
            lambda: [operations.choose_carrier(token, READY, c, at=clock()) for c in ("kazpost", "belpost")]
        ]
        outcomes = side_by_side(acts)
        assert not [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert set(Trace.objects.values_list("event_count", flat=True)) == {3}
