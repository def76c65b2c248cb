"""One shape, several carriers: who is listed, in which order, and what decides."""

import pytest

from sledi.core.numbers import FORMATS, Check, Hints, detect


def carriers(number, **hints):
    return [candidate.carrier for candidate in detect(number, Hints(**hints)).candidates]


# Rows of the ambiguity map: a number of the shape, whom it may belong to at least, in this order.
SHAPES = {
    "RR123456785CN": ["china_post", "china_ems"],
    "UB123456785YP": ["yanwen"],
    "UJ123456785YP": ["yanwen"],
    "CV999999999ZZ": ["meest"],
    "CV123456785UA": ["ukrposhta", "meest"],
    "PS123456789RX": ["bulgarian_posts"],
    "1106321645": ["cdek", "dhl_express", "deppon", "speedex"],
    "8487135506": ["dhl_express", "deppon", "speedex"],
    "61900417326": ["speedy", "gls"],
    "20000000000": ["speedy", "nova_poshta", "gls"],
    "300527476792": ["sf_express", "yto", "fedex", "ane"],
    "986578788855": ["fedex", "sf_express", "zto"],
    "268123456789": ["sf_express", "sto"],
    "320595463938": ["purolator", "sf_express"],
    "1207119765021": ["china_post", "china_ems", "ukrposhta", "iml"],
    "9512345678901": ["china_post", "china_ems"],
    "5012345678901": ["china_post", "yunda"],
    "5512345678901": ["yunda", "ukrposhta"],
    "0500100031143": ["ukrposhta", "china_post"],
    "1051600000017": ["china_post", "econt"],
    "0000123456789": ["boxberry", "ukrposhta"],
    "10944022440321": ["russian_post", "nova_poshta", "dpd", "dhl_ecommerce"],
    "20450000000024": ["nova_poshta", "russian_post", "dpd"],
    "59000000000001": ["nova_poshta", "russian_post"],
    "73610555582883": ["zto", "russian_post"],
    "77316523125896": ["zto", "sto"],
    "773277027280336": ["sto", "fedex"],
    "463431409940372": ["yunda", "fedex"],
    "621123456789012": ["cainiao"],
    "00123456789012K": ["dpd"],
    "0073938000549297": ["canada_post"],
    "123456789012345675": ["sscc", "fedex", "yto", "dhl_ecommerce"],
    "9405803699300124287899": ["usps"],
    "9611020987654312345672": ["fedex"],
    "00340434700123456783": ["dhl_parcel", "sscc"],
    "9261292700768711948021": ["usps", "fedex"],
    "YT8962646785389": ["yto"],
    "YT2229521272164446": ["yunexpress"],
    "JDX024407261700": ["jd_logistics"],
    "JD0002254405060992": ["yodel", "dhl_parcel"],
    "JJD0002257639032011": ["yodel", "dhl_express", "dhl_parcel"],
    "JJD0099999999": ["dhl_express", "dhl_parcel"],
    "JT5261988016578": ["jt_express", "best"],
    "ZA123456785HK": ["hongkong_post", "cainiao"],
    "ZA123456785LV": ["latvijas_pasts", "cainiao"],
    "ZJ123456785HK": ["hongkong_post", "joom"],
    "RA123456785MH": ["post_mh", "mailamericas"],
    "RA123456785MG": ["post_mg", "meest", "mailamericas"],
    "ABR123456789": ["boxberry", "purolator"],
    "A1234567890": ["ups", "amazon"],
    "CN123456789012": ["cainiao", "dhl_ecommerce"],
}


@pytest.mark.parametrize(("number", "expected"), SHAPES.items())
def test_all_who_share_a_number_are_listed_in_order(number, expected):
    listed = carriers(number)
    assert [carrier for carrier in listed if carrier in expected] == expected
    assert listed[0] == expected[0]


@pytest.mark.parametrize("number", SHAPES)
def test_each_carrier_is_listed_once(number):
    assert len(carriers(number)) == len(set(carriers(number)))


def test_s10_wins_over_other_carriers_of_its_shape_only_with_digit_and_country():
    assert detect("CV123456785UA").candidates[0].format == "upu_s10"
    assert detect("CV123456785UA").confirmed
    assert carriers("CV123456785ZZ") == ["meest"]
    assert detect("ZA123456786HK").candidates[0].check is Check.FAILED
    assert not detect("ZA123456786HK").confirmed


def test_a_smartpac_is_singapore_posts_although_its_digit_fails():
    detection = detect("SM123456780SG")
    assert (detection.carrier, detection.candidates[0].format) == ("singapore_post", "singpost_smartpac")
    assert detection.errors == ()


def test_thirteen_digits_are_decided_by_the_destination():
    assert carriers("1051600000017", destination="BG")[0] == "econt"
    assert carriers("1051600000017", destination="UA")[0] == "ukrposhta"
    assert carriers("1051600000017", origin="CN")[0] == "china_post"


def test_ten_digits_are_decided_by_the_destination():
    number = FORMATS["dhl_express_10"].complete("1106321640")
    assert carriers(number)[0] == "dhl_express"
    for country in ("RU", "KZ", "BY"):
        assert carriers(number, destination=country)[0] == "cdek"


def test_eleven_digits_are_decided_by_the_destination():
    assert carriers("20000000000", destination="UA")[0] == "nova_poshta"
    assert carriers("20000000000", destination="BG")[0] == "speedy"


def test_twelve_digits_are_decided_by_origin_and_the_seller():
    assert carriers("986578788855")[0] == "fedex"
    assert carriers("986578788855", origin="CN")[0] == "sf_express"
    assert carriers("986578788855", origin="CN", seller_carrier="zto")[0] == "zto"


def test_fourteen_digits_go_by_the_check_digit_then_by_the_destination():
    passing = FORMATS["russian_post_14"].complete("20450000000000")
    assert carriers(passing)[0] == "russian_post"
    assert carriers(passing, destination="UA")[0] == "nova_poshta"
    assert carriers("20450000000024", destination="UA")[0] == "nova_poshta"


@pytest.mark.parametrize(
    ("number", "format_id"),
    [("YT1234567890123", "yto"), ("YT1234567890123456", "yunexpress")],
)
def test_the_length_parts_yto_from_yunexpress(number, format_id):
    best = detect(number).candidates[0]
    assert (best.format, best.confirmed) == (format_id, True)


def test_chance_passes_are_as_rare_as_the_rules_say():
    passing = sum(FORMATS["russian_post_14"].is_valid(f"1234567{n:07}") for n in range(1000))
    assert passing == 100
    passing = sum(FORMATS["dhl_express_10"].is_valid(f"123456{n:04}") for n in range(7000))
    assert 690 <= passing <= 710  # ten digits at the end, seven of them possible, one right
    passing = sum(FORMATS["upu_s10"].is_valid(f"RR{n:09}CN") for n in range(10_000))
    assert passing == 1000
