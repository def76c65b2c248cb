"""A marketplace's order in a browser, in Bulgarian: from its placing to the payout, and the seller's page of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.browser.test_orders import placed
from tests.browser.visits import HEIGHT, WIDE, window

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PROFILE = "marketplace"
NUMBER = "RR123456785BG"
SAVE = "Променете статута на поръчката"


@pytest.fixture
def desk(browser: Any, live_site: str) -> Any:
    """Opens a window for somebody of a business, in Bulgarian: ``desk(stage, role)``."""
    from sledi.orders.tests.doors import signed_in

    @contextmanager
    def opened(stage: Any, role: str, *, has_scripting: bool = False) -> Iterator[Any]:
        session = signed_in(stage, role).cookies["sessionid"].value
        cookie = {
            "name": "sessionid",
            "value": session,
            "domain": "localhost",
            "path": "/",
            "sameSite": "Lax",
        }
        state = {"cookies": [cookie], "origins": []}
        with window(browser, "bg", storage_state=state, java_script_enabled=has_scripting) as page:
            page.set_viewport_size({"width": WIDE, "height": HEIGHT})
            page.base = f"{live_site}/{stage.business.slug}"
            yield page

    return opened


def form_of(page: Any, move: str) -> Any:
    """The form that changes the status by this move."""
    folded = page.locator("main details:not([open]) > summary.btn", has_text=move)
    if folded.count():
        folded.first.click()
    button = re.compile(rf"^{SAVE}\s*: {re.escape(move)}$")
    return page.locator("main form", has=page.get_by_role("button", name=button))


def save(page: Any, move: str, **filled: str) -> None:
    """Choose a status, fill in what it asks for, and press the button that saves it."""
    form = form_of(page, move)
    for name, text in filled.items():
        control = form.locator(f"[name={name}]")
        control.check() if text == "true" else control.fill(text)
    with page.expect_navigation():
        form.get_by_role("button", name=SAVE).click()
    assert page.locator("main [role=status]").first.inner_text() == f"Готово: {move}", page.inner_text("main")


def status(page: Any) -> str:
    return str(page.locator("main .pill").first.inner_text())


def states_in_history(order: Any) -> list[str]:
    from sledi.history.models import Record

    told = Record.objects.filter(subject_id=order.pk).order_by("sequence")
    return [to for source, to in told.values_list("from_state", "to_state") if source != to]


ENCLOSED = {"warranty_card": "true", "invoice": "true", "return_form": "true"}


def bought(desk: Any, now: datetime) -> tuple[Any, Any]:
    """A marketplace, and the order that its platform placed by the form and whose payment the provider confirmed."""
    from sledi.core.money import Money
    from sledi.orders.models import Order
    from sledi.orders.money.payments import payment_paid
    from sledi.orders.tests.doors import signed_in
    from sledi.orders.tests.stage import new_stage

    stage = new_stage(PROFILE)
    stage.now = now
    for role in ("seller", "buyer"):
        signed_in(stage, role)
    facts = {role: stage.person(role).email for role in ("seller", "buyer")} | {"shipping": "5,00"}
    with desk(stage, "platform") as page:
        number = placed(page, {**facts, "processing_days": "3"}, name="Лампа", unit_price="100,00")
    order = Order.objects.get(number=number)
    payment_paid(stage.business, "card", "P1", Money(10500, "RUB"), order.pk, now)
    return stage, order


def test_an_order_goes_from_its_placing_to_the_payout_of_its_seller(desk: Any) -> None:
    from sledi.orders.automatic import carrier_news, deadlines
    from sledi.orders.money import payouts
    from sledi.orders.tests.money import assert_sound, bank_account
    from sledi.orders.tests.test_what_follows import scanned

    now = datetime.now(UTC)
    stage, order = bought(desk, now)
    bank_account(stage, "seller")
    here = f"orders/{order.number}/"
    with desk(stage, "seller") as page:
        page.goto(f"{page.base}/")
        assert order.number not in page.inner_text("main")
    with desk(stage, "platform") as page:
        page.goto(f"{page.base}/")
        page.locator("main a", has_text=order.number).first.click()
        save(page, "Потвърдете плащането (PROCESSED)")
        assert status(page) == "PROCESSED"
    with desk(stage, "seller") as page:
        page.goto(f"{page.base}/")
        page.locator("main a", has_text=order.number).first.click()
        save(page, "Започнете обработката (PROCESSING)", note="Опаковаме")
        save(page, "Изпратете (SHIPPED)", tracking_number=NUMBER, **ENCLOSED)
        assert status(page) == "SHIPPED"
    with desk(stage, "buyer") as page:
        page.goto(f"{page.base}/my/")
        page.locator("main a", has_text=order.number).first.click()
        assert status(page) == "SHIPPED"
        assert NUMBER in page.inner_text("main").replace(" ", "").replace("\xa0", "")
        assert "Опаковаме" in page.inner_text("main")
    with desk(stage, "seller") as page:
        page.goto(f"{page.base}/{here}")
        save(page, "Отбележете получаването (COMPLETE)")
        assert status(page) == "COMPLETE, за проверка"
    scanned(NUMBER, "DELIVERED", now)
    assert carrier_news.follow_news(datetime.now(UTC)) == 1
    with desk(stage, "buyer") as page:
        page.goto(f"{page.base}/{here}")
        assert status(page) == "COMPLETE, проверена"
        assert "Връщане до" in page.inner_text("main")
    while deadlines.run_due_timers(now + timedelta(days=25)):
        pass
    (payout,) = payouts.run(stage.business, now + timedelta(days=60))
    with desk(stage, "platform") as page:
        page.goto(f"{page.base}/payouts/{payout.pk}/")
        form = page.locator("main form", has=page.locator("[name=bank_reference]"))
        form.locator("[name=bank_reference]").fill("BISERA-7731")
        with page.expect_navigation():
            form.get_by_role("button", name="Отбележете като изплатено").click()
    with desk(stage, "seller") as page:
        page.goto(f"{page.base}/{here}")
        assert status(page) == "Приключена"
        page.goto(f"{page.base}/payouts/")
        assert status(page) == "Изплатено"
        assert "90,00" in page.inner_text("main")
    assert_sound(stage)
