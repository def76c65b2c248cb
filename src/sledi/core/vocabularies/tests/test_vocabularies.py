"""The tables of other systems: complete, pointing only at what exists, and falling back as they say."""

from importlib.resources import files

import pytest

from sledi.core.statuses import EVENT_CODES, REASONS
from sledi.core.vocabularies import NAMES, coarse_words, vocabulary

SIZES = {
    "aftership": (9, 54),
    "delivery_tracker": (9, 0),
    "easypost": (10, 28),
    "ems_texts": (12, 0),
    "home_assistant": (7, 0),
    "karrio": (12, 0),
    "parcel_app": (9, 0),
    "parcelsapp": (6, 0),
    "ship24": (8, 0),
    "shippo": (6, 0),
    "shopify": (15, 0),
    "trackingmore": (8, 22),
    "upu_emsevt": (25, 0),
}


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_all_its_words(name: str) -> None:
    table = vocabulary(name)
    assert (len(table.statuses), len(table.details)) == SIZES[name]


def test_all_tables_together_map_240_words_and_with_the_35_reasons_and_the_41_of_17track_316() -> None:
    words = sum(len(vocabulary(name).statuses) + len(vocabulary(name).details) for name in NAMES)
    assert words == 240
    assert words + len(REASONS) + 41 == 316


@pytest.mark.parametrize("name", NAMES)
def test_every_word_means_a_code_and_a_reason_that_exist(name: str) -> None:
    table = vocabulary(name)
    for part in (table.statuses, table.details, table.doubtful):
        for meaning in part.values():
            assert meaning.code in EVENT_CODES
            assert meaning.reason == "" or meaning.reason in REASONS


@pytest.mark.parametrize("name", NAMES)
def test_every_table_names_its_sources(name: str) -> None:
    assert vocabulary(name).sources
    assert vocabulary(name).title


def test_every_data_file_is_a_vocabulary_or_the_coarse_words() -> None:
    data = {
        entry.name for entry in files("sledi.core.vocabularies").iterdir() if entry.name.endswith(".toml")
    }
    assert data == {f"{name}.toml" for name in NAMES} | {"coarse.toml"}


@pytest.mark.parametrize(
    ("name", "status", "detail", "expected"),
    [
        ("aftership", "Exception", "Exception_004", ("imp.customs_held", "customs_delay")),
        ("aftership", "Exception", "Exception_002", ("bad.moved", "")),  # invented tables say "damaged"
        ("aftership", "Delivered", "Delivered_005", ("done.neighbour", "")),
        ("karrio", "on_hold", "", ("last.held", "")),
        ("shopify", "READY_FOR_RECIPIENT_PICKUP", "", ("last.ready", "")),
        ("easypost", "in_transit", "transferred_to_destination_carrier", ("last.handover", "")),
        ("easypost", "in_transit", "weather_delay", ("line.delayed", "weather_delay")),
        ("upu_emsevt", "EMC", "", ("exp.departed", "")),
        ("upu_emsevt", "EDB", "", ("imp.customs_in", "")),
        ("ems_texts", "Held for customs inspection", "", ("imp.customs_held", "")),
        ("ship24", "failed_attempt", "", ("last.failed", "")),
        ("trackingmore", "exception", "exception010", ("ret.done", "")),
        ("parcelsapp", "archive", "", ("sys.stale", "")),
        ("shippo", "RETURNED", "", ("ret.started", "")),
        ("delivery_tracker", "AT_PICKUP", "", ("orig.accepted", "")),
        ("parcel_app", "3", "", ("last.ready", "")),
        ("home_assistant", "Ready to be picked up", "", ("last.ready", "")),
    ],
)
def test_a_known_word_is_its_code(name: str, status: str, detail: str, expected: tuple[str, str]) -> None:
    assert vocabulary(name).code_of(status, detail) == expected


def test_an_unknown_detail_falls_back_to_its_status() -> None:
    assert vocabulary("aftership").code_of("OutForDelivery", "OutForDelivery_099") == ("last.out", "")


def test_a_detail_that_says_nothing_falls_back_to_its_status() -> None:
    assert vocabulary("easypost").code_of("in_transit", "unknown") == ("line.moving", "")


def test_an_unknown_status_is_unmapped_and_never_called_in_transit() -> None:
    assert vocabulary("ship24").code_of("teleported") == ("sys.unmapped", "")


def test_case_and_spaces_do_not_matter() -> None:
    assert vocabulary("home_assistant").code_of("  in  TRANSIT ") == ("line.moving", "")


def test_a_word_that_only_one_source_knows_is_read_and_kept_apart() -> None:
    table = vocabulary("upu_emsevt")
    assert table.code_of("EMX") == ("last.sort_out", "")
    assert "EMX" not in table.statuses
    assert table.doubtful["EMX"].note == "no UPU text confirms it"


def test_the_eleven_aftership_codes_without_a_meaning_say_what_their_tag_says() -> None:
    table = vocabulary("aftership")
    silent = [word for word, meaning in table.details.items() if meaning.note == "falls back to the tag"]
    assert len(silent) == 11
    for word in silent:
        assert table.details[word].code == table.statuses[word.partition("_")[0]].code


def test_a_table_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        vocabulary("../statuses")


def test_there_are_19_coarse_words_a_final_one_and_none() -> None:
    words = coarse_words()
    assert len(words) == 21
    assert {"exception_final", "none"} < set(words)


def test_every_coarse_word_holds_its_default_and_only_codes_that_exist() -> None:
    for word in coarse_words().values():
        assert word.default in word.codes
        assert word.codes <= set(EVENT_CODES)


def test_every_code_that_a_carrier_can_tell_belongs_to_a_coarse_word() -> None:
    reachable = frozenset().union(*(word.codes for word in coarse_words().values()))
    assert set(EVENT_CODES) - reachable == {"sys.error", "sys.unmapped"}
