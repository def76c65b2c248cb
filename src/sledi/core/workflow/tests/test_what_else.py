"""What a profile may say beyond the plain move: another move instead, effects that depend, partial progress."""

from typing import Any

import pytest

from sledi.core.workflow import (
    Refused,
    Workflow,
    decide,
    faults,
    load,
    notices,
    possible_actions,
    progress,
    struck,
)
from sledi.core.workflow.tests.shop import context, document, item

Document = dict[str, Any]

WAIT = {
    "label": {"en": "Wait", "ru": "Ждать"},
    "from": ["queued"],
    "to": "refused",
    "roles": ["operator", "timer"],
    "requires": {"offered": {"type": "money", "label": {"en": "Offer", "ru": "Цена"}}},
}
POOR = {
    "name": "poor",
    "rule": "account.available >= input.price",
    "words": {"en": "Too dear.", "ru": "Дорого."},
    "otherwise": {"move": "wait", "with": {"offered": "price"}},
}


def with_otherwise(**changes: Any) -> Document:
    """The shop, where taking too dear an item makes it wait."""
    whole = document()
    moves = whole["transitions"]["item"]
    moves["wait"] = {**WAIT, **changes}
    price = {"type": "money", "label": {"en": "Price", "ru": "Цена"}}
    moves["take"] |= {"requires": {"price": price}, "guards": [POOR]}
    del moves["take"]["guard"]
    return whole


def rules_of(whole: Document) -> set[str]:
    return {fault.rule for fault in faults(whole, source="shop.yaml")}


def take(workflow: Workflow, **more: Any) -> Any:
    return decide(workflow, "item", "take", state="queued", role="operator", context=context(), **more)


# --- otherwise ------------------------------------------------------------------------------------------------


def test_a_refusal_names_the_move_that_is_done_instead() -> None:
    with pytest.raises(Refused) as refused:
        take(load(with_otherwise()), supplied={"price": "99.00"})
    assert refused.value.otherwise is not None
    assert (refused.value.otherwise.move, refused.value.otherwise.fields) == ("wait", {"offered": "price"})


def test_a_move_that_has_another_instead_stays_open() -> None:
    whole = with_otherwise()
    whole["transitions"]["item"]["take"]["guards"][0]["rule"] = "account.available > 9000"
    (possible,) = (
        one
        for one in possible_actions(load(whole), "item", "queued", "operator", context())
        if one.transition.name == "take"
    )
    assert possible.is_open
    assert possible.refusals[0].guard == "poor"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"roles": ["timer"]}, "no-role"),
        ({"from": ["received"], "to": "refused"}, "otherwise"),
        ({"requires": {"offered": {"type": "text", "label": WAIT["label"]}}}, "otherwise"),
        ({"requires": {"other": {"type": "text", "label": WAIT["label"]}}}, "otherwise"),
        ({"requires": {}}, "otherwise"),
    ],
)
def test_the_other_move_must_be_possible_wherever_the_first_one_is(changes: Document, rule: str) -> None:
    assert rules_of(with_otherwise(**changes)) == {rule}


def test_the_other_move_must_exist() -> None:
    whole = with_otherwise()
    whole["transitions"]["item"]["take"]["guards"][0] = {**POOR, "otherwise": "vanish"}
    assert rules_of(whole) == {"unknown-move"}


# --- effects --------------------------------------------------------------------------------------------------


def with_effects(*effects: Any) -> Document:
    whole = document()
    whole["transitions"]["item"]["take"]["effects"] = list(effects)
    return whole


@pytest.mark.parametrize(("limit", "expected"), [(20, ["notify"]), (40, [])])
def test_an_effect_is_left_out_unless_its_when_holds(limit: int, expected: list[str]) -> None:
    effect = {"notify": {"who": ["buyer"]}, "when": f"item.unit_price > {limit * 100}"}
    decision = take(load(with_effects(effect)), supplied={})
    assert [one.name for one in decision.effects] == expected


