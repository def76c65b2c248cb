"""The site whose pages the gates look at: parcels in every state, readers, an operator, things that went wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.journeys.world import ask_everybody, follow, sign_in_page

LANGUAGES = ("ru", "bg", "kk", "uk", "en")
PARCELS = {
    "duty to pay": "CP598464168CN",
    "usual silence": "RB298431881CN",
    "long silence": "RB431817736CN",
    "ready to collect": "RB573797434CN",
    "delivered": "RB541330946CN",
    "returned": "RB708257094CN",
    "lost": "RB275984153CN",
    "handed over under another number": "LP640831192CN",
    "unknown code": "RB302232031CN",
    "not found yet": "RB542030041CN",
    "carrier down": "RB243101660CN",
    "delivery failed": "LB289247255CN",
}
MOST_DIFFERENT = ("duty to pay", "long silence", "delivered", "returned")
MISTYPED = "RR123456784CN"
AMBIGUOUS = "4103112233445"
NOT_ASKED_YET = "RB913682965CN"

Visit = Callable[[Any], None]
"""Brings a window to a page; its context has the language, and for some pages the operator's session."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Addresses of everything that stands on the site."""

    address: str
    token: str
    unclear: str
    waiting: str
    empty: str
    confirm: str
    stop: str
    sign_in: str
    order: str

    def list_page(self) -> str:
        """The list with parcels in every state."""
        return f"{self.address}/t/{self.token}/"

    def parcel(self, state: str) -> str:
        """The page of a parcel in this state."""
        return f"{self.address}/t/{self.token}/{PARCELS[state]}/"

    def pages(self, *, every_state: bool = False) -> Mapping[str, Visit]:
        """Every page a reader can meet, by name; parcels in every state, or in those that look most different."""
        found: dict[str, Visit] = {
            "home": self._at("/"),
            "home, nothing pasted": self._pasting("слов без номера"),
            "list": self._at(f"/t/{self.token}/"),
            "list, your move": self._at(f"/t/{self.token}/?show=mine"),
            "list, filter without rows": self._at(f"/t/{self.waiting}/?show=mine"),
            "list, unclear": self._at(f"/t/{self.unclear}/"),
            "list, waiting": self._at(f"/t/{self.waiting}/"),
            "list, empty": self._at(f"/t/{self.empty}/"),
            "list, adding": self._adding,
            "parcel, waiting": self._at(f"/t/{self.waiting}/{NOT_ASKED_YET}/"),
            "parcel, question": self._at(f"/t/{self.unclear}/{AMBIGUOUS}/"),
            "parcel, originals": self._at(f"/t/{self.token}/{PARCELS['usual silence']}/?originals=1"),
            "guide": self._at("/help/"),
            "guide, comment refused": self._commenting,
            "posts": self._at("/help/posts/"),
            "privacy": self._at("/privacy/"),
            "follow asked": self._following("aigerim@example.org"),
            "follow refused": self._following("aigerim"),
            "follow confirm": self._at(f"/follow/{self.confirm}/confirm/"),
            "follow stop": self._at(f"/follow/{self.stop}/stop/"),
            "sign in": self._at(self.sign_in),
            "sign-in link invalid": self._at("/sign-in/nonsense/"),
            "404": self._at("/nowhere/"),
        }
        found |= {
            "business, overview": self._at("/buyout/"),
            "business, somebody's own": self._at("/buyout/my/"),
            "business, list": self._at("/buyout/orders/"),
            "business, list of items": self._at("/buyout/items/?state=draft"),
            "business, list, nothing found": self._at("/buyout/orders/?q=7KQM3XF4"),
            "business, order": self._at(f"/buyout/orders/{self.order}/"),
            "business, item": self._at(f"/buyout/items/{self.order}.1/"),
            "business, tracking": self._at(f"/buyout/orders/{self.order}/tracking/"),
            "business, new order": self._at("/buyout/orders/new/"),
            "business, new order refused": self._placing,
            "business, one's own by the short address": self._at("/my/"),
            "business, move": self._at(f"/buyout/orders/{self.order}/moves/note_payment/"),
            "business, move refused": self._moving,
            "business, many": self._ticking,
            "business, legend": self._at("/buyout/legend/"),
            "business, instruction": self._at("/buyout/instruction/"),
            "business, picture": self._at("/buyout/legend/item/"),
        }
        states = PARCELS if every_state else MOST_DIFFERENT
        found |= {f"parcel, {state}": self._at(f"/t/{self.token}/{PARCELS[state]}/") for state in states}
        found |= {
            "operator, health": self._at("/operator/carriers/"),
            "operator, mapping": self._at("/operator/mapping/"),
            "operator, comments": self._at("/operator/comments/"),
            "operator, links": self._at("/operator/links/"),
            "components": self._at("/look/"),
        }
        return found

    def _at(self, path: str) -> Visit:
        return lambda page: page.goto(self.address + path)

    def _pasting(self, text: str) -> Visit:
        def visit(page: Any) -> None:
            page.goto(self.address)
            page.locator("#numbers").fill(text)
            send(page, "form:has(#numbers)")

        return visit

    def _adding(self, page: Any) -> None:
        page.goto(self.list_page())
        page.locator("#more > summary").click()

    def _commenting(self, page: Any) -> None:
        page.goto(f"{self.address}/help/")
        page.evaluate("document.querySelector('form[action^=\"/help/comments/\"]').noValidate = true")
        send(page, 'form[action^="/help/comments/"]')

    def _moving(self, page: Any) -> None:
        page.goto(f"{self.address}/buyout/orders/{self.order}/moves/note_payment/")
        page.evaluate("document.querySelector('main form').noValidate = true")
        send(page, "main form")

    def _placing(self, page: Any) -> None:
        page.goto(f"{self.address}/buyout/orders/new/")
        page.locator("[name=items-0-unit_price]").fill("дорого")
        send(page, "main form")

    def _ticking(self, page: Any) -> None:
        page.goto(f"{self.address}/buyout/items/?state=draft")
        page.locator("main [name=id]").first.check()
        send(page, "main form[method=post]")

    def _following(self, email: str) -> Visit:
        def visit(page: Any) -> None:
            page.goto(f"{self.address}/t/{self.unclear}/")
            page.evaluate("document.querySelector('form:has(#mail)').noValidate = true")
            page.locator("#mail").fill(email)
            send(page, "form:has(#mail)")

        return visit


