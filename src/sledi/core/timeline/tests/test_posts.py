"""Who made a scan, and where, when it does not say."""

import pytest

from sledi.core.timeline import home_of, post_of
from sledi.core.timeline.posts import scanned_by


def test_each_country_has_its_post_and_each_post_its_country() -> None:
    assert [post_of(country) for country in ("RU", "NO", "")] == ["russian_post", "post_no", ""]
    assert [home_of(slug) for slug in ("russian_post", "ems_kazpost", "post_no", "cdek", "")] == [
        "RU",
        "KZ",
        "NO",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("arm", "home"), [("china_ems", "CN"), ("ems_russian_post", "RU"), ("ems_kazpost", "KZ")]
)
def test_the_express_arm_of_a_post_is_at_home_where_the_post_is(arm: str, home: str) -> None:
    assert home_of(arm) == home == home_of(post_of(home))
    assert scanned_by(arm, "", "", is_foreign=False, is_at_origin=True) == (home, arm)
    # What it tells of another country, that country's post scanned, as for the post itself.
    assert scanned_by(arm, "", "BG", is_foreign=True, is_at_origin=False) == ("BG", "bulgarian_posts")


@pytest.mark.parametrize(
    ("source", "carrier", "country", "is_foreign", "is_at_origin", "expected"),
    [
        ("kazpost", "", "KZ", False, False, ("KZ", "kazpost")),
        ("kazpost", "", "", False, False, ("", "kazpost")),  # perhaps another post's word
        ("china_post", "", "", False, True, ("CN", "china_post")),
        ("russian_post", "", "CN", True, True, ("CN", "china_post")),
        ("russian_post", "", "", True, True, ("", "")),
        ("seventeentrack", "belpost", "", False, False, ("", "belpost")),
        ("seventeentrack", "china_post", "", False, True, ("CN", "china_post")),
        ("seventeentrack", "", "BY", False, False, ("BY", "")),
        ("cdek", "", "", False, False, ("", "cdek")),
        ("cdek", "", "KZ", False, False, ("KZ", "cdek")),
    ],
)
def test_a_scan_is_made_by_its_carrier_its_countrys_post_or_its_source(
    source: str, carrier: str, country: str, is_foreign: bool, is_at_origin: bool, expected: tuple[str, str]
) -> None:
    assert scanned_by(source, carrier, country, is_foreign, is_at_origin) == expected