def test_a_when_is_checked_as_every_rule() -> None:
    assert rules_of(with_effects({"notify": {"who": ["buyer"]}, "when": "item.price > 1"})) == {"cel-name"}
    assert rules_of(with_effects({"notify": {"who": ["buyer"]}, "when": "1 + 1"})) == {"cel-result"}
    assert rules_of(with_effects({"notify": {"who": ["buyer"]}, "when": True})) == {"effect-parameters"}


@pytest.mark.parametrize("effect", [{}, {"when": "true"}, {"notify": {"who": ["buyer"]}, "ledger.debit": {}}])
def test_an_effect_is_one_name(effect: Document) -> None:
    assert rules_of(with_effects(effect)) == {"effect-parameters"}


def test_a_code_is_issued_into_a_field_of_that_type() -> None:
    assert rules_of(with_effects({"code.issue": {"field": "shop_code"}})) == set()
    assert rules_of(with_effects({"code.issue": {"field": "actual_price"}})) == {"unknown-field"}


# --- notices --------------------------------------------------------------------------------------------------


def with_notice(**changed: Any) -> Document:
    words = {"en": "Within {window_days} days.", "ru": "Срок: {window_days}."}
    notice = {"when": 'item.state == "queued"', "label": {"en": "Returns", "ru": "Возврат"}, "words": words}
    return document() | {"notices": {"item": [notice | changed]}}


@pytest.mark.parametrize(("state", "told"), [("queued", ["Within 14 days."]), ("buying", [])])
def test_a_notice_is_told_while_its_rule_holds_with_the_settings_it_names(
    state: str, told: list[str]
) -> None:
    workflow = load(with_notice())
    context = {"item": {"state": state}, "settings": {"window_days": 14}}
    assert [said["en"] for _label, said in notices(workflow, "item", context)] == told


def test_a_notice_that_would_name_an_empty_setting_is_not_told() -> None:
    workflow = load(with_notice())
    assert notices(workflow, "item", {"item": {"state": "queued"}, "settings": {"window_days": ""}}) == []


def test_notices_are_checked_as_rules_and_words_are() -> None:
    assert rules_of(with_notice()) == set()
    assert rules_of(with_notice(when="item.colour == 1")) == {"cel-name"}
    assert rules_of(with_notice(words={"en": "In {days}.", "ru": "{days}"})) == {"unknown-blank"}
    assert rules_of(with_notice(label={"en": "Returns"})) == {"missing-words"}
    assert rules_of(document() | {"notices": {"shelf": []}}) == {"unknown-level"}


# --- timers ---------------------------------------------------------------------------------------------------


def test_a_timers_effects_are_resolved_like_those_of_a_move() -> None:
    whole = document()
    whole["timers"]["item"]["stalled"]["effects"] = [
        {"ledger.refund": {"share": "item.quantity > 1 ? 500 : 1000"}},
        {"window.open": {"days": "window_days"}},
        {"task.create": {"queue": "logist"}, "when": "item.quantity > 1"},
    ]
    workflow = load(whole)
    timer = workflow.timers("item")["stalled"]
    decision = struck(
        workflow,
        timer,
        state="buying",
        context=context(item(fields={"note": ""}), settings={"window_days": 9}),
    )
    assert decision is not None
    assert [(one.name, dict(one.parameters)) for one in decision.effects] == [
        ("ledger.refund", {"share": 1000}),
        ("window.open", {"days": 9}),
    ]
    assert decision.target == "buying"


def test_a_timer_lets_be_what_it_excuses_and_what_left_its_states() -> None:
    workflow = load(document())
    timer = workflow.timers("item")["stalled"]
    excused = context(item(fields={"note": "asked"}))
    assert struck(workflow, timer, state="buying", context=excused) is None
    assert struck(workflow, timer, state="received", context=context()) is None


