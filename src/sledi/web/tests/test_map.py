import re
from xml.etree import ElementTree

import pytest

from sledi.web.land import world
from sledi.web.map import WIDTH, Stop, View, route_map

GUANGZHOU = Stop("Гуанчжоу", 23.117, 113.25, "1", "past")
KHORGOS = Stop("Хоргос", 44.21, 80.41, "2", "past")
ALMATY = Stop("Алматы", 43.252, 76.912, "3", "here")
KARAGANDY = Stop("Караганда", 49.802, 73.102, "4", "ahead")
WAY = (GUANGZHOU, KHORGOS, ALMATY, KARAGANDY)


def drawing(stops, language="ru", title="Карта пути"):
    return ElementTree.fromstring(route_map(tuple(stops), language, title)).find("svg")


def test_fewer_than_two_places_make_no_map():
    assert route_map((GUANGZHOU,), "ru", "") == ""
    assert route_map((GUANGZHOU, GUANGZHOU), "ru", "") == ""


def test_the_way_is_solid_to_the_last_place_seen_and_dotted_after_it():
    lines = [path.get("class") for path in drawing(WAY).iter("path")]
    assert [kind for kind in lines if kind in {"done", "next"}] == ["done", "done", "next"]


def test_circles_carry_the_numbers_of_the_legs():
    numbers = [text.text for text in drawing(WAY).iter("text") if text.get("class") == "n"]
    assert numbers == ["1", "2", "3", "4"]
    assert [circle.get("class") for circle in drawing(WAY).iter("circle")] == ["at", "at", "here", "goal"]


def test_every_circle_and_name_lies_inside_the_picture():
    picture = drawing(WAY)
    height = float(picture.get("height"))
    for shape in [*picture.iter("circle"), *picture.iter("text")]:
        x, y = (float(shape.get(name) or shape.get(f"c{name}")) for name in ("x", "y"))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= height


def test_names_of_places_and_countries_are_in_the_readers_language():
    texts = [text.text for text in drawing(WAY).iter("text")]
    assert "Хоргос" in texts
    assert "КИТАЙ" in texts
    assert "ҚЫТАЙ" in [text.text for text in drawing(WAY, "kk").iter("text")]


def test_a_country_keeps_its_shape():
    view = View.around([(800, 180), (700, 120)])
    x_of_a_degree = view.pixel((801, 150))[0] - view.pixel((800, 150))[0]
    y_of_a_degree = view.pixel((800, 151))[1] - view.pixel((800, 150))[1]
    assert x_of_a_degree / y_of_a_degree == pytest.approx(0.809, abs=0.001)  # cos 36°, the middle


def test_a_way_over_the_date_line_goes_the_short_way():
    shanghai = Stop("Shanghai", 31.2, 121.5, "1", "past")
    los_angeles = Stop("Los Angeles", 34.05, -118.2, "2", "here")
    first, second = drawing((shanghai, los_angeles), "en").iter("circle")
    assert 0 < float(first.get("cx")) < float(second.get("cx")) < WIDTH


def test_stops_at_one_place_share_a_circle():
    again = Stop("Алматы", 43.25, 76.92, "4", "here")
    circles = list(drawing((GUANGZHOU, Stop("Алматы", 43.252, 76.912, "3", "past"), again)).iter("circle"))
    assert [circle.get("class") for circle in circles] == ["at", "here"]


def test_the_picture_has_a_text_twin_and_nothing_inline():
    svg = route_map(WAY, "ru", 'Карта "<b>"')
    assert 'role="img"' in svg
    assert "&lt;b&gt;" in svg
    assert not re.search(r"\sstyle=|<script|\son\w+=", svg)


def test_the_picture_is_small():
    assert len(route_map(WAY, "ru", "Карта пути").encode()) < 8000


def test_names_cannot_break_out():
    evil = Stop("<script>", 23.1, 113.2, "1", "past")
    assert "<script>" not in route_map((evil, ALMATY), "ru", "x")


def test_the_world_is_whole():
    known = world()
    assert {"RU", "CN", "KZ", "UA", "BY", "BG"} <= set(known.countries)
    assert all(0 <= x <= 1000 and 0 <= y <= 500 for ring in known.land for x, y in ring)


def test_crimea_is_drawn_with_ukraine():
    simferopol = ((34.1 + 180) / 0.36, (90 - 44.95) / 0.36)
    assert any(_holds(ring, simferopol) for ring in world().countries["UA"])
    assert not any(_holds(ring, simferopol) for ring in world().countries["RU"])


def _holds(ring, point):
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
