"""Whom to ask about a number, in which order, and why (no database)."""

from collections.abc import Collection

import pytest

from sledi.core.numbers import Hints, detect
from sledi.tracking.routing import is_doubtful, is_postal, posts_of, routes

ALL = {"seventeentrack", "kuaidi100", "russian_post", "ukrposhta", "belpost", "kazpost"}


def asked(
    number: str, *, destination: str = "", chosen: str = "", configured: Collection[str] = ALL
) -> list[tuple[str, str, str]]:
    detection = detect(number, Hints(destination=destination))
    found = routes(
        detection, destination=destination, chosen=chosen, is_configured=lambda slug: slug in configured
    )
    return [(route.adapter, route.on_behalf_of, route.why) for route in found]


def test_the_origin_post_is_asked_first_then_the_destination_post() -> None:
    assert asked("RB556626341CN", destination="RU") == [
        ("seventeentrack", "china_post", "origin_post"),
        ("russian_post", "russian_post", "destination_post"),
    ]


@pytest.mark.parametrize(
    ("country", "post"), [("RU", "russian_post"), ("UA", "ukrposhta"), ("BY", "belpost"), ("KZ", "kazpost")]
)
def test_the_destination_decides_whose_last_mile_is_asked(country: str, post: str) -> None:
    assert asked("RB472645148SG", destination=country)[1] == (post, post, "destination_post")


def test_an_unknown_destination_leaves_the_origin_post_alone() -> None:
    assert asked("RB556626341CN") == [("seventeentrack", "china_post", "origin_post")]


def test_a_destination_without_an_adapter_adds_nobody() -> None:
    assert asked("RB556626341CN", destination="BG") == [("seventeentrack", "china_post", "origin_post")]


def test_a_parcel_inside_a_country_is_asked_at_its_post_once() -> None:
    assert asked("RB721536632BY", destination="BY") == [("belpost", "belpost", "origin_post")]


def test_a_carrier_without_an_adapter_is_asked_through_an_aggregator_under_its_key_there() -> None:
    (route,) = routes(detect("YT8827682104284"), is_configured=lambda slug: slug == "kuaidi100")
    assert (route.adapter, route.on_behalf_of, route.why) == ("kuaidi100", "yto", "number_format")
    assert route.hints == {"carrier_key": "yuantong"}


def test_of_several_ways_the_one_that_is_configured_is_taken() -> None:
    first_of_all = asked("SF1466512559452")[0]
    assert first_of_all == ("kuaidi100", "sf_express", "number_format")
    first_configured = asked("SF1466512559452", configured={"seventeentrack"})[0]
    assert first_configured == ("seventeentrack", "sf_express", "number_format")


def test_a_way_that_is_not_configured_is_still_shown() -> None:
    assert asked("YT8827682104284", configured=()) == [("kuaidi100", "yto", "number_format")]


def test_a_postal_number_that_nobody_configured_knows_is_asked_at_every_post_there_is() -> None:
    found = asked("RB556626341CN", configured={"russian_post", "kazpost"})
    assert found == [
        ("seventeentrack", "china_post", "origin_post"),
        ("kazpost", "kazpost", "any_destination_post"),
        ("russian_post", "russian_post", "any_destination_post"),
    ]


def test_the_carrier_a_person_chose_comes_first() -> None:
    assert asked("RB556626341CN", chosen="russian_post")[0] == ("russian_post", "russian_post", "chosen")


def test_each_adapter_is_asked_once_for_a_number() -> None:
    adapters = [adapter for adapter, _, _ in asked("75870132531594", chosen="zto")]
    assert sorted(adapters) == sorted(set(adapters))


def test_no_more_than_three_carriers_are_guessed() -> None:
    assert len(detect("63009993259029").candidates) > 3
    assert len(asked("63009993259029")) <= 3


def test_a_carrier_nobody_knows_is_asked_by_nobody() -> None:
    assert asked("RB556626341CN", chosen="no_such_carrier") == asked("RB556626341CN")


@pytest.mark.parametrize(
    ("number", "doubtful"), [("RB556626341CN", False), ("RB556626391CN", True), ("63009993259029", False)]
)
def test_a_wrong_check_digit_makes_a_number_doubtful(number: str, doubtful: bool) -> None:
    assert is_doubtful(detect(number)) is doubtful


def test_only_upu_numbers_go_from_post_to_post() -> None:
    assert is_postal(detect("RB556626341CN"))
    assert not is_postal(detect("63009993259029"))


def test_posts_of_a_country_are_those_that_can_be_asked() -> None:
    assert (posts_of("RU"), posts_of("BG"), posts_of("")) == (["russian_post"], [], [])


FREE_SHIPPING = ("china_post", "singapore_post")


def usually(number: str, usual: tuple[str, ...]) -> list[tuple[str, str, str]]:
    detection = detect(number, Hints(carriers=usual))
    found = routes(detection, usual=usual, is_configured=lambda slug: slug in ALL)
    return [(route.adapter, route.on_behalf_of, route.why) for route in found]


def test_the_carriers_of_the_shipping_method_come_first_while_the_number_is_open() -> None:
    assert usually("123456789012", FREE_SHIPPING)[:2] == [
        ("seventeentrack", "china_post", "shipping_method"),
        ("kuaidi100", "singapore_post", "shipping_method"),
    ]
    assert "shipping_method" not in {why for _, _, why in usually("123456789012", ())}


def test_a_number_that_names_its_carrier_needs_no_hint() -> None:
    assert usually("RB556626341CN", ("singapore_post",)) == [("seventeentrack", "china_post", "origin_post")]
