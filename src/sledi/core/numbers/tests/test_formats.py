"""Every format: published samples, numbers made by a rule written here a second time, and numbers that break it.

``LOOKS`` repeats from the sources, by hand, what the modules and data files say, so that a slip in either shows.
The check digits below are written plainly, digit by digit, as the sources describe them.
"""

import random
from collections.abc import Callable, Iterator

import pytest

from sledi.core.numbers import (
    FORMATS,
    ErrorReason,
    InvalidNumber,
    WrongAlphabet,
    WrongCheckDigit,
    WrongLength,
    detect,
)

SEED = 20261121
NUMBERS_PER_LOOK = 20
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# "#" a digit, "@" a letter, "*" either; one string per look.
LOOKS = {
    "upu_s10": ["@@#########CN", "@@#########SG", "@@#########KZ", "@@#########BG"],
    "russian_post_14": ["1#############", "80############", "6#############"],
    "sscc": ["##################", "00##################"],
    "ups_1z": ["1Z***************#"],
    "usps_impb": [
        *(prefix + "#" * 20 for prefix in ("91", "92", "93", "94", "95")),
        "92" + "#" * 24,
        "420#####9" + "4" + "#" * 20,
        "420#########92" + "#" * 20,
        "420#####92" + "#" * 24,
    ],
    "usps_20": ["#" * 20],
    "dhl_express_10": ["##########"],
    "dhl_express_11": ["###########"],
    "fedex_12": ["############"],
    "fedex_15": ["###############"],
    "fedex_18": ["##################"],
    "fedex_smartpost": ["61" + "#" * 18, "9261" + "#" * 18],
    "fedex_96": ["96" + "#" * 20],
    "fedex_34": ["1001" + "#" * 30, "1002" + "#" * 30, "96" + "#" * 32],
    "fedex_astra_32": ["#" * 32],
    "dpd_15": ["##############@"],
    "dpd_15_digits": ["###############"],
    "dpd_28": ["#" * 27 + "*"],
    "dpd_14": ["##############"],
    "ukrposhta_13": ["0############", "4############"],
    "china_post_13": [
        *(prefix + "#" * 11 for prefix in ("10", "11", "12", "50", "51", "52", "95", "96", "97", "98", "99")),
        "P@###########",
        "9############",
        "4############",
    ],
    "singpost_smartpac": ["SM#########SG"],
    "bulgarian_posts_ps": ["PS#########RX"],
    "chronopost_14": ["##############"],
    "orlen_14": ["##############"],
    "nova_poshta_14": ["20############", "59############", "1#############"],
    "nova_poshta_11": ["1##########", "2##########", "5##########"],
    "nova_poshta_global": [
        "NPI##############",
        "NPG##############",
        "NPMD############NPI",
        "NPMD############NPG",
    ],
    "meest": ["CV#########@@", "MYCV#########@@", "MGRAE##########", "R@#########MG"],
    "cdek_10": ["1#########"],
    "boxberry": ["0000#########", "ABR#########", "AFOX#########", "AAQ#########", "ALP#########"],
    "dpd_ru": ["RU00#######"],
    "sberlogistics": ["RP#########"],
    "pony_express": ["PN########"],
    "qwintry": ["QR########"],
    "iml_13": ["#############"],
    "evropochta": ["BY############"],
    "econt_13": ["105##########", "#############"],
    "speedy_11": ["###########"],
    "speedex_10": ["##########"],
    "sf_express": ["SF@############", "SF#############", "############"],
    "yto": ["YT#############", "6#################", "############", "@@########", "@@##########"],
    "zto": [
        *(prefix + "#" * 12 for prefix in ("73", "74", "75", "76", "77", "78")),
        "5711########",
        "120#########",
        "4###########",
    ],
    "sto": [
        "773############",
        "77#############",
        "43############",
        "43###############",
        "STO##########",
        "268#########",
    ],
    "yunda": ["3##############", "4##############", "5############"],
    "jd_logistics": ["JDV@###########", "JDX############", "JDK############", "JDAB###########"],
    "jt_express": ["JT#############", "JT############"],
    "deppon": ["DPK############", "DPK##############", "##########", "########"],
    "best": ["BXA##########", "A############", "B############", "D############", "E############"],
    "cainiao_domestic": ["621############"],
    "ane_12": ["############"],
    "cainiao": [
        "LP##############",
        "AP##############",
        "LP############",
        "LP###############",
        "CNUSUP########",
        "CNUSUP###########",
        "CN############",
        "AECA##########RU2",
    ],
    "cainiao_s10": [*(prefix + "#########HK" for prefix in ("RV", "UA", "ZA", "ZH", "ZN")), "ZA#########LV"],
    "joom": ["ZJ#########HK"],
    "yunexpress": ["YT################"],
    "4px": ["4PX#############CN", "4PX****************", "P000000######"],
    "yanwen": [*(prefix + "#########YP" for prefix in ("UB", "UD", "UG", "UR", "VR", "UJ")), "BYS#########"],
    "sunyou": ["SYLLD########", "SY###########"],
    "j_net": ["JNTCU##########YQ"],
    "bel_8256ru": ["BELLY##########YQ"],
    "mailamericas": ["R@#########MH", "R@#########MG"],
    "dhl_piece": ["JJD##########", "JVGL##########", "JDA##########", "000#######"],
    "dhl_parcel_3s": ["3SBCC#########"],
    "dhl_parcel_20": ["00340434############"],
    "dhl_ecommerce": ["GM##############", "LX##########", "RX##########", "##############"],
    "ups_waybill": [letter + "#" * 10 for letter in "AHJKTV"],
    "amazon": [
        "TBA############",
        "TBM############",
        "TBC############",
        "TBAONT#########",
        "A##########",
        "F##########",
    ],
    "gls": ["###########", "############", "*****###"],
    "yodel": ["JD################", "JJD################"],
    "canada_post_16": ["################"],
    "purolator_12": ["0###########", "5###########"],
    "purolator": ["@@@#########"],
    "ontrac": ["C##############", "D##############"],
    "lasership": ["LX13######", "LX18######", "1LS71##########", "1LS72##########"],
    "canpar_22": [letter + "#" * 21 for letter in "CDKLSUXZ"],
    "landmark": ["LTN########N1"],
    "old_dominion": ["777########", "778########", "072########", "80#########"],
    "speedee": ["SP##################"],
    "gofo": ["GFUS##############"],
}
# Formats with a look that fits almost anything, so that another carrier's prefix may be nearer.
LOOSE = {"yto", "gls", "purolator", "deppon", "dhl_ecommerce"}
WITHOUT_LOOKS = {"wanb", "ubi", "cne", "jcex", "anjun", "zes", "asendia"}


