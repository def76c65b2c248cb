"""Numbers in a pasted text: which are taken, in which order, and what is said of the rest."""

import pytest

from sledi.core.numbers import FORMATS, PASTE_LIMIT, Hints, find


def numbers(text, **options):
    return [detection.normalized for detection in find(text, **options)]


CHAT = """
Привет! Вот треки за ноябрь:
1. RR123456785CN - куртка
2) LX 004 921 336 CN чехол, ещё rr 123 456 785 cn (это тот же)
заказ 55021 на 9400111206213400000000
СДЭК: 1106321645; почта 190031 45 12345 8
тел. +7 (701) 123-45-67, писать до 12.10.2026 14:30
https://t.17track.net/en#nums=UA123456785HK,LP00123456789012
https://www.aliexpress.com/item/1005001234567890.html
"""


def test_a_chat_message_gives_its_numbers_in_order_and_accounts_for_the_rest():
    pasted = find(CHAT)
    assert [detection.normalized for detection in pasted] == [
        "RR123456785CN",
        "LX004921336CN",
        "9400111206213400000000",
        "1106321645",
        "19003145123458",
        "UA123456785HK",
        "LP00123456789012",
    ]
    assert (pasted.duplicates, pasted.phones, pasted.beyond) == (1, 1, 0)
    assert pasted.unsure == ("55021",)
    assert pasted.dropped == pasted.words + 2


def test_the_raw_text_of_each_number_is_kept_as_it_was_written():
    raws = [
        detection.raw for detection in find("ＲＲ１２３４５６７８５ＣＮ\n lx 004 921 336 cn \nRR123456785сN")
    ]
    assert raws == ["ＲＲ１２３４５６７８５ＣＮ", "lx 004 921 336 cn"]


def test_an_order_number_is_no_tracking_number_unless_it_is_alone():
    assert numbers("заказ 55021 на 9400111206213400000000") == ["9400111206213400000000"]
    assert numbers("заказ 55021") == []
    assert numbers("55021") == ["55021"]
    assert numbers(" 55021.\n") == ["55021"]
    assert numbers("order,track\n55021,RR123456785CN") == ["RR123456785CN"]


def test_an_unknown_shape_alone_on_its_line_is_accepted():
    pasted = find("ABC-12345\nQZ7788990011\n")
    assert [detection.normalized for detection in pasted] == ["ABC12345", "QZ7788990011"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RR123456785CN,LX004921336CN;UA123456785HK|LP00123456789012", 4),
        ("RR123456785CN LX004921336CN", 2),
        ("RR123456785CN/LX004921336CN", 2),
        ("RR123456785CN-LX004921336CN", 2),
        ("RR123456785CN\tLX004921336CN", 2),
        ("RR123456785CN\r\nLX004921336CN\rUA123456785HK", 3),
        ("RR123456785CN、LX004921336CN，UA123456785HK", 3),
        ("1106321645 1107123456", 2),
        ("RR 123 456 785 CN LX 004 921 336 CN", 2),
        ('[{"track": "RR123456785CN"}, {"track": "LX004921336CN"}]', 2),
        ("number;carrier;date\nRR123456785CN;China Post;2026-10-12\nLX004921336CN;China Post;12.10.26\n", 2),
        ("<ul><li>RR123456785CN</li><li>LX004921336CN</li></ul>", 2),
        ("RR123456785CN+LX004921336CN", 2),
    ],
)
def test_numbers_are_parted_by_any_mark(text, expected):
    assert len(numbers(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RR 123 456 785 CN", "RR123456785CN"),
        ("RR 123456785 CN", "RR123456785CN"),
        ("Номер: 9400 1112 0108 0805 4830 16", "9400111201080805483016"),
        ("0414 4176 0228 964", "041441760228964"),
        ("20 4500 0000 0024", "20450000000024"),
        ("420 22153 9101026837331000039521", "420221539101026837331000039521"),
        ("(00) 3 40434700123456783", "00340434700123456783"),
        ("мой трек RR 123 456 785 CN не идёт", "RR123456785CN"),
        ("мой трек rr 123 456 785 сn не идёт", "RR123456785CN"),
        ("МОЙ ТРЕК RR 123 456 786 CN НЕ ИДЁТ", "RR123456786CN"),
        ("получено 1Z 5R8 939 03 5756 7127 вчера", "1Z5R89390357567127"),
        ("чек 190031 45 12345 8 от почты", "19003145123458"),
        ("2 1106321645", "1106321645"),
        ("RR 123 456 785 КZ", "RR123456785KZ"),
    ],
)
def test_groups_of_one_number_are_joined(text, expected):
    assert numbers(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "sent by 123456789",
        "в 2026 году 12 345 678 рублей",
        "2026-10-12 14:30:05",
        "12.10.2026",
        "с 9 до 18, перерыв 13-14",
        "кв. 12, дом 5, 050000 Алматы",
        "iPhone 15 Pro Max 256",
        "a1b2",
        "user1234@example.org",
        "https://shop.example/item/1005001234567890.html",
        "+7 701 123 45 67",
        "8 (701) 123-45-67",
        "8 701 123-45-67",
        "звоните 87011234567",
        "тел 380671234567 или 375291234567",
        "🙂🙂🙂",
        "\x00\x01\x02",
        "---",
    ],
)
def test_words_prices_dates_and_telephones_are_no_numbers(text):
    assert numbers(text) == []


