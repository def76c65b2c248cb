"""UPU S10: the check digit on published numbers, countries and their posts, service indicators."""

import pytest

from sledi.core.numbers import (
    Check,
    ErrorReason,
    WrongAlphabet,
    WrongCheckDigit,
    WrongCountry,
    WrongLength,
    WrongStructure,
    about,
    detect,
    is_s10,
    s10,
)
from sledi.core.numbers.countries import ASSIGNED, NAMED_POSTS

# Published numbers whose check digit is right, with where they stand.
PUBLISHED = {
    "RB123456785GB": "jkeen/tracking_number_data",
    "RB123456785US": "jkeen/tracking_number_data",
    "RB123456785CV": "jkeen/tracking_number_data",
    "RB123456785CF": "jkeen/tracking_number_data",
    "LO754799163CN": "public client code of the Russian Post batch service",
    "RP325552475CN": "TrackingMore API examples",
    "AA473124829GB": "Wikipedia's serial number 47312482, as a British label",
    "CX473124829CA": "the same as a Canadian label",
    "LM473124829US": "the same as a customs bar code of the United States",
    "RR473124829PL": "registered label generator for Polish labels",
    "RR473124846PL": "registered label generator for Polish labels",
    "XH545554533GB": "public validator tests",
    "AA000000005GB": "public validator tests: remainder 0 gives 5",
    "AA873324826GB": "public validator tests",
    "AA000000014GB": "public validator tests",
    "AA999999995GB": "public validator tests: 11 becomes 5",
    "AA000000990GB": "public validator tests: 10 becomes 0",
    "RA123456785GB": "public validator tests",
}
# Published "examples" that break the rule of their own standard.
PUBLISHED_WRONG = {
    "RA644000001RU": "5",  # Russian Post tracking API specification
    "EA152563254CN": "1",  # TrackingMore API examples
    "RA325487125CN": "8",  # README of appwilio/russianpost-sdk
    "RB123456786US": "5",  # jkeen/tracking_number_data
    "AA473124828GB": "9",  # public validator tests
}

LANES = {
    "SG": "singapore_post",
    "CN": "china_post",
    "RU": "russian_post",
    "UA": "ukrposhta",
    "BY": "belpost",
    "KZ": "kazpost",
    "BG": "bulgarian_posts",
    "HK": "hongkong_post",
    "EE": "omniva_ee",
    "LV": "latvijas_pasts",
    "LT": "lietuvos_pastas",
    "MY": "pos_malaysia",
    "NL": "postnl",
    "SE": "postnord_se",
    "FI": "posti",
    "DE": "deutsche_post",
    "BE": "bpost",
    "TR": "ptt_tr",
    "KG": "kyrgyz_post",
    "UZ": "uzpost",
    "AM": "haypost",
    "AZ": "azerpost",
    "GE": "georgian_post",
    "MD": "posta_moldovei",
    "TW": "chunghwa_post",
    "MO": "ctt_macau",
    "GB": "royal_mail",
    "GI": "royal_gibraltar_post",
    "FR": "la_poste",
    "PH": "phlpost",
    "ES": "correos",
}


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_pass(number):
    assert s10.validate(number) == number
    assert detect(number).confirmed


@pytest.mark.parametrize(("number", "digit"), PUBLISHED_WRONG.items())
def test_a_wrong_check_digit_is_named_and_never_confirmed(number, digit):
    with pytest.raises(WrongCheckDigit) as caught:
        s10.validate(number)
    assert caught.value.expected == digit
    detection = detect(number)
    assert [(error.reason, error.expected) for error in detection.errors] == [
        (ErrorReason.CHECK_DIGIT, digit)
    ]
    assert detection.candidates[0].check is Check.FAILED
    assert not any(candidate.confirmed for candidate in detection.candidates)


def test_the_worked_example_of_the_standard():
    assert s10.check_digit("RR47312482_") == "9"


def test_every_other_digit_and_all_but_few_swaps_are_caught():
    good = "RR473124829CN"
    others = [good[:10] + digit + good[11:] for digit in "012345678"]
    assert not any(map(is_s10, others))
    swaps = [good[:i] + good[i + 1] + good[i] + good[i + 2 :] for i in range(2, 10) if good[i] != good[i + 1]]
    assert [swap for swap in swaps if is_s10(swap)] == []


def test_letters_are_not_covered_by_the_check_digit():
    assert is_s10("RA123456785CN")
    assert is_s10("RR123456785CN")
    assert is_s10("RR123456785KZ")


@pytest.mark.parametrize("country", sorted(ASSIGNED))
def test_every_iso_country_has_a_post(country):
    detection = detect(f"RB123456785{country}")
    expected = NAMED_POSTS.get(country, f"post_{country.lower()}")
    assert (detection.carrier, detection.confirmed, detection.errors) == (expected, True, ())


def test_there_are_249_countries_and_the_often_forgotten_ones_are_among_them():
    assert len(ASSIGNED) == 249
    forgotten = "TW MO AX FO GI GL PR PS GG JE IM GP MQ RE NC PF CW SX VG VI"
    assert set(forgotten.split()) <= ASSIGNED
    assert not {"XX", "ZZ", "QQ", "UK", "YP", "RX", "YQ", "EU"} & ASSIGNED


