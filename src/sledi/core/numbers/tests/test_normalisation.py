"""From dirty input to the normalised number: what is changed silently, what is told, what is asked."""

import sys
import unicodedata

import pytest

from sledi.core.numbers import detect
from sledi.core.numbers.cleaning import bare, compact, fold


def repairs(text):
    return [(repair.key, dict(repair.params)) for repair in detect(text).repairs]


@pytest.mark.parametrize(
    "text",
    [
        " rr 123 456 785 cn\n",
        "rr123456785cn",
        "RR-123-456-785-CN",
        "RR–123—456‑785−CN",
        "RR\u00a0123\u202f456\u3000785\u2009CN",
        "RR\u200b123456785\u200dCN\ufeff",
        "\u200fRR123456785CN\u200e",
        "\u202aRR123456785CN\u202c",
        "RR1234\u00ad56785CN",
        "ＲＲ１２３４５６７８５ＣＮ",
        "ｒｒ１２３ ４５６ ７８５ｃｎ",
        "𝐑𝐑𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟓𝐂𝐍",
        "(RR123456785CN)",
        "[RR123456785CN]",
        "«RR123456785CN»",
        "„RR123456785CN“",
        "'RR123456785CN'",
        "№ RR123456785CN",
        "#RR123456785CN",
        "RR123456785CN.",
        "RR123456785CN,",
        "Трек: RR123456785CN",
        "трекRR123456785CN",
        "快递单号RR123456785CN请查收",
        "RR123456785CN 📦",
        "https://t.17track.net/en#nums=RR123456785CN",
        "https://www.pochta.ru/tracking#RR123456785CN",
        "https://example.org/track?nums=RR%20123%20456%20785%20CN&lang=ru",
        "<a href='https://post.example/RR123456785CN'>посылка</a>",
    ],
)
def test_separators_forms_and_surroundings_go_without_a_word(text):
    detection = detect(text)
    assert detection.normalized == "RR123456785CN"
    assert detection.raw == text
    assert detection.confirmed
    assert detection.repairs == ()


@pytest.mark.parametrize(
    ("text", "number", "letters"),
    [
        ("RR123456785СN", "RR123456785CN", {"С": "C"}),
        ("rr 123 456 785 сn", "RR123456785CN", {"С": "C"}),
        ("ЕЕ123456785НК", "EE123456785HK", {"Е": "E", "Н": "H", "К": "K"}),
        ("RR123456785ВУ", "RR123456785BY", {"В": "B", "У": "Y"}),
        ("СР123456785КZ", "CP123456785KZ", {"С": "C", "Р": "P", "К": "K"}),
        ("АР123456785ТR", "AP123456785TR", {"А": "A", "Р": "P", "Т": "T"}),
        ("МХ123456785МО", "MX123456785MO", {"М": "M", "Х": "X", "О": "O"}),
        ("УТ1234567890123", "YT1234567890123", {"У": "Y", "Т": "T"}),
        ("LΡ00123456789012", "LP00123456789012", {"Ρ": "P"}),
        ("LХ123456785UА", "LX123456785UA", {"Х": "X", "А": "A"}),
    ],
)
def test_look_alikes_are_read_and_told(text, number, letters):
    detection = detect(text)
    assert (detection.normalized, detection.confirmed) == (number, True)
    assert repairs(text) == [
        ("look_alike", {"written": one, "read": other}) for one, other in letters.items()
    ]


def test_look_alikes_are_read_only_beside_latin_letters_or_digits():
    assert detect("ВАСЯ").normalized == ""
    assert detect("ТРЕК НОМЕР").candidates == ()


@pytest.mark.parametrize(
    ("text", "number", "places"),
    [
        ("RR1O3456785CN", None, None),
        ("RR12345678SCN", "RR123456785CN", ["11"]),
        ("RRl2345678SCN", "RR123456785CN", ["3", "11"]),
        ("RR1234567B5CN", "RR123456785CN", ["10"]),
        ("RROOOOOOO14CN", None, None),
        ("AA0OOO00014GB", "AA000000014GB", ["4", "5", "6"]),
        ("1O944022440321", "10944022440321", ["2"]),
        ("l0944O22440321", "10944022440321", ["1", "6"]),
        ("lz5R89390357567127", "1Z5R89390357567127", ["1"]),
        ("94O5803699300124287899", "9405803699300124287899", ["3"]),
    ],
)
def test_misread_letters_become_digits_only_if_the_check_digit_then_passes(text, number, places):
    detection = detect(text)
    if number is None:
        assert detection.repairs == ()
        assert not detection.confirmed
    else:
        assert (detection.normalized, detection.confirmed) == (number, True)
        assert [params["position"] for _, params in repairs(text)] == places


