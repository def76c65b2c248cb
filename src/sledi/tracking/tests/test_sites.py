"""Where else a number can be looked up, by what the directory says."""

from sledi.tracking.sites import sites


def told(number: str, destination: str = "") -> list[tuple[str, bool, bool]]:
    return [(site.of.slug, site.carries_number, site.is_third_party) for site in sites(number, destination)]


def test_a_postal_number_has_the_posts_of_both_ends_before_third_parties() -> None:
    assert told("RR123456785CN", "KZ") == [
        ("china_post", False, False),
        ("kazpost", True, False),
        ("seventeentrack", True, True),
    ]


def test_a_couriers_number_has_no_post_of_the_destination() -> None:
    assert told("YT8825498020044", "KZ") == [
        ("yto", False, False),
        ("kuaidi100", True, True),
        ("seventeentrack", True, True),
    ]


def test_a_number_nobody_knows_is_left_to_those_who_follow_any() -> None:
    assert told("ZZZ") == [("seventeentrack", True, True)]


def test_the_number_stands_in_the_address() -> None:
    assert {site.url for site in sites("RR123456785CN", "RU") if site.carries_number} == {
        "https://www.pochta.ru/tracking?barcode=RR123456785CN",
        "https://t.17track.net/en#nums=RR123456785CN",
    }
