"""Hints re-rank and never hide."""

import pytest

from sledi.core.numbers import Hints, detect, family


def carriers(number, **hints):
    return [candidate.carrier for candidate in detect(number, Hints(**hints)).candidates]


def reasons(number, carrier, **hints):
    found = next(one for one in detect(number, Hints(**hints)).candidates if one.carrier == carrier)
    return found.reason


NUMBERS = (
    "RR123456785CN",
    "1051600000017",
    "12345678901234",
    "300527476792",
    "1106321645",
    "YT8962646785389",
)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "hints",
    [
        {"origin": "CN"},
        {"destination": "BG"},
        {"origin": "CN", "destination": "KZ"},
        {"carriers": ("cdek", "yunda")},
        {"seller_carrier": "sto"},
        {"origin": "ZZ", "destination": "nowhere"},
    ],
)
def test_hints_never_hide_a_candidate(number, hints):
    assert set(carriers(number)) <= set(carriers(number, **hints))


@pytest.mark.parametrize("number", ["RR123456785CN", "YT8962646785389", "1Z5R89390357567127"])
def test_a_confirmed_carrier_stays_first_and_confirmed(number):
    best = detect(number).candidates[0]
    hinted = detect(number, Hints(destination="BG", carriers=("econt",), seller_carrier="speedy"))
    assert (hinted.carrier, hinted.confirmed) == (best.carrier, True)


def test_hints_alone_never_confirm():
    hints = Hints("CN", "BG", ("econt",), "econt", {family("1051600000017"): "econt"})
    detection = detect("1051600000017", hints)
    assert detection.carrier == "econt"
    assert not detection.confirmed
    assert detection.question is None  # so many hints leave nothing to ask


def test_each_hint_is_given_as_a_reason():
    assert reasons("1051600000017", "econt", destination="BG") == "starts with 105, destination BG"
    assert reasons("1051600000017", "china_post", origin="cn") == "starts with 10, origin CN"
    assert reasons("1051600000017", "econt", seller_carrier="econt") == "starts with 105, named by the seller"
    learned = {"13D": "ukrposhta"}
    assert reasons("1051600000017", "ukrposhta", learned=learned).endswith(
        "corrected so before for numbers of this shape"
    )


def test_the_usual_carriers_of_a_shipping_method_come_first_for_an_ambiguous_number():
    listed = carriers("1051600000017", carriers=("china_post", "singapore_post"))
    assert listed[:2] == ["china_post", "singapore_post"]
    assert "usual for this shop or shipping method" in reasons(
        "1051600000017", "singapore_post", carriers=("china_post", "singapore_post")
    )
    assert carriers("1051600000017") == carriers("1051600000017", carriers=())


def test_the_usual_carriers_do_not_crowd_a_confirmed_number():
    assert carriers("RR123456785UA", carriers=("china_post", "singapore_post")) == ["ukrposhta"]


def test_an_unknown_shape_offers_the_carriers_the_hints_name():
    detection = detect("XYZ12345678901", Hints(carriers=("china_post",), seller_carrier="yunexpress"))
    assert [candidate.carrier for candidate in detection.candidates] == ["yunexpress", "china_post"]
    assert {candidate.format for candidate in detection.candidates} == {"unknown"}
    assert [error.reason.value for error in detection.errors] == ["structure"]


def test_the_seller_is_believed_more_than_habit_and_habit_more_than_nothing():
    number = "300527476792"
    assert carriers(number, carriers=("ane",), seller_carrier="gls")[0] == "gls"
    assert carriers(number, carriers=("ane",))[0] == "ane"
    assert carriers(number)[0] == "sf_express"


def test_a_learned_correction_is_remembered_by_the_shape():
    learned = {"12D": "zto"}
    assert carriers("986578788855", learned=learned)[0] == "zto"
    assert carriers("1106321645", learned=learned)[0] == "cdek"


@pytest.mark.parametrize(
    ("number", "destination", "expected"),
    [
        ("RR123456785CN", "RU", ["china_post", "china_ems", "russian_post"]),
        ("EE123456785CN", "KZ", ["china_ems", "china_post", "ems_kazpost"]),
        ("LP123456785SG", "BG", ["singapore_post", "bulgarian_posts"]),
        ("RR123456785CN", "CN", ["china_post", "china_ems"]),
        ("RR123456785CN", "XX", ["china_post", "china_ems"]),
    ],
)
def test_an_s10_number_is_asked_at_the_origin_first_then_at_the_destination(number, destination, expected):
    assert carriers(number, destination=destination) == expected


def test_a_carrier_at_home_nowhere_near_loses_ground_but_stays():
    plain = {one.carrier: one.confidence for one in detect("1051600000017").candidates}
    hinted = {
        one.carrier: one.confidence for one in detect("1051600000017", Hints(destination="BG")).candidates
    }
    assert hinted["econt"] > plain["econt"]
    assert 0 < hinted["china_post"] < plain["china_post"]