def gs1(body: str) -> str:
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str((10 - total % 10) % 10)


def s10(number: str) -> str:
    remainder = sum(int(d) * w for d, w in zip(number[2:10], (8, 6, 4, 2, 3, 5, 9, 7), strict=True)) % 11
    return {0: "5", 1: "0"}.get(remainder, str(11 - remainder))


def russian_post(number: str) -> str:
    odd, even = number[0:13:2], number[1:13:2]
    return str((10 - (3 * sum(map(int, odd)) + sum(map(int, even))) % 10) % 10)


def ups(body: str) -> str:
    total = 0
    for place, character in enumerate(body):
        value = int(character) if character.isdigit() else (ord(character) - 3) % 10
        total += value * (2 if place % 2 else 1)
    return str((10 - total % 10) % 10)


def luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str((10 - total % 10) % 10)


def fedex_12(number: str) -> str:
    return str(
        sum(int(d) * w for d, w in zip(number[:11], (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1), strict=True)) % 11 % 10
    )


def fedex_34(number: str) -> str:
    weights = (1, 7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)
    return str(sum(int(d) * w for d, w in zip(number[20:33], weights, strict=True)) % 11 % 10)


def usps(number: str) -> str:
    for start in (12, 8) if number.startswith("420") else (0,):
        if number[start : start + 2] in {"91", "92", "93", "94", "95"} and len(number) - start in {22, 26}:
            return gs1(number[start:-1])
    raise AssertionError(number)


def iso_7064_mod_37_36(number: str) -> str:
    alphabet = DIGITS + LETTERS
    product = 36
    for character in number[:-1]:
        total = (product + alphabet.index(character)) % 36
        product = (total or 36) * 2 % 37
    return alphabet[(37 - product) % 36]


