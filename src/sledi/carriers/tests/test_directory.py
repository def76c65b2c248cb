import tomllib
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from sledi import carriers
from sledi.carriers import (
    TrackingLink,
    UnknownCarrier,
    directory,
    entry,
    has_adapter,
    name,
    official_posts,
    third_parties,
    tracking_link,
)
from sledi.core.numbers.countries import ASSIGNED, NAMED_POSTS, express_arm_of

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
FILES = sorted(Path(carriers.__file__).with_name("directory").glob("*.toml"))

# The lanes of this product cannot do without these.
NEEDED = """
russian_post ems_russian_post ukrposhta belpost kazpost ems_kazpost bulgarian_posts china_post china_ems
singapore_post hongkong_post cainiao yunexpress 4px yanwen sf_express yto zto sto yunda jd_logistics
jt_express nova_poshta meest cdek boxberry econt speedy dpd dhl_express ups fedex usps evropochta royal_mail
deutsche_post la_poste postnl posti omniva_ee latvijas_pasts lietuvos_pastas posta_moldovei ptt_tr uzpost
kyrgyz_post haypost azerpost georgian_post seventeentrack kuaidi100
""".split()  # noqa: SIM905 - a list of 51 lines says no more


def recognised_carriers():
    """Every carrier that a number can be recognised as."""
    formats = files("sledi.core.numbers").joinpath("data/formats")
    for file in formats.iterdir():
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        for value in _lists_of_carriers(content):
            yield from value
    for country in ASSIGNED:
        yield express_arm_of(country) or NAMED_POSTS.get(country) or f"post_{country.lower()}"


def _lists_of_carriers(content):
    if isinstance(content, dict):
        for key, value in content.items():
            yield from [value] if key == "carriers" else _lists_of_carriers(value)
    elif isinstance(content, list):
        for value in content:
            yield from _lists_of_carriers(value)


def contacts(known):
    return [contact for contact in (known.site, known.tracking, known.hours, *known.phones) if contact]


def test_the_directory_has_every_carrier_of_our_lanes():
    assert set(directory()).issuperset(NEEDED)


def test_every_carrier_a_number_can_belong_to_is_known():
    found = set(recognised_carriers())
    assert len(found) > 200
    assert {slug for slug in found if entry(slug).slug != slug} == set()


