"""Payments in doubt: asked about again or settled by people, once, in the ledger's terms, with every act told."""

from typing import Any

import pytest

from sledi.accounts import roles
from sledi.core.money import Money
from sledi.core.workflow import Refused
from sledi.history.models import Record
from sledi.ledger import queries as ledger
from sledi.ledger.charts import CUSTOMER_BALANCE, Ref
from sledi.orders.models import Checkout, Order, Task
from sledi.orders.money import audit, checkouts, doubtful, payments
from sledi.orders.money.payment_provider import Unavailable
from sledi.orders.refusals import NotYours
from sledi.orders.tests.till import PAID_ONCE, UNPAID, Till
from sledi.orders.tests.till import till as till

NOTE = "Seen in the provider's office"
CAME: dict[str, Any] = {"amount": "33.00", "reference": "pm_1", "note": NOTE}
PROBLEM = "330.00 RUB in the place of 33.00 RUB"


def in_doubt(till: Till, order: Order | None = None) -> Checkout:
    """The provider says everywhere that ten times as much was paid."""
    checkout = till.checkout(order or till.order())
    till.day("lies_everywhere")
    till.press(checkout)
    till.deliver()
    till.later(minutes=1)
    checkout.refresh_from_db()
    assert (checkout.state, checkout.problem) == ("doubtful", PROBLEM)
    return checkout


def settle(
    till: Till, checkout: Checkout, outcome: str = "received", role: str = "platform", **given: Any
) -> None:
    access = till.stage.access(role)
    doubtful.settle(access, checkout.pk, outcome, given, at=till.now, cause="web")
    checkout.refresh_from_db()


def ask(till: Till, checkout: Checkout) -> None:
    doubtful.ask(till.stage.access("platform"), checkout.pk, at=till.now, cause="web")
    checkout.refresh_from_db()


def told(checkout: Checkout) -> list[tuple[str, str, str, str]]:
    return [(one.act, one.to_state, one.actor_name, one.note) for one in doubtful.acts(checkout)]


def open_tasks() -> int:
    return Task.objects.filter(reason="payment_doubtful", closed_at=None).count()


def balance(till: Till, currency: str = "RUB") -> int:
    return ledger.balance(till.stage.business, Ref(CUSTOMER_BALANCE, till.buyer().pk, currency)).minor


def assert_sound(till: Till) -> None:
    assert [*ledger.audit(), *audit.audit(till.now)] == []


# --- asking again ---------------------------------------------------------------------------------------------


def test_what_fits_when_asked_again_is_booked_and_the_task_is_closed(till: Till) -> None:
    checkout = in_doubt(till)
    till.provider.control("DELETE", ["days"], {})
    ask(till, checkout)
    assert (checkout.state, checkout.problem, open_tasks()) == ("paid", "", 0)
    assert till.books(checkout.order) == PAID_ONCE  # type: ignore[arg-type]
    assert told(checkout) == [("asked", "paid", "Platform", "")]
    ask(till, checkout)
    assert len(told(checkout)) == 1
    assert till.books(checkout.order) == PAID_ONCE  # type: ignore[arg-type]
    assert_sound(till)


def test_what_still_does_not_fit_stays_in_doubt(till: Till) -> None:
    checkout = in_doubt(till)
    ask(till, checkout)
    assert (checkout.state, checkout.problem, open_tasks()) == ("doubtful", PROBLEM, 1)
    assert told(checkout) == [("asked", "doubtful", "Platform", PROBLEM)]
    assert till.books(checkout.order) == UNPAID  # type: ignore[arg-type]


