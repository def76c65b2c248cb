"""The parcel's page: the whole way with its silences, the map, who says so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from sledi.core.carrier import ZoneBasis
from sledi.tracker.journey import LegView, SilenceView
from sledi.tracker.parcels import parcel_view
from sledi.tracker.tests.made import NOW, NUMBER, TOKEN, asking, days_ago, parcel, scan, way_to_almaty

LANGUAGES = ("ru", "bg", "kk", "uk", "en")


def view(page, language="ru", now=NOW):
    with translation.override(language):
        return parcel_view(page, TOKEN, language, now)


def legs(made):
    return [leg for leg in made.way if isinstance(leg, LegView)]


def silences(made):
    return [leg for leg in made.way if isinstance(leg, SilenceView)]


def test_legs_are_told_newest_first_and_numbered_by_the_way():
    made = view(parcel(*way_to_almaty()))
    assert [(leg.label, leg.state) for leg in legs(made)] == [
        ("4", "ahead"),
        ("3", "now"),
        ("2", "done"),
        ("1", "done"),
    ]
    assert legs(made)[1].title == "Граница и таможня, Алматы"
    assert legs(made)[3].title == "Почта Китая, Гуанчжоу"


def test_the_silence_between_the_posts_is_told_with_its_days():
    made = view(parcel(*way_to_almaty()))
    (gap,) = silences(made)
    assert gap.title == "Между почтами: 9 дней без отметок. Для этого участка так и бывает."
    assert (gap.past, gap.low, gap.high, gap.tone) == (9, 3, 14, "")


def test_a_silence_that_lasts_says_where_and_is_counted_from_the_export():
    made = view(parcel(*way_to_almaty()[:3]))
    (gap,) = silences(made)
    assert gap.title == "Между почтами, 13-й день. Для этого участка так и бывает."
    assert gap.text.startswith("13 дней без отметок. На пути Китай\u00a0→ Казахстан")
    assert gap.tone == ""
    assert made.way.index(gap) < made.way.index(legs(made)[-1])


def test_beyond_the_usual_it_is_called_longer_and_is_the_readers_move():
    made = view(parcel(*way_to_almaty()[:3], now=NOW + timedelta(days=5)), now=NOW + timedelta(days=5))
    (gap,) = silences(made)
    assert gap.title == "Между почтами, 18-й день. Это дольше обычного."
    assert gap.tone == "action"
    assert (made.move.tone, made.move.who) == ("action", "Ваш ход")
    assert made.move.title == "Спросите продавца или перевозчика"


def test_too_long_a_silence_is_the_readers_move_too():
    later = NOW + timedelta(days=40)
    made = view(parcel(*way_to_almaty()[:3], now=later), now=later)
    assert silences(made)[0].title == "Между почтами, 53-й день. Это слишком долго: пора спросить."
    assert (made.move.tone, made.move.title) == ("action", "Спросите продавца или перевозчика")


def test_more_days_than_dots_fit_are_told_in_words_alone():
    later = NOW + timedelta(days=60)
    (gap,) = silences(view(parcel(*way_to_almaty()[:3], now=later), now=later))
    assert (gap.past, gap.has_dots) == (73, False)


def test_a_day_more_with_the_courier_alarms_nobody():
    out = scan("last.out", days_ago(2), "Алматы", "KZ", carrier="kazpost")
    made = view(parcel(*way_to_almaty()[:4], out))
    assert made.move.tone == ""
    assert [gap.tone for gap in silences(made)] == ["", ""]


def test_days_are_those_of_the_clocks_where_it_was_scanned():
    """Late in the evening in UTC it is the next day in China: the step, the leg and the scan agree on it."""
    accepted = scan("orig.accepted", days_ago(15, hour=22), "广州市", "CN")
    made = view(parcel(accepted, scan("exp.departed", days_ago(13, hour=22), "霍尔果斯", "CN")))
    assert [step.note for step in made.steps[:2]] == ["10\u00a0ноября", "12\u00a0ноября"]
    assert legs(made)[-1].sub == "10\u00a0ноября · Китай"
    assert dict(made.facts)["Принята"] == "10\u00a0ноября"
    assert made.row.lead.startswith("В пути, последняя отметка 12\u00a0ноября")


def test_legs_name_their_countries_or_their_posts():
    made = view(parcel(*way_to_almaty()[:3]))
    assert [leg.sub for leg in legs(made)] == [
        "впереди · Казахстан",
        "впереди · Казахстан",
        "11\u00a0ноября · Почта Китая",
        "7–9\u00a0ноября · Китай",
    ]


def test_a_parcel_that_goes_on_under_another_number_shows_it():
    note = scan("sys.note", days_ago(3), "Алматы", "KZ", carrier="kazpost", text="Registered anew")
    sorted_in = replace(
        scan("last.sort_in", days_ago(2), "Алматы", "KZ", carrier="kazpost"), number="KZ800000001"
    )
    made = view(parcel(*way_to_almaty()[:4], note, sorted_in))
    told = {line.name: line.number for leg in legs(made) for line in leg.lines}
    assert told["Дальше едет под другим номером"] == "KZ800000001"
    assert "Перевозчик добавил примечание" not in told
    assert [leg.number for leg in legs(made)] == ["KZ800000001", "", "", ""]
    assert made.carrier_number == "KZ800000001"
    assert {card.name: card.number for card in made.official} == {
        "Почта Китая": NUMBER,
        "Казпочта": "KZ800000001",
    }


def test_without_a_note_the_first_scan_tells_the_new_number():
    sorted_in = replace(
        scan("last.sort_in", days_ago(2), "Алматы", "KZ", carrier="kazpost"), number="KZ800000001"
    )
    told = {
        line.name: line.number
        for leg in legs(view(parcel(*way_to_almaty()[:4], sorted_in)))
        for line in leg.lines
    }
    assert told["Прибыла в сортировочный центр"] == "KZ800000001"
    assert told["Прибыла в страну получателя"] == ""


def test_a_parcel_that_leaves_no_country_has_its_own_usual_days_and_no_border():
    scans = (
        scan("orig.accepted", days_ago(3), "Львів", "UA", carrier="ukrposhta"),
        scan("line.hub_in", days_ago(2), "Київ", "UA", carrier="ukrposhta"),
    )
    made = view(parcel(*scans, origin="UA", destination="UA"))
    facts = dict(made.facts)
    assert facts["Путь"] == "внутри страны: Украина"
    assert facts["В пути"] == "3 дня; обычно 1–7 дней"
    assert [step.name for step in made.steps] == ["Принята", "В вашем городе", "Вручена"]


def test_without_a_destination_a_couriers_parcel_has_no_border_and_no_usual_days():
    accepted = scan("orig.accepted", days_ago(1), "泉州市", "CN", carrier="jt_express")
    made = view(parcel(accepted, destination="", number="JT5343908375834"))
    assert [step.name for step in made.steps] == ["Принята", "В вашем городе", "Вручена"]
    assert (made.window, made.no_window) == (
        "",
        "Когда придёт, пока неизвестно: ни один перевозчик не назвал, куда она едет.",
    )


def test_the_carriers_own_words_stand_behind_every_translated_event():
    made = view(parcel(*way_to_almaty()))
    accepted = legs(made)[-1].lines[-1]
    assert accepted.name == "Принята у отправителя"
    assert (accepted.original, accepted.language) == ("【广州市】已收寄", "zh-Hans")
    assert made.has_originals


def test_an_unknown_code_is_shown_in_the_carriers_own_words():
    made = view(parcel(*way_to_almaty(), scan("sys.unmapped", days_ago(0), text="Qwertz", language="de")))
    line = legs(made)[1].lines[0]
    assert (line.name, line.is_raw, line.language, line.original) == ("Qwertz", True, "de", "")


def test_a_time_without_a_known_zone_is_not_given_one():
    unsure = scan("orig.accepted", days_ago(3), "SHENZHEN", "CN", zone_basis=ZoneBasis.UNKNOWN, zone="")
    (line,) = legs(view(parcel(unsure)))[-1].lines
    assert (line.zone, line.is_zone_sure) == ("", False)


def test_a_reason_is_said_unless_it_repeats_the_event():
    failed = scan("last.failed", days_ago(0), "Алматы", "KZ", carrier="kazpost", reason="consignee_not_home")
    papers = scan(
        "imp.customs_docs", days_ago(1), "Алматы", "KZ", carrier="kazpost", reason="customs_documentation"
    )
    made = view(parcel(*way_to_almaty()[:4], papers, failed))
    said = {line.name: line.reason for leg in legs(made) for line in leg.lines}
    assert said["Вручить не удалось"] == "никого не было дома"
    assert said["Таможня просит документы или данные"] == ""


def test_the_map_shows_the_places_and_the_country_ahead():
    made = view(parcel(*way_to_almaty()[:3]))
    assert made.map.title == "Карта пути: Гуанчжоу, Хоргос; впереди: Казахстан"
    assert 'class="next"' in made.map.picture


def test_one_place_makes_no_map():
    made = view(parcel(scan("orig.accepted", days_ago(2), "广州市", "CN"), destination=""))
    assert made.map.picture == ""


def test_whose_move_it_is_stands_in_the_box():
    made = view(parcel(*way_to_almaty()))
    assert (made.move.tone, made.move.who, made.move.title) == (
        "action",
        "Ваш ход",
        "Оплатите таможенный платёж",
    )


def test_a_parcel_to_collect_has_its_last_day():
    ready = scan("last.ready", days_ago(2), "Алматы", "KZ", carrier="kazpost")
    made = view(parcel(*way_to_almaty()[:4], ready))
    assert made.move.who.startswith("Ваш ход · до ")
    assert "осталось" in made.move.who or "остал" in made.move.who


def test_nothing_to_do_is_said_too():
    made = view(parcel(*way_to_almaty()[:3]))
    assert (made.move.tone, made.move.who, made.move.title) == (
        "",
        "Ход перевозчика",
        "От вас ничего не нужно",
    )


def test_what_was_delivered_is_nobodys_move_any_more():
    done = scan("done.signed", days_ago(1), "Алматы", "KZ", carrier="kazpost")
    made = view(parcel(*way_to_almaty()[:4], done))
    assert (made.move.tone, made.move.who, made.move.title) == ("", "Вручена", "Больше ничего не нужно")
    assert made.is_over


def test_what_goes_back_is_the_readers_move_as_its_advice_is():
    back = scan("ret.started", days_ago(1), "Алматы", "KZ", carrier="kazpost")
    made = view(parcel(*way_to_almaty()[:4], back))
    assert (made.move.tone, made.move.who) == ("action", "Ваш ход")
    assert made.row.is_mine


def test_the_newest_leg_is_open():
    done = scan("done.signed", days_ago(1), "Алматы", "KZ", carrier="kazpost")
    opened = {leg.label: leg.is_open for leg in legs(view(parcel(*way_to_almaty()[:4], done)))}
    assert opened == {"4": True, "3": False, "2": False, "1": False}
    silent = {leg.label: leg.is_open for leg in legs(view(parcel(*way_to_almaty()[:3])))}
    assert silent == {"4": False, "3": False, "2": True, "1": False}


def test_days_that_wait_for_the_reader_are_no_headline():
    made = view(parcel(*way_to_almaty()))
    assert made.window == ""
    assert made.no_window.startswith("Если сделать ход сегодня, посылка обычно приходит 2")


@pytest.mark.parametrize(
    ("told", "language", "said"),
    [
        ("Мелкий пакет заказной", "en", "Small packet, registered"),
        ("Мелкий пакет заказной", "ru", "Мелкий пакет заказной"),
        ("EMS Economy", "bg", "EMS Economy"),
    ],
)
def test_a_known_service_is_named_in_the_readers_language(told, language, said):
    assert said in dict(view(parcel(*way_to_almaty(), service=told), language).facts).values()


def test_the_days_of_arrival_have_their_reason():
    made = view(parcel(*way_to_almaty()[:3]))
    assert made.window.startswith("Придёт ")
    assert made.window_basis == "Так бывает обычно на этом пути; никто этого не обещал."


@pytest.mark.parametrize(
    ("scans", "why"),
    [
        ((), "When it arrives is not known yet: no carrier has seen it."),
        (
            (scan("pre.info", days_ago(1)),),
            "When it arrives is not known yet: the carrier has not received it.",
        ),
        (
            (scan("orig.accepted", days_ago(3)), scan("bad.damaged", days_ago(1))),
            "When it arrives is not known: it depends on what stopped it.",
        ),
        ((scan("orig.accepted", days_ago(3)), scan("done.delivered", days_ago(1))), ""),
    ],
)
def test_without_days_the_page_says_why(scans, why):
    made = view(parcel(*scans), "en")
    assert (made.window, made.no_window) == ("", why)


def test_official_sites_are_linked_with_the_number_filled_in():
    made = view(parcel(*way_to_almaty(), destination="RU"))
    cards = {card.name: card for card in made.official}
    assert cards["Почта России"].carries_number
    assert "RR123456785CN" in cards["Почта России"].link
    assert cards["Почта Китая"].link.startswith("https://")


def test_the_order_of_asking_has_its_reasons():
    made = view(
        parcel(*way_to_almaty(), askings=[asking(), asking("kazpost", "kazpost", why="destination_post")])
    )
    assert [one.name for one in made.asked] == ["Почта Китая через 17TRACK", "Казпочта"]
    assert made.asked[0].why == "эта почта выдала номер, поэтому её спрашиваем первой"
    assert made.asked[0].state == "есть ответ, 5 минут назад"
    assert made.recognised[0].name == "Почта Китая"
    assert "контрольная цифра сходится" in made.recognised[0].reasons


def test_facts_are_said_in_the_readers_units():
    made = view(parcel(*way_to_almaty(), weight_g=1420, service="Registered"))
    facts = dict(made.facts)
    assert facts["Вес"] == "1,42\u00a0кг"
    assert facts["Путь"] == "Китай\u00a0→ Казахстан"
    assert facts["В пути"].startswith("17 дней")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_can_be_made_in_every_language(language):
    made = view(parcel(*way_to_almaty()), language)
    assert made.row.lead
    assert made.rule
    assert all(leg.title for leg in made.way)