def test_letters_are_never_turned_into_digits_where_letters_belong():
    detection = detect("BS123456785CN")
    assert detection.normalized == "BS123456785CN"
    assert detection.repairs == ()


def test_without_a_check_digit_nothing_is_repaired():
    detection = detect("LPOO123456789012")
    assert detection.normalized == "LPOO123456789012"
    assert detection.repairs == ()


def test_three_more_digits_after_de_are_dropped_and_told():
    detection = detect("RX 123 456 785 DE 001")
    assert (detection.normalized, detection.carrier, detection.confirmed) == (
        "RX123456785DE",
        "deutsche_post",
        True,
    )
    assert repairs("RX123456785DE001") == [("suffix_dropped", {"dropped": "001", "ending": "DE"})]


@pytest.mark.parametrize("text", ["RR123456785РУ", "РР123456785РУ", "rr 123 456 785 ру"])
def test_a_phonetic_ru_is_asked_about_and_never_silently_paraguay(text):
    detection = detect(text)
    assert detection.question.remark.key == "which_country"
    assert detection.question.remark.params["first"] == "RU"
    assert detection.question.remark.params["second"] == "PY"
    assert [(option.carrier, option.number[-2:]) for option in detection.question.options] == [
        ("russian_post", "RU"),
        ("post_py", "PY"),
    ]
    assert {"russian_post", "post_py"} <= {candidate.carrier for candidate in detection.candidates}
    assert not any(candidate.confirmed for candidate in detection.candidates)
    assert "PY" not in detection.normalized


def test_paraguay_in_latin_letters_is_paraguay():
    assert (detect("RR123456785PY").carrier, detect("RR123456785PY").question) == ("post_py", None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("РР123456785УА", "RR123456785UA"),  # by sound: УА looks like YA, which is no country
        ("РР123456785БГ", "RR123456785BG"),
        ("РР123456785СГ", "RR123456785SG"),
        ("СФ1234567890123", "SF1234567890123"),
        ("КК123456785СТ", "RR123456785CN"),  # a scanner that types into a Russian keyboard layout
        ("ЕЕ123456785ЛЯ", "TT123456785KZ"),
    ],
)
def test_letters_typed_by_sound_or_keyboard_are_guessed_but_not_confirmed(text, number):
    detection = detect(text)
    assert detection.normalized == number
    assert detection.candidates
    assert not detection.confirmed
    assert {key for key, _ in repairs(text)} & {"sounds_like", "keyboard"}


def test_the_zeros_of_an_sscc_stay():
    assert detect("(00) 123456789012345675").normalized == "00123456789012345675"


@pytest.mark.parametrize(
    "number", ["+7 701 123 45 67", "+77011234567", "8 (701) 123-45-67", "+359 2 123 45 67"]
)
def test_a_telephone_is_no_tracking_number(number):
    detection = detect(number)
    assert (detection.normalized, detection.candidates) == ("", ())


def test_all_of_nfkc_that_gives_letters_or_digits_is_folded():
    missed = [
        hex(code)
        for code in range(0x80, sys.maxunicode + 1)
        if (plain := unicodedata.normalize("NFKC", chr(code))).isascii()
        and plain.isalnum()
        and fold(chr(code)) != plain
        and chr(code) != "№"
    ]
    assert missed == []


def test_all_format_characters_disappear():
    kept = [
        hex(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) == "Cf" and fold(chr(code))
    ]
    assert kept == []


def test_normalising_twice_changes_nothing_more():
    every_character = "".join(map(chr, range(sys.maxunicode + 1)))
    once = bare(every_character)
    assert bare(once) == once
    assert compact(compact(every_character)) == compact(every_character)


def test_two_numbers_in_one_text_are_reported_not_guessed():
    detection = detect("RR123456785CN LX004921336CN")
    assert (detection.normalized, detection.candidates) == ("", ())
    assert [option.number for option in detection.question.options] == ["RR123456785CN", "LX004921336CN"]
    assert [error.reason.value for error in detection.errors] == ["structure"]
