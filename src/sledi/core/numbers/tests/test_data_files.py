"""The facts in ``data``: dated, sourced, complete, and spelled as everywhere else."""

import doctest
import importlib
import pkgutil
import re
from importlib import resources

import msgspec
import pytest

import sledi.core.numbers
from sledi.core.numbers import FORMATS, SENTENCES, Hints, detect
from sledi.core.numbers.countries import ASSIGNED, NAMED_POSTS, express_arm_of, post_of

SLUGS = """
russian_post ems_russian_post china_post china_ems singapore_post ukrposhta belpost evropochta kazpost
ems_kazpost bulgarian_posts hongkong_post omniva_ee latvijas_pasts lietuvos_pastas pos_malaysia postnl
postnord_se posti deutsche_post bpost ptt_tr kyrgyz_post uzpost haypost azerpost georgian_post
posta_moldovei chunghwa_post ctt_macau royal_mail royal_gibraltar_post la_poste chronopost phlpost correos
nova_poshta nova_poshta_global meest cdek boxberry dpd_ru dpd sberlogistics pony_express qwintry iml econt
speedy speedex sf_express yto zto sto yunda jd_logistics jt_express best deppon ane cainiao yunexpress 4px
yanwen sunyou j_net bel_8256ru joom wanb ubi cne jcex anjun zes mailamericas dhl_express dhl_parcel
dhl_ecommerce ups fedex usps amazon gls yodel asendia orlen purolator ontrac lasership canada_post canpar
landmark old_dominion speedee gofo sscc
"""

DATA = resources.files("sledi.core.numbers") / "data"
FORMAT_FILES = sorted((DATA / "formats").iterdir(), key=lambda file: file.name)


def known_carriers():
    arms = {express_arm_of(country) for country in ASSIGNED} - {""}
    posts = {post_of(country) for country in ASSIGNED}
    return arms | posts | {carrier for format_ in FORMATS.values() for carrier in format_.carriers}


def test_every_carrier_of_the_product_is_known_and_no_other_spelling_exists():
    unnamed_posts = {post_of(country) for country in ASSIGNED - NAMED_POSTS.keys()}
    assert known_carriers() - unnamed_posts == set(SLUGS.split())
    assert all(re.fullmatch(r"post_[a-z]{2}", slug) for slug in unnamed_posts)


@pytest.mark.parametrize("format_id", FORMATS)
def test_every_format_has_a_date_and_a_source(format_id):
    format_ = FORMATS[format_id]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", format_.as_of)
    assert format_.source
    assert (format_.source == "none") == (not format_.looks)
    assert re.fullmatch(r"[a-z0-9_]+", format_id)
    assert set(format_.countries) <= ASSIGNED


@pytest.mark.parametrize("file", FORMAT_FILES, ids=lambda file: file.name)
def test_a_format_file_holds_only_what_readers_know(file):
    rows = msgspec.toml.decode(file.read_text(encoding="utf-8"))
    assert set(rows) == {"as_of", "format"}
    assert len({row["id"] for row in rows["format"]}) == len(rows["format"])


def test_ids_are_unique_across_files_and_modules():
    in_files = [
        row["id"] for file in FORMAT_FILES for row in msgspec.toml.decode(file.read_text("utf-8"))["format"]
    ]
    in_modules = [format_id for format_id in FORMATS if format_id not in in_files]
    assert len(in_files) + len(in_modules) == len(FORMATS)


def test_lines_without_a_published_format_wait_empty_for_one():
    for slug in ("wanb", "ubi", "cne", "jcex", "anjun", "zes"):
        assert FORMATS[slug].looks == ()


def test_the_modules_examples_are_true():
    for module in pkgutil.iter_modules(sledi.core.numbers.__path__, "sledi.core.numbers."):
        if not module.ispkg:
            failed, _ = doctest.testmod(importlib.import_module(module.name))
            assert failed == 0, module.name
    assert doctest.testmod(sledi.core.numbers).failed == 0


def test_sentences_name_their_parameters_plainly():
    for key, words in SENTENCES.items():
        assert re.fullmatch(r"[a-z_]+", key)
        assert all(name.isalpha() for name in re.findall(r"\{(\w+)\}", words))


def test_a_hint_in_small_letters_counts():
    assert Hints(origin="cn", destination="bg") == Hints(origin="CN", destination="BG")
    assert detect("1051600000017", Hints(destination="bg")).carrier == "econt"