def test_every_post_with_a_name_of_its_own_is_the_post_of_its_country():
    assert {known.post_of: slug for slug, known in directory().items() if known.post_of} == dict(NAMED_POSTS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_entry_is_complete_and_every_contact_has_its_source(file):
    known = directory()[file.stem]
    assert all(known.name(language).strip() for language in LANGUAGES)
    assert all(contact.value.strip() and contact.source.strip() for contact in contacts(known))
    assert known.country in {"", *ASSIGNED}
    assert known.post_of in {"", known.country}


@pytest.mark.parametrize("slug", directory())
def test_links_are_safe_and_carry_the_number_quoted(slug):
    known = directory()[slug]
    for contact in filter(None, (known.site, known.tracking)):
        assert urlsplit(contact.value).scheme == "https"
        assert urlsplit(contact.value).hostname
        assert "{" not in contact.value.replace("{number}", "")
    link = known.tracking_link('A/"<1>&?#ä')
    if link and link.carries_number:
        assert link.url == known.tracking.value.replace("{number}", "A%2F%22%3C1%3E%26%3F%23%C3%A4")


@pytest.mark.parametrize("slug", directory())
def test_it_is_asked_through_adapters_that_exist(slug):
    known = directory()[slug]
    assert all(has_adapter(way) for way in known.asked_through)
    assert slug not in known.asked_through
    assert set(known.keys) <= set(known.asked_through)


def known_formats():
    formats = files("sledi.core.numbers").joinpath("data/formats")
    tables = [tomllib.loads(file.read_text(encoding="utf-8")) for file in formats.iterdir()]
    return {row["id"] for table in tables for row in table["format"]} | {"upu_s10"}


def test_services_follow_formats_that_exist_and_take_the_number_in_their_address():
    services = [known for known in directory().values() if known.follows]
    assert [known.slug for known in services] == ["kuaidi100", "seventeentrack"]
    for known in services:
        assert set(known.follows) <= known_formats() | {"*"}
        assert known.tracking_link("RB481503678CN").carries_number


def test_a_service_for_a_format_stands_before_those_for_any():
    assert [known.slug for known in third_parties("yto")] == ["kuaidi100", "seventeentrack"]
    assert [known.slug for known in third_parties("upu_s10")] == ["seventeentrack"]


def test_a_mistake_in_a_file_is_an_error():
    with pytest.raises(msgspec.ValidationError, match="`en`"):
        msgspec.convert({"slug": "x", "names": {"ru": "a", "bg": "a", "kk": "a", "uk": "a"}}, carriers.Entry)
    names = dict.fromkeys(LANGUAGES, "a")
    with pytest.raises(msgspec.ValidationError, match="telephone"):
        msgspec.convert({"slug": "x", "names": names, "telephone": "1"}, carriers.Entry)
    with pytest.raises(msgspec.ValidationError, match="source"):
        msgspec.convert({"slug": "x", "names": names, "site": {"value": "https://x"}}, carriers.Entry)


@pytest.mark.parametrize(
    ("slug", "names"),
    [
        ("russian_post", ["Почта России", "Руска поща", "Ресей поштасы", "Пошта Росії", "Russian Post"]),
        ("ukrposhta", ["Укрпочта", "Укрпошта", "Укрпошта", "Укрпошта", "Ukrposhta"]),
        ("belpost", ["Белпочта", "Белпочта", "Белпочта", "Білпошта", "Belpost"]),
        (
            "post_no",
            ["Почта (Норвегия)", "Поща (Норвегия)", "Пошта (Норвегия)", "Пошта (Норвегія)", "Post (Norway)"],
        ),
    ],
)
def test_names_in_the_languages_of_the_pages(slug, names):
    assert [name(slug, language) for language in LANGUAGES] == names


def test_a_language_without_names_reads_english():
    assert name("russian_post", "zh-hans") == "Russian Post"
    assert name("russian_post", "ru-RU") == "Почта России"


def test_an_unknown_carrier_is_called_by_its_slug():
    assert name("pigeon_post", "ru") == "pigeon_post"


@pytest.mark.parametrize("slug", ["pigeon_post", "post_", "post_zz", "post_NO", "POST_no", ""])
def test_an_unknown_carrier_has_no_entry(slug):
    with pytest.raises(UnknownCarrier):
        entry(slug)
    with pytest.raises(UnknownCarrier):
        tracking_link(slug, "1")


@pytest.mark.parametrize(
    ("slug", "url"),
    [
        ("russian_post", "https://www.pochta.ru/tracking?barcode=RB481503678CN"),
        ("ukrposhta", "https://track.ukrposhta.ua/tracking_UA.html?barcode=RB481503678CN"),
        ("belpost", "https://www.belpost.by/Otsleditotpravleniye?number=RB481503678CN"),
        ("kazpost", "https://post.kz/services/postal/RB481503678CN"),
    ],
)
def test_the_official_link_carries_the_number(slug, url):
    assert tracking_link(slug, "RB481503678CN") == TrackingLink(url, carries_number=True)


def test_where_the_page_takes_no_number_the_link_says_so():
    assert tracking_link("china_post", "RB481503678CN") == TrackingLink(
        "https://yjcx.chinapost.com.cn/qps/yjcx", carries_number=False
    )


def test_a_carrier_without_a_page_has_no_link():
    assert tracking_link("iml", "0000000000000") is None


@pytest.mark.parametrize(
    ("country", "slug"),
    [
        ("RU", "russian_post"),
        ("UA", "ukrposhta"),
        ("BY", "belpost"),
        ("KZ", "kazpost"),
        ("BG", "bulgarian_posts"),
        ("LV", "latvijas_pasts"),
        ("NO", "post_no"),
    ],
)
def test_each_country_has_the_official_site_of_its_post(country, slug):
    [known] = official_posts(country)
    assert known.slug == slug
    assert known.tracking_link("RB481503678CN").url.startswith("https://")


@pytest.mark.parametrize("country", ["", "ZZ", "ru"])
def test_no_country_has_no_post(country):
    assert official_posts(country) == ()


def test_aggregators_know_a_carrier_by_their_own_key():
    assert entry("china_post").keys == {"seventeentrack": "3011"}
    assert entry("sf_express").keys["kuaidi100"] == "shunfeng"
    assert entry("singapore_post").asked_through == ("seventeentrack", "kuaidi100")