def test_a_provider_that_does_not_answer_changes_nothing_but_that_it_was_asked(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = in_doubt(till)

    def down(*_: Any) -> None:
        raise Unavailable("status 500")

    monkeypatch.setattr(checkouts, "asked", down)
    with pytest.raises(Unavailable):
        ask(till, checkout)
    checkout.refresh_from_db()
    assert (checkout.state, checkout.problem) == ("doubtful", PROBLEM)
    assert told(checkout) == [("asked", "doubtful", "Platform", "Unavailable: status 500")]


def test_the_provider_says_later_that_the_page_is_still_to_be_paid(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    checkouts._leave_to_people(checkout, "payment_doubtful", "no answer", till.now)
    ask(till, checkout)
    assert (checkout.state, open_tasks()) == ("open", 0)
    till.press(checkout)
    assert till.deliver() == 200
    assert till.books(order) == PAID_ONCE


# --- settling -------------------------------------------------------------------------------------------------


def test_what_came_is_booked_for_the_order_once_with_who_found_it_out(till: Till) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, **CAME)
    assert (checkout.state, checkout.settled_at, checkout.problem) == ("paid", till.now, PROBLEM)
    assert till.books(checkout.order) == PAID_ONCE  # type: ignore[arg-type]
    assert told(checkout) == [("received", "paid", "Platform", NOTE)]
    task = Task.objects.get(reason="payment_doubtful")
    assert (task.closed_at, task.closed_by) == (till.now, till.stage.person("platform"))
    settle(till, checkout, **CAME)
    assert len(told(checkout)) == 1
    assert till.books(checkout.order) == PAID_ONCE  # type: ignore[arg-type]
    assert_sound(till)


def test_less_than_the_order_lacks_counts_for_it_and_the_rest_may_be_paid(till: Till) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, **{**CAME, "amount": "30.00"})
    order = checkout.order
    assert order is not None
    assert till.books(order) == {"state": "pending", "paid": 3000, "balance": 3000, "cash": -3000}
    again = till.checkout(order)
    assert (again.amount_minor, again.pk != checkout.pk) == (300, True)
    assert_sound(till)


def test_more_than_the_order_lacks_is_put_onto_the_payers_account(till: Till) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, **{**CAME, "amount": "330.00"})
    assert (checkout.state, balance(till)) == ("paid", 33000)
    assert "paid_twice" in till.tasks()
    assert_sound(till)


def test_another_currency_is_put_onto_the_payers_account_in_it(till: Till) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, **{**CAME, "amount": "5", "currency": "eur"})
    assert (balance(till), balance(till, "EUR")) == (0, 500)
    assert_sound(till)


def test_where_nothing_came_the_buyer_may_pay_again(till: Till) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, "nothing", note=NOTE)
    assert (checkout.state, open_tasks()) == ("failed", 0)
    order = checkout.order
    assert order is not None
    assert till.books(order) == UNPAID
    assert told(checkout) == [("nothing", "failed", "Platform", NOTE)]
    till.provider.control("DELETE", ["days"], {})
    till.press(till.checkout(order))
    till.deliver()
    assert till.books(order) == PAID_ONCE
    assert_sound(till)


def test_a_top_up_in_doubt_is_settled_onto_the_account(till: Till) -> None:
    money = Money(3300, "RUB")
    checkout = checkouts.for_top_up(till.stage.business, "kassa", till.buyer().pk, money, till.now)
    till.day("lies_everywhere")
    till.press(checkout)
    till.deliver()
    till.later(minutes=1)
    settle(till, checkout, **{**CAME, "amount": "20.00"})
    assert (checkout.state, balance(till), open_tasks()) == ("paid", 2000, 0)
    assert_sound(till)


@pytest.mark.parametrize("outcome", ["received", "nothing"])
def test_the_same_word_of_the_provider_raises_no_second_doubt(till: Till, outcome: str) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, outcome, **(CAME if outcome == "received" else {"note": NOTE}))
    state = checkout.state
    Checkout.objects.filter(pk=checkout.pk).update(due_at=till.now)  # a callback had it asked about
    assert till.later(seconds=1) == 1
    checkout.refresh_from_db()
    assert (checkout.state, checkout.due_at, open_tasks()) == (state, None, 0)
    assert till.later(days=1) == 0


def test_what_was_paid_before_the_doubt_stays_paid(till: Till) -> None:
    order = till.order()
    checkout = till.checkout(order)
    till.press(checkout)
    till.deliver()
    checkouts._leave_to_people(checkout, "payment_doubtful", "more was refunded than paid", till.now)
    settle(till, checkout, "nothing", note=NOTE)
    assert checkout.state == "paid"
    assert till.books(order) == PAID_ONCE


# --- refused --------------------------------------------------------------------------------------------------