@pytest.mark.parametrize(("country", "carrier"), LANES.items())
@pytest.mark.parametrize("indicator", ["LP", "RR"])
def test_the_ending_names_the_post(indicator, country, carrier):
    assert detect(f"{indicator}123456785{country}").carrier == carrier


@pytest.mark.parametrize(
    ("country", "arm", "post"),
    [
        ("CN", "china_ems", "china_post"),
        ("RU", "ems_russian_post", "russian_post"),
        ("KZ", "ems_kazpost", "kazpost"),
        ("FR", "chronopost", "la_poste"),
    ],
)
def test_an_e_puts_the_express_arm_first_and_lists_both(country, arm, post):
    express = [candidate.carrier for candidate in detect(f"EE123456785{country}").candidates]
    ordinary = [candidate.carrier for candidate in detect(f"RR123456785{country}").candidates]
    assert express[:2] == [arm, post]
    assert ordinary[:2] == [post, arm]


@pytest.mark.parametrize("indicator", ["XA", "AQ", "IA", "JA", "SM", "FA", "QN", "WZ"])
def test_an_odd_indicator_never_rejects(indicator):
    assert detect(f"{indicator}123456785FR").confirmed


@pytest.mark.parametrize(
    ("indicator", "service", "tracked"),
    [
        ("RR", "registered_letter", True),
        ("LX", "tracked_letter", True),
        ("EE", "ems", True),
        ("CV", "parcel", True),
        ("HA", "ecommerce_parcel", True),
        ("VV", "insured_letter", True),
        ("UA", "untracked_letter", False),
        ("QA", "business_reply", True),
        ("MA", "m_bag", True),
        ("ZA", "domestic", True),
        ("GD", "domestic", True),
        ("GB", "unassigned", True),
        ("AA", "unassigned", True),
        ("AV", "domestic", True),
        ("JJ", "reserved", True),
        ("QZ", "unassigned", True),
        ("XX", "unassigned", True),
    ],
)
def test_the_indicator_names_the_service(indicator, service, tracked):
    told = s10.about(f"{indicator}123456785CN")
    assert (told.service, told.tracked, told.country) == (service, tracked, "CN")


def test_about_speaks_even_of_a_number_with_a_wrong_digit():
    told = about("UA123456786HK")
    assert told is not None
    assert (told.country, told.tracked) == ("HK", False)


@pytest.mark.parametrize(
    ("number", "error"),
    [
        ("RR123456785XX", WrongCountry),
        ("RR123456785YP", WrongCountry),
        ("RR12345678CN", WrongLength),
        ("RR1234567855CN", WrongLength),
        ("1R123456785CN", WrongStructure),
        ("RRA23456785CN", WrongStructure),
        ("RR1234567Ж5CN", WrongAlphabet),
        ("RR123456786CN", WrongCheckDigit),
    ],
)
def test_each_slip_has_its_own_error(number, error):
    with pytest.raises(error):
        s10.validate(number)
    assert not is_s10(number)


def test_a_country_people_write_wrongly_is_told():
    with pytest.raises(WrongCountry) as caught:
        s10.validate("RR123456785UK")
    assert caught.value.expected == "GB"
    detection = detect("RR123456785UK")
    assert [(error.reason, error.expected) for error in detection.errors] == [(ErrorReason.COUNTRY, "GB")]
    assert (detection.carrier, detection.confirmed) == ("royal_mail", False)


@pytest.mark.parametrize("ending", ["XX", "ZZ", "QQ"])
def test_no_country_is_an_error_and_confirms_nobody(ending):
    detection = detect(f"RR123456785{ending}")
    assert [error.reason for error in detection.errors] == [ErrorReason.COUNTRY]
    assert detection.candidates == ()
    assert detection.normalized == f"RR123456785{ending}"


@pytest.mark.parametrize(
    ("ending", "posts", "expected"),
    [
        ("AN", ["post_cw", "post_sx", "post_bq"], None),
        ("CS", ["post_rs", "post_me"], None),
        ("YU", ["post_rs", "post_me"], None),
        ("TP", ["post_tl"], "TL"),
    ],
)
def test_a_withdrawn_country_warns_and_names_its_heirs(ending, posts, expected):
    detection = detect(f"RR123456785{ending}")
    assert [candidate.carrier for candidate in detection.candidates] == posts
    assert [(error.reason, error.expected) for error in detection.errors] == [(ErrorReason.COUNTRY, expected)]
    assert not detection.confirmed


def test_about_lists_who_is_asked_and_where_from():
    told = s10.about("EE123456785KZ")
    assert (told.format, told.carriers, told.country, told.service) == (
        "upu_s10",
        ("ems_kazpost", "kazpost"),
        "KZ",
        "ems",
    )


def test_grouping_and_completing():
    assert s10.format("rr123456785cn") == "RR 123 456 785 CN"
    assert s10.complete("RR473124820CN") == "RR473124829CN"