# --- progress -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["received", "received", "queued"], [(2, 3)]),
        (["received", "queued", "refused"], [(1, 2)]),  # what will not come is not waited for
        (["received", "received", "refused"], []),  # all there is has come: the state says so
        (["queued", "queued", "refused"], []),
    ],
)
def test_progress_is_told_between_two_states_and_without_what_will_not_come(
    states: list[str], expected: list[tuple[int, int]]
) -> None:
    whole = document()
    whole["progress"]["order"][0]["without"] = ["refused"]
    told = progress(load(whole), context(*(item(state) for state in states)))
    assert [(one.done, one.all) for one in told] == expected


def test_progress_tells_the_rule_for_waiting_and_what_is_missing() -> None:
    whole = document()
    whole["progress"]["order"][0]["notice"] = {"en": "All or nothing.", "ru": "Все или ничего."}
    entries = [
        {**item(state), "number": str(line)} for line, state in enumerate(["received", "queued"], start=1)
    ]
    [told] = progress(load(whole), context(*entries))
    assert (told.notice["en"], told.of, told.missing) == ("All or nothing.", "item", ("2",))
    nameless = [{key: one[key] for key in one if key != "number"} for one in entries]
    assert progress(load(whole), context(*nameless))[0].missing == ()


def test_a_rule_for_waiting_is_said_in_every_language_without_blanks() -> None:
    whole = document()
    whole["progress"]["order"][0]["notice"] = {"en": "Wait for {done}."}
    assert rules_of(whole) == {"missing-words", "unknown-blank"}


def test_a_state_is_not_both_done_and_left_out() -> None:
    whole = document()
    whole["progress"]["order"][0]["without"] = ["received"]
    assert rules_of(whole) == {"duplicate"}


# --- what is elsewhere ----------------------------------------------------------------------------------------


def unique(value: str = "payer") -> Document:
    whole = document()
    whole["transitions"]["item"]["buy"]["requires"]["shop_code"]["unique_for"] = value
    whole["transitions"]["item"]["buy"]["guards"] = [
        {
            "name": "own_code",
            "rule": '!("shop_code" in elsewhere)',
            "words": {"en": "Of another payer.", "ru": "Чужой."},
        }
    ]
    return whole


@pytest.mark.parametrize(("elsewhere", "refusal"), [([], ""), (["shop_code"], "own_code")])
def test_rules_learn_that_a_value_stands_elsewhere(elsewhere: list[str], refusal: str) -> None:
    workflow, found = load(unique()), ""
    try:
        decide(
            workflow,
            "item",
            "buy",
            state="buying",
            role="operator",
            supplied={"actual_price": "30.00", "shop_code": "A1"},
            context=context(elsewhere=elsewhere),
        )
    except Refused as refused:
        found = refused.guard
    assert found == refusal


def test_unique_for_is_checked() -> None:
    assert rules_of(unique("planet")) == {"field-option"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ('days_between("2026-10-01", "2026-10-04") == 3', True),
        ('days_between("2026-10-04", "2026-10-01") == -3', True),
        ('days_between("", "2026-10-01") == 0', True),
    ],
)
def test_days_between_two_dates(rule: str, expected: bool) -> None:
    effect = {"notify": {"who": ["buyer"]}, "when": rule}
    assert bool(take(load(with_effects(effect)), supplied={}).effects) is expected


# --- what is told and asked beside the move -------------------------------------------------------------------


def ahead(**words: str) -> Document:
    whole = document()
    whole["timers"]["item"]["stalled"]["ahead"] = words
    return whole


def test_a_deadline_may_say_what_is_expected_until_then() -> None:
    said = {"en": "Expected by {date}", "ru": "Ожидается до {date}"}
    assert load(ahead(**said)).timers("item")["stalled"].ahead == said


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ({"en": "By {date}"}, "missing-words"),
        ({"en": "By {day}", "ru": "До {day}"}, "unknown-blank"),
    ],
)
def test_what_is_expected_is_said_in_every_language_and_without_other_blanks(
    words: dict[str, str], rule: str
) -> None:
    assert rules_of(ahead(**words)) == {rule}