@pytest.mark.parametrize(
    "text", ["https://post.example/parcels/1106321645", "https://x.example/?nums=1106321645"]
)
def test_a_tracking_link_yields_its_digits_and_other_links_only_sure_numbers(text):
    assert numbers(text) == ["1106321645"]
    assert numbers("https://shop.example/order/1106321645") == []
    assert numbers("https://shop.example/order/RR123456785CN") == ["RR123456785CN"]


def test_the_limit_counts_what_is_beyond_it():
    complete = FORMATS["upu_s10"].complete
    listed = [complete(f"RR{serial:08}0CN") for serial in range(5000)]
    pasted = find("\n".join(listed + listed[:7]))
    assert [detection.normalized for detection in pasted] == listed[:PASTE_LIMIT]
    assert (pasted.beyond, pasted.duplicates) == (5000 - PASTE_LIMIT, 7)
    assert len(find("\n".join(listed), limit=6000)) == 5000
    assert (len(find("RR123456785CN", limit=0)), find("RR123456785CN", limit=0).beyond) == (0, 1)


def test_different_spellings_of_one_number_are_duplicates():
    pasted = find("RR123456785CN\nrr 123 456 785 cn\nRR123456785СN\nRR12345678SCN\n")
    assert ([detection.normalized for detection in pasted], pasted.duplicates) == (["RR123456785CN"], 3)


def test_numbers_with_slips_are_taken_and_say_so():
    pasted = find("вот RR123456786CN и RR12345678CN, и RR123456785QQ")
    reasons = [detection.errors[0].reason.value for detection in pasted]
    assert reasons == ["check_digit", "length", "country"]


def test_hints_reach_every_number():
    pasted = find("1051600000017\n1106321645", hints=Hints(destination="BG"))
    assert pasted.numbers[0].carrier == "econt"


def test_the_order_is_that_of_the_text_whatever_is_around():
    listed = ["LX004921336CN", "RR123456785CN", "1Z5R89390357567127", "UA123456785HK"]
    for between in ("\n", ", ", " и ", "; тел. +7 701 123 45 67; ", "\n12.10.2026\n"):
        assert numbers(between.join(listed)) == listed
        assert numbers(between.join(reversed(listed))) == listed[::-1]


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f", "\u3000", "\t"])
def test_a_number_in_groups_is_found_whatever_spaces_are_between_them(space: str) -> None:
    written = space.join(("RR", "123", "456", "785", "CN"))
    assert [one.normalized for one in find(written)] == ["RR123456785CN"]


@pytest.mark.parametrize("space", ["\u00a0", "\u2009", "\u202f"])
def test_no_break_spaces_and_a_full_stop_do_not_hide_a_number_in_a_sentence(space: str) -> None:
    written = space.join(("RR", "123", "456", "785", "CN"))
    assert [one.normalized for one in find(f"Мой номер {written}.")] == ["RR123456785CN"]


def test_columns_with_a_number_each_are_as_many_numbers() -> None:
    found = find("RR 123 456 785 CN\tRB 556 626 341 CN")
    assert [one.normalized for one in found] == ["RR123456785CN", "RB556626341CN"]
