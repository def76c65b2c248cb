"""A row says where and since when, whose move it is, and what is in doubt."""

from datetime import timedelta

import pytest
from django.utils import translation

from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.tracker.rows import Kind, Show, row_view, views
from sledi.tracker.tests.made import NOW, NUMBER, TOKEN, asking, days_ago, page, row, trace

LANGUAGES = ("ru", "bg", "kk", "uk", "en")


def view(made, language="ru", listed=frozenset()):
    with translation.override(language):
        return row_view(made, TOKEN, set(listed), language, NOW)


def test_the_first_line_says_where_it_is_and_since_when():
    made = view(row(trace("CUSTOMS", "imp.customs_in", place="Алматы", country="KZ")))
    assert made.lead == "На таможне с 20\u00a0ноября, Алматы, Казахстан"


@pytest.mark.parametrize(
    ("language", "lead"),
    [
        ("ru", "На таможне с 20\u00a0ноября, Алматы, Казахстан"),
        ("bg", "На митница от 20\u00a0ноември, Алмати, Казахстан"),
        ("kk", "20\u00a0қараша күнінен бері кеденде, Алматы, Қазақстан"),
        ("uk", "На митниці з 20\u00a0листопада, Алмати, Казахстан"),
        ("en", "With customs since 20\u00a0November, Almaty, Kazakhstan"),
    ],
)
def test_places_and_days_are_said_in_the_readers_language(language, lead):
    made = row(trace("CUSTOMS", "imp.customs_in", place="ALMATY", country="KZ"))
    assert view(made, language).lead == lead


def test_a_chinese_place_without_a_known_city_shows_the_country_alone():
    made = view(row(trace("CUSTOMS", "exp.customs_in", place="国际互换局", country="CN")))
    assert made.lead.endswith("ноября, Китай")


def test_a_city_of_the_other_end_is_found_when_the_carrier_names_no_country():
    made = view(row(trace("ARRIVED", "last.sort_in", place="ALMATY", country="")), "en")
    assert made.lead.endswith("Almaty, Kazakhstan")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", list(PublicStatus))
def test_every_status_has_a_first_line_in_every_language(status, language):
    code = next(row.code for row in EVENT_CODES.values() if row.public == status)
    made = view(row(trace(status.value, code)), language)
    assert made.lead
    assert made.word
    assert made.tone in {"neutral", "info", "action", "ok", "problem"}


def test_what_waits_for_the_reader_is_his_move():
    made = view(row(trace("CUSTOMS", "imp.customs_pay", place="Алматы", country="KZ")))
    assert (made.tone, made.word, made.is_mine) == ("action", "Ваш ход", True)
    assert made.notes[0].text.startswith("Оплатите таможенный платёж.")


def test_silence_between_the_posts_is_said_to_be_usual():
    made = view(row(trace(code="exp.departed", last_event_at=days_ago(9))))
    assert (
        made.notes[0].text
        == "Между почтами: 9 дней без отметок. На пути Китай\u00a0→ Казахстан обычно 3–14 дней, можно спокойно ждать."
    )


def test_a_silence_beyond_the_usual_is_the_readers_move_with_advice():
    made = view(row(trace(code="exp.departed", last_event_at=days_ago(20))))
    assert (made.tone, made.icon, made.word, made.is_mine) == ("action", "hand", "Ваш ход", True)
    assert made.notes[0].text.endswith("сейчас дольше.")
    assert made.notes[0].tone == "action"
    assert made.notes[1].text.startswith("Спросите продавца или перевозчика.")
    assert made.status_word == "В пути"


def test_a_silence_elsewhere_is_mentioned_only_beyond_the_usual():
    arrived = {"country": "KZ", "place": "Алматы", "destination": "KZ"}
    usual = view(row(trace("ARRIVED", "last.sort_in", last_event_at=days_ago(8), **arrived)))
    late = view(row(trace("ARRIVED", "last.sort_in", last_event_at=days_ago(9), **arrived)))
    assert usual.notes == []
    assert late.notes[0].text == "9 дней без отметок. Здесь обычно 2–8 дней, сейчас дольше."