# Whole number in, the right check character out.
ORACLES: dict[str, Callable[[str], str]] = {
    "upu_s10": s10,
    "russian_post_14": russian_post,
    "sscc": lambda number: gs1(number[:-1]),
    "ups_1z": lambda number: ups(number[2:-1]),
    "usps_impb": usps,
    "dhl_express_10": lambda number: str(int(number[:-1]) % 7),
    "dhl_express_11": lambda number: str(int(number[:-1]) % 7),
    "fedex_12": fedex_12,
    "fedex_15": lambda number: gs1(number[:-1]),
    "fedex_18": lambda number: gs1(number[:-1]),
    "fedex_smartpost": lambda number: gs1(("92" if len(number) == 20 else "") + number[:-1]),
    "fedex_96": lambda number: gs1(number[7:-1]),
    "fedex_34": fedex_34,
    "dpd_15": iso_7064_mod_37_36,
    "dpd_15_digits": iso_7064_mod_37_36,
    "dpd_28": iso_7064_mod_37_36,
    "dhl_parcel_20": lambda number: gs1(number[:-1]),
    "canada_post_16": lambda number: gs1(number[:-1]),
    "purolator_12": lambda number: luhn(number[:-1]),
    "ontrac": lambda number: ups(number[:-1]),
    "old_dominion": lambda number: luhn(number[:-1]),
    "usps_20": lambda number: gs1(number[:-1]),
}
CHECK_POSITION = {"upu_s10": 10}


def filled(look: str, rnd: random.Random) -> str:
    choices = {"#": DIGITS, "@": LETTERS, "*": DIGITS + LETTERS}
    return "".join(rnd.choice(choices.get(slot, slot)) for slot in look)


def good_numbers(format_id: str) -> Iterator[str]:
    """At least twenty numbers that are right by the rules above."""
    rnd = random.Random(f"{SEED} {format_id}")
    oracle, place = ORACLES.get(format_id), CHECK_POSITION.get(format_id, -1)
    for look in LOOKS[format_id]:
        found = 0
        while found < NUMBERS_PER_LOOK:
            number = filled(look, rnd)
            characters = list(number)
            if oracle:
                characters[place] = oracle(number)
                if look[place] == "#" and not characters[place].isdigit():
                    continue  # a check character that this look cannot hold
                if look[place] == "@" and not characters[place].isalpha():
                    continue
            yield "".join(characters)
            found += 1


def wrong_check_digits(format_id: str, number: str) -> Iterator[str]:
    place = CHECK_POSITION.get(format_id, -1) % len(number)
    alphabet = LETTERS if number[place].isalpha() else DIGITS
    for character in alphabet:
        if character != number[place]:
            yield number[:place] + character + number[place + 1 :]


def test_every_format_is_covered_here():
    assert set(LOOKS) | WITHOUT_LOOKS == set(FORMATS)


@pytest.mark.parametrize("format_id", FORMATS)
def test_published_samples_are_valid_and_recognised(format_id):
    format_ = FORMATS[format_id]
    for sample in format_.samples:
        number = format_.validate(sample)
        assert set(format_.carriers) & {candidate.carrier for candidate in detect(sample).candidates}, sample
        assert format_.validate(format_.format(sample)) == number


@pytest.mark.parametrize("format_id", LOOKS)
def test_good_numbers_are_valid(format_id):
    format_ = FORMATS[format_id]
    numbers = list(good_numbers(format_id))
    assert len(numbers) >= 20
    assert [format_.validate(number) for number in numbers] == numbers


@pytest.mark.parametrize("format_id", LOOKS)
def test_good_numbers_are_recognised_without_an_error(format_id):
    for number in good_numbers(format_id):
        detection = detect(number)
        carriers = {candidate.carrier for candidate in detection.candidates}
        assert not FORMATS[format_id].carriers or set(FORMATS[format_id].carriers) & carriers, number
        assert detection.normalized == number
        if format_id not in LOOSE:
            assert {error.reason for error in detection.errors} <= {ErrorReason.CHECK_DIGIT}, number


