"""Rules are CEL: compiled once, shown only what they may read, and followed by type before they ever run."""

from typing import Any

import pytest

from sledi.core.workflow import contexts
from sledi.core.workflow.expressions import (
    Unevaluable,
    WrongExpression,
    compiled,
    number_fits,
    number_service,
    number_valid,
    pieces,
    scope_of,
)
from sledi.core.workflow.naming import misnamed

ENTRY = contexts.record(state=contexts.TEXT, quantity=contexts.NUMBER, tags=contexts.many(contexts.TEXT))
NAMES = {"items": contexts.many(ENTRY), "item": ENTRY, "now": contexts.NUMBER}


def value(source: str, records: dict[str, dict[str, Any]] | None = None, **context: Any) -> Any:
    rule = compiled(source)
    return rule.evaluate(scope_of([rule], context, records or {}))


def test_a_rule_is_compiled_once() -> None:
    assert compiled("now > 1") is compiled("now > 1")


def test_names_are_those_that_a_macro_does_not_bind() -> None:
    rule = compiled('items.all(i, i.state == "x.all(y, z)" && order.total > 0)')
    assert rule.names == {"items", "order"}


@pytest.mark.parametrize("source", ["", "a +", "(" * 200 + "1" + ")" * 200, "a b"])
def test_what_is_no_cel_is_refused_in_one_line(source: str) -> None:
    with pytest.raises(WrongExpression) as refused:
        compiled(source)
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)


def test_only_what_a_rule_can_name_is_handed_over() -> None:
    unreadable = {"state": "x", "cost": object()}
    assert value('items.exists(i, i.state == "x")', {"items": {}}, items=[unreadable], other=object()) is True
    with pytest.raises(Unevaluable):
        value('items.exists(i, i.state == "x")', items=[unreadable])


def test_fields_nobody_supplied_are_empty() -> None:
    assert value('item.fields.note == ""', {"item": {"note": ""}}, item={"fields": {}}) is True
    assert value('item.fields.note == "x"', {"item": {"note": ""}}, item={"fields": {"note": "x"}}) is True


def test_whole_numbers_stay_whole() -> None:
    assert value("a * 100 / 3", a=10) == 333
    with pytest.raises(Unevaluable):
        value("a * 4", a=2**62)
    with pytest.raises(Unevaluable):
        value("a / 0", a=1)


def test_what_is_neither_true_nor_false_does_not_hold() -> None:
    rule = compiled("a")
    with pytest.raises(Unevaluable, match="neither true nor false"):
        rule.holds(scope_of([rule], {"a": 1}, {}))


@pytest.mark.parametrize(
    ("text", "is_valid", "service"),
    [
        ("RR473124829CN", True, "RR"),
        ("ea 473 124 829 cn", True, "EA"),
        ("RR473124828CN", False, ""),
        ("SF1234567890123", True, ""),
        ("hello", False, ""),
        ("", False, ""),
        (None, False, ""),
    ],
)
def test_numbers_are_asked_for_their_check_digit_and_service(text: Any, is_valid: bool, service: str) -> None:
    assert number_valid(text) is is_valid
    assert number_service(text) == service


@pytest.mark.parametrize(
    ("text", "carrier", "fits"),
    [
        ("RR123456785BG", "bulgarian_posts", True),
        ("RR123456785BG", "econt", False),
        ("1051234567890", "econt", True),
        ("whatever 12", "econt", True),  # nobody's format: nothing speaks against it
        (None, "econt", False),
    ],
)
def test_a_number_fits_a_carrier_unless_its_format_is_another_s(text: Any, carrier: str, fits: bool) -> None:
    assert number_fits(text, carrier) is fits


def test_pieces_are_the_sum_of_quantities() -> None:
    assert value("pieces(items)", {"items": {}}, items=[{"quantity": 2}, {"quantity": 3}]) == 5
    assert value("pieces([])") == 0


@pytest.mark.parametrize("entries", ["none", [1], [{}], [{"quantity": True}], [{"quantity": "2"}]])
def test_pieces_that_cannot_be_counted_are_compared_with_nothing(entries: object) -> None:
    assert pieces(entries) is None
    with pytest.raises(Unevaluable):
        value("pieces(entries) > 0", entries=entries)


@pytest.mark.parametrize(
    "source",
    [
        'items.all(i, i.state == "a.b" && i.tags.exists(t, t == i.state)) && now > 0',
        'items.filter(i, i.quantity > 1).all(j, j.state != "")',
        "items[0].quantity > items.size()",
        "items.map(i, i.state).exists(x, x.y == 1)",
        'item.tags[0].startsWith("x") || size(item.tags) > 1',
        '(item.state in ["a", "b"]) ? true : now == 1',
        "pieces(items.filter(i, i.quantity > 1)) > 2 && {'a': 1}.a == 1",
    ],
)
def test_what_is_known_is_not_complained_about(source: str) -> None:
    compiled(source)
    assert list(misnamed(source, NAMES)) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "true || items.exists(i, i.colour == 1)",
            "colour is not known here; there are state, quantity, tags",
        ),
        (
            "items.filter(i, true).all(j, j.colour == 1)",
            "colour is not known here; there are state, quantity, tags",
        ),
        ("items[0].colour == 1", "colour is not known here; there are state, quantity, tags"),
        ("items.all(i, true) && i.state == 'x'", "there is no i here; there are items, item, now"),
        ("item.state.length > 1", "a text has no length"),
        ("now.exists(n, n > 1)", "exists goes through a list, not through a number"),
        ("items.all(now, true)", "now already means something here; choose another name inside all"),
        (
            "items.all(i, items.all(i, true))",
            "i already means something here; choose another name inside all",
        ),
    ],
)
def test_a_name_nobody_knows_is_found_also_where_nothing_would_look(source: str, words: str) -> None:
    assert words in list(misnamed(source, NAMES))
