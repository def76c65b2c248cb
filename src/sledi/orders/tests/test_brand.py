"""A business's own colour, readable by day and by night."""

import re

import pytest
from django.test import Client

from sledi.orders.pages.brand import CONTRAST_MIN, DAY_GROUND, NIGHT_GROUND, _parts, contrast, shade
from sledi.orders.tests.stage import Stage


def test_contrast_is_that_of_the_standard() -> None:
    assert round(contrast((0, 0, 0), (255, 255, 255)), 2) == 21
    assert round(contrast((118, 118, 118), (255, 255, 255)), 2) == 4.54


@pytest.mark.parametrize("colour", ["#ffff00", "#000000", "#ffffff", "#9a3412", "#0b5cad", "#7f7f7f"])
def test_whatever_was_chosen_can_be_read(colour: str) -> None:
    by_day, by_night = shade(colour, DAY_GROUND, (0, 0, 0)), shade(colour, NIGHT_GROUND, (255, 255, 255))
    assert contrast(_parts(by_day), _parts(DAY_GROUND)) >= CONTRAST_MIN
    assert contrast(_parts(by_night), _parts(NIGHT_GROUND)) >= CONTRAST_MIN


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert shade("#9a3412", DAY_GROUND, (0, 0, 0)) == "#9a3412"


def test_the_sheet_of_a_business_sets_two_colours_and_nothing_else(stage: Stage) -> None:
    stage.business.brand = "#9a3412"
    stage.business.save(update_fields=["brand"])
    page = Client().get("/buyout/")
    assert 'href="/buyout/brand.css"' in page.content.decode()
    answer = Client().get("/buyout/brand.css")
    assert answer["Content-Type"].startswith("text/css")
    pattern = r"@layer tokens \{ :root \{ --brand: #9a3412; --brand-night: #[0-9a-f]{6}; \} \}\n"
    assert re.fullmatch(pattern, answer.content.decode())


def test_a_business_without_a_colour_has_no_sheet(stage: Stage) -> None:
    assert "brand.css" not in Client().get("/buyout/").content.decode()
    assert Client().get("/buyout/brand.css").status_code == 404