def test_a_parcel_without_news_for_too_long_keeps_its_red_pill_and_is_the_readers_move():
    made = view(row(trace("STALE", "line.moving")))
    assert (made.tone, made.word) == ("problem", "Давно без новостей")
    assert (made.is_mine, made.call) == (True, "Ваш ход")


@pytest.mark.parametrize("status", list(PublicStatus))
def test_whatever_counts_as_the_readers_move_says_so_on_its_row(status):
    code = next(row.code for row in EVENT_CODES.values() if row.public == status)
    made = view(row(trace(status.value, code)))
    assert made.is_mine == ("Ваш ход" in {made.word, made.call})


def test_the_trace_stands_on_the_step_reached():
    made = view(row(trace("CUSTOMS", "imp.customs_in")))
    assert [step.state for step in made.steps] == ["done", "done", "current", "ahead", "ahead"]
    assert (made.steps[2].name, made.steps[2].note) == ("На таможне", "с 20\u00a0ноября")


def test_a_parcel_that_leaves_no_country_has_no_border_steps():
    made = view(row(trace("OUT_FOR_DELIVERY", "last.out", origin="RU", destination="RU")))
    assert [step.state for step in made.steps] == ["done", "current", "ahead"]


@pytest.mark.parametrize("number", ["JT5343908375834", "773346343997145"])
def test_a_couriers_parcel_that_goes_nowhere_abroad_yet_has_no_border_steps(number):
    made = view(row(trace("ACCEPTED", "orig.accepted", number=number, destination=""), number=number))
    assert [step.name for step in made.steps] == ["Принята", "В вашем городе", "Вручена"]


def test_a_postal_number_without_a_destination_is_on_its_way_abroad():
    made = view(row(trace("ACCEPTED", "orig.accepted", destination="")))
    assert len(made.steps) == 5


@pytest.mark.parametrize(
    ("status", "code", "country", "step"),
    [
        ("IN_TRANSIT", "line.moving", "CN", "Принята"),
        ("IN_TRANSIT", "line.moving", "", "Экспорт"),
        ("IN_TRANSIT", "line.flight_out", "CN", "Экспорт"),
        ("IN_TRANSIT", "line.flight_in", "KZ", "Экспорт"),
        ("ARRIVED", "line.moving", "KZ", "В вашей стране"),
        ("PROBLEM", "line.delayed", "KZ", "Остановлена"),
    ],
)
def test_a_scan_that_only_says_moving_stands_where_it_was_made(status, code, country, step):
    made = view(row(trace(status, code, country=country)))
    assert next(one.name for one in made.steps if one.state == "current") == step


def test_without_news_for_too_long_the_trace_stays_where_the_parcel_was():
    followed = trace("IN_TRANSIT", "line.flight_in", country="KZ")
    made = view(row(followed, status="STALE"))
    assert [step.name for step in made.steps if step.state == "current"] == ["Экспорт"]


def test_customs_of_the_senders_country_leave_the_first_step_its_name():
    made = view(row(trace("CUSTOMS", "exp.customs_in")))
    assert (made.steps[0].name, made.steps[0].state) == ("Принята", "current")


def test_nobody_answered_yet_is_not_called_unknown():
    silent = asking(problem="Unavailable: 502", answered_at=None, outcome="")
    made = view(row(trace("REGISTERED", "sys.pending", event_count=0), askings=[silent]))
    assert (made.kind, made.lead) == (Kind.UNANSWERED, "Перевозчики пока не ответили")
    assert made.notes[0].text == "17TRACK не отвечает. Следующая попытка: через 12 минут."