@pytest.mark.parametrize("format_id", LOOKS)
def test_bad_numbers_are_told_apart_by_their_reason(format_id):
    format_ = FORMATS[format_id]
    number = next(good_numbers(format_id))
    with pytest.raises(WrongAlphabet):
        format_.validate(number[:-1] + "/")
    with pytest.raises(WrongAlphabet):
        format_.validate("Ж" + number[1:])
    with pytest.raises(WrongLength) as too_short:
        format_.validate(number[:3])
    assert too_short.value.expected
    with pytest.raises(WrongLength):
        format_.validate(number + number + number + number)
    with pytest.raises(InvalidNumber):
        format_.validate("")
    with pytest.raises(InvalidNumber):
        format_.validate("X" * len(number) if number.isdigit() else "+" * len(number))


@pytest.mark.parametrize("format_id", sorted(ORACLES.keys() - {"usps_20"}))
def test_every_other_check_digit_is_wrong_and_the_right_one_is_told(format_id):
    format_ = FORMATS[format_id]
    number = next(good_numbers(format_id))
    for wrong in wrong_check_digits(format_id, number):
        with pytest.raises(WrongCheckDigit) as caught:
            format_.validate(wrong)
        assert caught.value.expected == number[CHECK_POSITION.get(format_id, -1)]
        assert format_.complete(wrong) == number


@pytest.mark.parametrize("format_id", LOOKS)
def test_grouping_only_adds_spaces(format_id):
    for number in good_numbers(format_id):
        assert FORMATS[format_id].format(number).replace(" ", "") == number


def test_the_verbs_take_a_number_in_any_spelling():
    assert FORMATS["upu_s10"].compact(" rr-123 456 785 cn ") == "RR123456785CN"
    assert FORMATS["cdek_10"].validate("11 06 321645") == "1106321645"
    assert not FORMATS["cdek_10"].is_valid("2106321645")
    assert FORMATS["cdek_10"].about("1106321645").carriers == ("cdek",)
    assert FORMATS["ukrposhta_13"].about("0500100031143").country == "UA"


PUBLISHED_FAILURES = {
    "1Z12345E0205271688": ("ups_1z", "6"),  # UPS developer guide
    "1234567890": ("dhl_express_10", "1"),  # dhl.com, tracking ID labels
    "12345678901234": ("russian_post_14", "1"),  # placeholder in Russian Post client code
    "3318810010": ("dhl_express_10", None),  # jkeen/tracking_number_data, invalid
    "996578788855": ("fedex_12", None),
    "568283610012732": ("fedex_15", None),
    "000000000000000001": ("fedex_18", None),
    "9600000000000000000001": ("fedex_96", None),
    "9622001560001234567100794808390595": ("fedex_34", None),
    "9261292700768711948020": ("fedex_smartpost", None),
    "03071790000523483742": ("usps_20", None),
    "9200000000000000000000": ("usps_impb", None),
    "4201028200009261290113185417468511": ("usps_impb", None),
    "008182709980000020033350276A": ("dpd_28", "C"),
    "0073938000549292": ("canada_post_16", "7"),
    "C10000000000000": ("ontrac", None),
    "D10011345983012": ("ontrac", "0"),
    "320595463939": ("purolator_12", "8"),
    "07209562773": ("old_dominion", None),
}


@pytest.mark.parametrize(("number", "expected"), PUBLISHED_FAILURES.items())
def test_published_numbers_that_break_their_own_rule(number, expected):
    format_id, digit = expected
    with pytest.raises(WrongCheckDigit) as caught:
        FORMATS[format_id].validate(number)
    if digit:
        assert caught.value.expected == digit
    assert FORMATS[format_id].carriers[0] in {candidate.carrier for candidate in detect(number).candidates}


PUBLISHED_MISFITS = {
    "gofo": "GFUS0101188421446",
    "speedee": "SX029692510000920746",
    "landmark": "LSN74209518N2",
    "canpar_22": "M576002440000002510003",
    "lasership": "1LS734505321754",
    "yunexpress": "YT123456789012345",
    "yodel": "JC0002254405060992",
    "amazon": "TBB000000000000",
    "ups_1z": "1A5R89390357567127",
    "meest": "ZZZZ999999999ZZ",
    "nova_poshta_14": "01234567891011",
}


@pytest.mark.parametrize(("format_id", "number"), PUBLISHED_MISFITS.items())
def test_published_numbers_of_the_wrong_shape(format_id, number):
    assert not FORMATS[format_id].is_valid(number)