def send(page: Any, form: str) -> None:
    """Press the button of a form and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(f"{form} button[type=submit]").last.click()


def build(address: str) -> Shown:
    """Everything the pages show, made by the acts that people make."""
    from sledi.notifications.operations import confirm, link_token
    from sledi.notifications.operations import follow as follow_by_mail
    from sledi.tracker import links
    from sledi.tracking.operations import remove_row

    now = datetime.now(UTC)
    token = follow("\n".join(PARCELS.values()))
    unclear = follow(f"{MISTYPED} {AMBIGUOUS}")
    empty = follow("RR123456785CN")
    remove_row(empty, "RR123456785CN")
    ask_everybody()
    asked = follow_by_mail(token, "vesela@example.org", language="bg", client="192.0.2.1", at=now)
    follower = follow_by_mail(token, "boris@example.org", language="ru", client="192.0.2.2", at=now)
    confirm(link_token(follower.pk), at=now)
    _write_comments(now)
    links.keep_to(links.addresses(), now)
    return Shown(
        address=address,
        token=token,
        unclear=unclear,
        waiting=follow(NOT_ASKED_YET),
        empty=empty,
        confirm=link_token(asked.pk),
        stop=link_token(follower.pk),
        sign_in=sign_in_page("vesela@localhost"),
        order=_order(now),
    )


def _order(now: datetime) -> str:
    """An order of a business in which the operator of the site is a reseller, with items in different states.

    Its rows are written without a history: the tables of that are never emptied, and would hold up the flush.
    """
    from sledi.accounts.models import Membership
    from sledi.accounts.operations import appoint_operator
    from sledi.orders.models import Item, Order
    from sledi.orders.tests.stage import new_stage
    from sledi.parcels.models import Alias
    from sledi.tracking.models import Trace

    business = new_stage("buyout").business
    person = appoint_operator("operator@localhost", now)
    Membership.objects.create(business=business, person=person, role="reseller", created_at=now)
    common = {"business": business, "state_since": now, "changed_at": now}
    order = Order.objects.create(
        **common,
        profile="buyout",
        profile_version=business.profile_version,
        state="ordering",
        reseller=person,
        recipient_name="Айгерим С.",
        address={"city": "Алматы"},
        destination="KZ",
        currency="KZT",
        goods_minor=657000,
        placed_at=now,
    )
    things = {"Чайник заварочный": "draft", "Шарф мохеровый": "ordered", "Настольная лампа": "price_changed"}
    for line, (name, state) in enumerate(things.items(), start=1):
        facts = {
            "line": line,
            "number": str(line),
            "name": name,
            "quantity": line,
            "unit_price_minor": 109500,
        }
        item = Item.objects.create(**common, order=order, state=state, **facts)
    Alias.objects.create(
        business=business,
        level="item",
        subject_id=item.pk,
        number="YT8825498020044",
        kind="domestic",
        since=now,
    )
    Alias.objects.create(
        business=business,
        level="order",
        subject_id=order.pk,
        number=PARCELS["delivered"],
        kind="international",
        since=now,
        trace=Trace.objects.get(number=PARCELS["delivered"]),
    )
    return str(order.number)


def _write_comments(now: datetime) -> None:
    from sledi.tracker import operations

    for n, language in enumerate(LANGUAGES):
        shown, held = (
            operations.leave_comment("guide", language, "Oksana", words, client=f"192.0.2.{n}", at=now)
            for words in ("Thank you, this helped.", "Does this work for Kazpost, too?")
        )
        operations.approve(shown.pk, at=now)
        assert held.approved_at is None