def test_a_carrier_that_wants_more_than_the_number_is_named_with_its_site():
    refused = asking("kuaidi100", "sf_express", why="number_format", outcome="denied")
    made = view(
        row(trace("REGISTERED", "sys.pending", event_count=0, number="SF1466512559452"), askings=[refused])
    )
    assert made.kind is Kind.REFUSED
    assert made.is_unclear
    assert "последние цифры телефона" in made.notes[0].text
    assert made.official[0].link.startswith("https://")


def test_a_first_answer_on_its_way_is_waited_for():
    made = view(row(trace(event_count=0), askings=[asking(is_waiting=True, answered_at=None)]))
    assert made.kind is Kind.WAITING
    assert made.waiting_for == "Почта Китая"


def test_no_answer_yet_is_never_called_an_error():
    made = view(
        row(trace("NOT_FOUND", "sys.not_found", event_count=0), askings=[asking(outcome="not_found")])
    )
    assert made.kind is Kind.SILENT
    assert made.word == "Пока не найдена"
    assert made.notes[0].text.startswith("Подождите несколько дней.")


def test_without_access_the_row_says_so_and_leads_to_the_carrier():
    made = view(row(trace(event_count=0), askings=[asking(is_configured=False)]))
    assert made.kind is Kind.UNREACHABLE
    assert "Почта Китая" in made.notes[0].text
    assert made.official[0].link.startswith("https://")
    assert made.is_unclear


def test_a_wrong_check_digit_is_said_with_the_right_one_and_may_be_insisted_on():
    made = view(row(number="RR123456784CN"), listed={"RR123456784CN", NUMBER})
    assert made.kind is Kind.MISTYPED
    assert "5" in made.notes[0].text
    assert made.grouped == "RR 123 456 784 CN"
    assert [(repair.number, repair.is_listed) for repair in made.repairs] == [(NUMBER, True)]
    assert made.is_double
    assert made.acts["following"] == f"/t/{TOKEN}/RR123456784CN/following/"


def test_carriers_that_share_a_form_are_asked_about_once():
    made = view(row(trace(event_count=0, number="4103112233445"), number="4103112233445", askings=[asking()]))
    assert made.kind is Kind.QUESTION
    assert len(made.choices) >= 2
    assert all(choice.label and choice.number == "4103112233445" for choice in made.choices)


def test_an_answered_question_is_not_asked_again():
    followed = trace(event_count=0, number="4103112233445")
    made = view(row(followed, number="4103112233445", askings=[asking()], carrier="ukrposhta"))
    assert made.kind is Kind.SILENT


def test_a_carrier_that_is_down_leaves_the_last_state_and_says_how_old_it_is():
    late = asking(problem="Unavailable: 502", answered_at=NOW - timedelta(hours=3))
    made = view(row(trace("ARRIVED", "imp.office_in"), askings=[late]))
    assert made.lead.startswith("В стране получателя")
    assert made.notes[-1].text == (
        "17TRACK не отвечает. Показано то, что мы узнали 3 часа назад. Следующая попытка: через 12 минут."
    )
    assert "502" not in made.notes[-1].text


def test_a_carrier_that_was_only_guessed_is_not_missed():
    guessed = asking("seventeentrack", "dpd", why="number_format", problem="denied")
    assert view(row(trace("ARRIVED", "imp.office_in"), askings=[guessed])).notes == []


def test_a_finished_parcel_does_not_complain_about_carriers():
    made = view(row(trace("DELIVERED", "done.delivered", is_final=True), askings=[asking(problem="x")]))
    assert made.notes == []


def test_filters_count_what_they_show():
    made = page(
        row(trace("CUSTOMS", "imp.customs_pay")),
        row(number="RR123456784CN"),
        row(trace(number="LX004921336CN"), number="LX004921336CN"),
    )
    with translation.override("ru"):
        shown = views(made, TOKEN, "ru", NOW)
    assert [sum(one.is_shown(show) for one in shown) for show in Show] == [3, 1, 1]