def test_only_a_number_is_scanned() -> None:
    whole = document()
    whole["transitions"]["item"]["buy"]["requires"]["shop_code"]["scanned"] = True
    assert rules_of(whole) == {"field-option"}


# --- photos ---------------------------------------------------------------------------------------------------

PHOTO = "01a0e73e-1280-7f4a-9268-1000c04d6dc7"


def with_photos(rule: str = "", **options: Any) -> Document:
    whole = document()
    buying = whole["transitions"]["item"]["buy"]
    label = {"en": "Photos", "ru": "Фотографии"}
    buying["requires"]["photos"] = {"type": "photos", "optional": True, "label": label, **options}
    if rule:
        buying["guards"] = [{"name": "shown", "rule": rule, "words": {"en": "Show it.", "ru": "Покажите."}}]
    return whole


@pytest.mark.parametrize(("photos", "refusal"), [([PHOTO], ""), ([], "shown")])
@pytest.mark.parametrize("rule", ["size(input.photos) > 0", "input.photos.exists(one, one != '')"])
def test_a_rule_counts_photos(rule: str, photos: list[str], refusal: str) -> None:
    found = ""
    try:
        decide(
            load(with_photos(rule)),
            "item",
            "buy",
            state="buying",
            role="operator",
            supplied={"actual_price": "30.00", "shop_code": "A1", "photos": photos},
            context=context(),
        )
    except Refused as refused:
        found = refused.guard
    assert found == refusal


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"max": 3}, ""),
        ({"max": 11}, "limits"),
        ({"max": 0}, "limits"),
        ({"min": 1}, "field-option"),
        ({"max_length": 3}, "field-option"),
    ],
)
def test_a_field_of_photos_takes_a_most_and_no_other_option(options: dict[str, int], rule: str) -> None:
    assert rules_of(with_photos(**options)) == ({rule} if rule else set())


def test_a_move_of_many_cannot_demand_photos() -> None:
    whole = with_photos(optional=False)
    whole["transitions"]["item"]["buy"]["bulk"] = False
    assert rules_of(whole) == set()
    whole["transitions"]["item"]["buy"]["bulk"] = True
    assert rules_of(whole) == {"field-option"}


def test_a_refused_move_says_where_it_stands_and_where_it_could_begin() -> None:
    with pytest.raises(Refused) as caught:
        decide(load(document()), "item", "take", state="received", role="operator", supplied={}, context={})
    assert caught.value.words["en"] == "Now: “Received”. This action is possible only from: “Queued”."
    assert caught.value.words["ru"].startswith("Сейчас: «")


def banned(*texts: str) -> list[tuple[str, ...]]:
    """What the refusals list, where taking asks for import bans."""
    whole = document()
    whole["transitions"]["item"]["take"]["guards"] = [
        {
            "name": "allowed",
            "rule": "import_bans.size() == 0",
            "missing": "import_bans",
            "words": {"en": "Banned: {missing}", "ru": "Запрещено: {missing}"},
        }
    ]
    del whole["transitions"]["item"]["take"]["guard"]
    asked = {"state": "queued", "role": "operator", "supplied": {}}
    try:
        decide(load(whole), "item", "take", context=context(import_bans=list(texts)), **asked)  # type: ignore[arg-type]
    except Refused as refused:
        return [refused.listed, (refused.words["en"],)]
    return []


def test_a_rule_may_ask_what_forbids_the_import() -> None:
    assert banned() == []
    assert banned("No gas. (Rules, 2026-01-12)") == [
        ("No gas. (Rules, 2026-01-12)",),
        ("Banned: No gas. (Rules, 2026-01-12)",),
    ]