WRONG: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("received", {**CAME, "note": ""}, ("missing_field", "note")),
    ("received", {**CAME, "note": "  \n "}, ("missing_field", "note")),
    ("received", {**CAME, "note": "x" * 1001}, ("wrong_field", "note")),
    ("received", {**CAME, "reference": ""}, ("missing_field", "reference")),
    ("received", {**CAME, "reference": "x" * 201}, ("wrong_field", "reference")),
    ("received", {**CAME, "amount": ""}, ("missing_field", "amount")),
    ("received", {**CAME, "amount": "0"}, ("wrong_field", "amount")),
    ("received", {**CAME, "amount": "-33"}, ("wrong_field", "amount")),
    ("received", {**CAME, "amount": "33.001"}, ("wrong_field", "amount")),
    ("received", {**CAME, "amount": "9" * 40}, ("wrong_field", "amount")),
    ("received", {**CAME, "amount": ["33"]}, ("wrong_field", "amount")),
    ("received", {**CAME, "currency": "XXQ"}, ("wrong_field", "currency")),
    ("received", {**CAME, "currency": {"a": 1}}, ("wrong_field", "currency")),
    ("received", {**CAME, "hidden": "1"}, ("unknown_field", "hidden")),
    ("nothing", {}, ("missing_field", "note")),
    ("nothing", {"note": "\0"}, ("wrong_field", "note")),
    ("nothing", CAME, ("unknown_field", "amount")),
    ("refunded", {"note": NOTE}, ("unknown_move", "")),
]


def test_what_is_not_said_rightly_is_refused_naming_the_field_and_nothing_changes(till: Till) -> None:
    checkout = in_doubt(till)
    for outcome, given, expected in WRONG:
        with pytest.raises(Refused) as refused:
            settle(till, checkout, outcome, **given)
        assert (refused.value.reason, refused.value.field) == expected, given
        assert set(refused.value.words) >= {"ru", "bg", "kk", "uk", "en"}
    checkout.refresh_from_db()
    assert (checkout.state, open_tasks(), told(checkout)) == ("doubtful", 1, [])
    assert till.books(checkout.order) == UNPAID  # type: ignore[arg-type]


def test_somebody_who_says_otherwise_afterwards_is_refused(till: Till) -> None:
    checkout = in_doubt(till)
    settle(till, checkout, **CAME)
    for outcome, given in (("nothing", {"note": NOTE}), ("received", {**CAME, "amount": "30"})):
        with pytest.raises(Refused, match="present state"):
            settle(till, checkout, outcome, **given)
    assert len(told(checkout)) == 1
    assert till.books(checkout.order) == PAID_ONCE  # type: ignore[arg-type]


def test_a_reference_that_is_booked_already_for_another_amount_is_refused(till: Till) -> None:
    checkout = in_doubt(till)
    payments.topped_up(till.stage.business, "kassa", "pm_1", Money(100, "RUB"), till.buyer().pk, till.now)
    with pytest.raises(Refused) as refused:
        settle(till, checkout, **CAME)
    assert (refused.value.reason, refused.value.field) == ("wrong_field", "reference")
    checkout.refresh_from_db()
    assert (checkout.state, told(checkout), balance(till)) == ("doubtful", [], 100)
    assert_sound(till)


def test_who_sees_them_and_who_settles_them(till: Till) -> None:
    checkout = in_doubt(till)
    for role in roles.NAMES:
        access = till.stage.access(role)
        given: dict[str, Any] = {"at": till.now, "cause": "web"}
        if role in ("owner", "platform", "supervisor", "support"):
            assert [one.pk for one in doubtful.doubtful(access)] == [checkout.pk]
            assert (doubtful.find(access, checkout.pk).pk, doubtful.count(access)) == (checkout.pk, 1)
        else:
            with pytest.raises(NotYours):
                doubtful.doubtful(access)
            with pytest.raises(NotYours):
                doubtful.find(access, checkout.pk)
            assert doubtful.count(access) == 0
        if role not in ("owner", "platform", "supervisor"):
            refusal: Any = Refused if role == "support" else NotYours
            with pytest.raises(refusal):
                doubtful.ask(access, checkout.pk, **given)
            with pytest.raises(refusal):
                doubtful.settle(access, checkout.pk, "nothing", {"note": NOTE}, **given)
    assert Record.objects.filter(level="checkout").count() == 0
    for role in ("owner", "platform", "supervisor"):
        doubtful.ask(till.stage.access(role), checkout.pk, at=till.now, cause="web")
    assert len(told(checkout)) == 3


def test_what_was_never_in_doubt_or_is_of_another_business_is_not_there(till: Till) -> None:
    from sledi.orders.tests.stage import new_stage

    checkout = till.checkout(till.order())
    with pytest.raises(NotYours):
        doubtful.find(till.stage.access("platform"), checkout.pk)
    Checkout.objects.filter(pk=checkout.pk).update(state="doubtful")
    stranger = new_stage("marketplace").access("platform")
    assert doubtful.doubtful(stranger) == []
    with pytest.raises(NotYours):
        doubtful.settle(stranger, checkout.pk, "nothing", {"note": NOTE}, at=till.now, cause="web")
