"""``sledi ledger audit | explain | payouts | refunds``, and as a member: ``balance | statement | top-up | pay``."""

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sledi.cli import Refused, start_django
from sledi.cli.acting import acting, add_actor, now, print_json, refusals

if TYPE_CHECKING:
    from sledi.accounts.access import Access
    from sledi.accounts.models import Business
    from sledi.cli import Commands
    from sledi.orders.models import Checkout
    from sledi.orders.money import accounts


def register(commands: "Commands") -> None:
    acts = commands.add_parser("ledger", help="balances and entries").add_subparsers(
        required=True, metavar="ACT"
    )
    audit = acts.add_parser("audit", help="ask every invariant of the rows themselves; 1 when one is broken")
    audit.set_defaults(run=audit_ledger)
    explain = acts.add_parser("explain", help="a balance with every line it came from")
    explain.add_argument("--business", required=True, metavar="SLUG")
    explain.add_argument("accounts", nargs="+", metavar="ACCOUNT", help="as customer.balance//<owner>/RUB")
    explain.set_defaults(run=explain_accounts)
    payouts = acts.add_parser(
        "payouts", help="pay the sellers of a business what the calendar's newest run is for"
    )
    payouts.add_argument("--business", required=True, metavar="SLUG")
    payouts.add_argument(
        "--on", type=date.fromisoformat, metavar="DATE", help="the day it counts for; else today"
    )
    payouts.set_defaults(run=pay_sellers)
    refunds = acts.add_parser("refunds", help="what buyers are to get back by the means they paid with")
    refunds.add_argument("--business", required=True, metavar="SLUG")
    refunds.add_argument(
        "--sent", nargs="*", default=[], metavar="ORDER", help="orders whose refund was sent"
    )
    refunds.set_defaults(run=list_refunds)
    transfers = acts.add_parser("transfers", help="payouts on their way, with the full IBANs, for the bank")
    transfers.add_argument("--business", required=True, metavar="SLUG")
    transfers.set_defaults(run=list_transfers)
    _register_members(acts)


def _register_members(acts: "Commands") -> None:
    """What a member of a business does, as on the pages."""
    for name, run, about in (
        ("balance", show_balance, "what is on an account"),
        ("statement", show_statement, "the lines of an account, the newest first"),
    ):
        one = acts.add_parser(name, help=about)
        one.add_argument("--person", default="", metavar="EMAIL", help="of another, for those who may see it")
        add_actor(one)
        one.set_defaults(run=run)
    one.add_argument("--before", type=int, metavar="N", help="what the page before this one ended with")
    top_up = acts.add_parser("top-up", help="a page of the payment provider that tops up one's own account")
    top_up.add_argument("amount", metavar="AMOUNT", help="in the currency of the business")
    add_actor(top_up)
    top_up.set_defaults(run=begin_top_up)
    pay = acts.add_parser("pay", help="a page of the payment provider for what an order lacks")
    pay.add_argument("number", metavar="NUMBER")
    add_actor(pay)
    pay.set_defaults(run=begin_payment)
    board = acts.add_parser("payout-list", help="payouts, and what waits for the next run")
    add_actor(board)
    board.set_defaults(run=list_payouts)
    payout = acts.add_parser("payout", help="the statement of one payout")
    payout.add_argument("id", type=UUID, metavar="ID")
    add_actor(payout)
    payout.set_defaults(run=show_payout)
    _register_doubtful(acts)
    bank = acts.add_parser("bank-account", help="where a seller is paid")
    add_actor(bank)
    bank.set_defaults(run=show_bank_account)


def _register_doubtful(acts: "Commands") -> None:
    """Payments whose provider says what does not fit."""
    waiting = acts.add_parser("doubtful", help="payments that wait for people, with what does not fit")
    waiting.set_defaults(run=list_doubtful)
    ask = acts.add_parser("ask", help="ask the provider about such a payment once more")
    ask.set_defaults(run=ask_provider)
    settle = acts.add_parser("settle", help="say what was found out about such a payment")
    settle.set_defaults(run=settle_checkout)
    for one in (waiting, ask, settle):
        add_actor(one)
    for one in (ask, settle):
        one.add_argument("id", type=UUID, metavar="ID")
    settle.add_argument("--received", metavar="AMOUNT", help="what came; without it: nothing came")
    settle.add_argument("--currency", default="", metavar="CODE", help="of what came, when it is another one")
    settle.add_argument("--reference", default="", metavar="TEXT", help="the provider's id of the payment")
    settle.add_argument("--note", default="", metavar="TEXT", help="what was found out, and where")


def audit_ledger(options: argparse.Namespace) -> int:
    """Print what is broken, with the first rows of it."""
    start_django(strict=True)
    from sledi.ledger.queries import AUDITS, audit
    from sledi.orders.money.audit import QUESTIONS
    from sledi.orders.money.audit import audit as audit_orders

    findings = [*audit(), *audit_orders(datetime.now(UTC))]
    for finding in findings:
        print(f"broken: {finding.rule} (invariant {finding.invariant}): {finding.count} rows")
        for row in finding.sample:
            print("  " + "  ".join(str(value) for value in row))
    print(f"{len(AUDITS) + len(QUESTIONS)} questions asked, {len(findings)} broken")
    return 1 if findings else 0


def explain_accounts(options: argparse.Namespace) -> int:
    """Print each account's lines, newest first. Raises Refused for an account or a business nobody knows."""
    start_django(strict=True)
    from sledi.ledger.charts import named
    from sledi.ledger.errors import WrongLegs
    from sledi.ledger.queries import explain

    business = _business(options)
    is_complete = True
    for name in options.accounts:
        try:
            found = explain(business, named(name))
        except WrongLegs as problem:
            raise Refused(f"{name!r} is no account ({problem}): as customer.balance//<owner>/RUB") from None
        is_complete = is_complete and found.is_complete
        print(f"{name}  {found.balance.decimal} {found.balance.currency}")
        for line in found.lines:
            parts = (line.words_key, line.item, line.reference, line.actor.name or line.actor.kind)
            print(
                f"  {line.created_at:%Y-%m-%d %H:%M}  {line.money.decimal:>14}  {line.balance_after.decimal:>14}  "
                + "  ".join(part for part in parts if part)
            )
    return 0 if is_complete else 1


def pay_sellers(options: argparse.Namespace) -> int:
    """Make the payouts of the newest run whose day has come, and print them. Again: nothing more is paid."""
    start_django(strict=True)
    from sledi.ledger.payout_calendar import NoSchedule
    from sledi.orders.money.payouts import order_ids, run

    at = datetime.combine(options.on, time(12), UTC) if options.on else datetime.now(UTC)
    try:
        made = run(_business(options), at)
    except NoSchedule as problem:
        raise Refused(str(problem)) from None
    for payout in made:
        amount, count = f"{payout.total} {payout.currency}", len(order_ids(payout))
        print(f"{payout.pk}  {amount}  {payout.pays_on}  seller {payout.seller_id}  {count} orders")
    print(f"{len(made)} payouts")
    return 0


def list_transfers(options: argparse.Namespace) -> int:
    """Print what the bank is to transfer: the only place where a seller's whole IBAN is told."""
    start_django(strict=True)
    from sledi.accounts.models import Person
    from sledi.ledger.models import Payout

    found = Payout.objects.filter(business=_business(options), status=Payout.IN_TRANSIT)
    rows = list(found.select_related("bank_account").order_by("pays_on", "pk"))
    names = dict(Person.objects.filter(pk__in={row.seller_id for row in rows}).values_list("pk", "name"))
    for row in rows:
        iban = row.bank_account.iban if row.bank_account else "-"
        print(
            f"{row.pk}  {row.pays_on}  {row.total} {row.currency}  {iban}  {names.get(row.seller_id, '')}".rstrip()
        )
    print(f"{len(rows)} transfers")
    return 0


# --- as a member ----------------------------------------------------------------------------------------------


def show_balance(options: argparse.Namespace) -> int:
    """Print what somebody has, by currency. Raises Refused."""
    access, _language = acting(options)
    from sledi.orders.rest import money_json

    found = _statement(options, access)
    if _printed(options, money_json.account(found)):
        return 0
    for one in found.balances:
        held = f"  held {one.held.decimal}" if one.held.minor else ""
        print(f"{one.available.decimal} {one.available.currency}{held}")
    return 0


def show_statement(options: argparse.Namespace) -> int:
    """Print a page of somebody's account. Raises Refused."""
    access, language = acting(options)
    from sledi.orders.rest import money_json

    told = money_json.statement(_statement(options, access, options.before), language)
    if _printed(options, told):
        return 0
    print(_said(told["balance"]["available"]))
    for line in told["lines"]:
        parts = (line["label"], line["item"], line["order"], line["reference"], line["actor"])
        print(
            f"  {line['at'][:16].replace('T', ' ')}  {line['money']['amount']:>14}  "
            f"{line['balance']['amount']:>14}  " + "  ".join(part for part in parts if part)
        )
    if told["next_before"]:
        print(f"further: --before {told['next_before']}")
    return 0


def begin_top_up(options: argparse.Namespace) -> int:
    """Print where to pay for topping up one's own account. Raises Refused."""
    access, language = acting(options)
    from django.utils import translation

    from sledi.core.money import WrongAmount
    from sledi.orders.money import accounts
    from sledi.orders.money.refusals import said_of

    try:
        return _opened(options, lambda: accounts.begin_top_up(access, options.amount, "", now()))
    except WrongAmount as wrong:
        with translation.override(language):
            raise Refused(said_of(wrong, access.business.currency)) from None


def begin_payment(options: argparse.Namespace) -> int:
    """Print where to pay what an order lacks. Raises Refused."""
    access, language = acting(options)
    from sledi.orders import queries
    from sledi.orders.money import accounts
    from sledi.orders.reading import find

    with refusals(options, access, language):
        order = queries.visible(access).get(pk=find(access, "order", options.number))
    return _opened(options, lambda: accounts.begin_payment(access, order, now()))


def list_payouts(options: argparse.Namespace) -> int:
    """Print the payouts a member sees, and what waits. Raises Refused."""
    access, language = acting(options)
    from sledi.orders.money import payout_statements
    from sledi.orders.rest import money_json

    with refusals(options, access, language):
        told = money_json.board(payout_statements.board(access, now()), language)
    run = told["next_run"]
    told["next_run"] = {key: str(day) for key, day in run.items()} if run else None
    told["payouts"] = [{**one, "pays_on": str(one["pays_on"])} for one in told["payouts"]]
    if _printed(options, told):
        return 0
    if told["next_run"]:
        print(f"next run {told['next_run']['pays_on']}")
    for one in told["waiting"]:
        print(
            f"{one['seller']}  available {_said(one['available'])}  pending {_said(one['pending'])}  "
            f"{one['bank_account']['iban'] or 'no bank account'}  {one['held_because']}".rstrip()
        )
    for one in told["payouts"]:
        print(f"{one['id']}  {_said(one['money'])}  {one['pays_on']}  {one['label']}  {one['seller']}")
    return 0


def show_payout(options: argparse.Namespace) -> int:
    """Print a payout's statement. Raises Refused."""
    access, language = acting(options)
    from sledi.orders.money import payout_statements
    from sledi.orders.rest import money_json

    with refusals(options, access, language):
        told = money_json.payout(payout_statements.statement(access, options.id), language)
    told["pays_on"] = str(told["pays_on"])
    if _printed(options, told):
        return 0
    print(f"{_said(told['money'])}  {told['pays_on']}  {told['label']}  IBAN {told['iban']}")
    for line in told["lines"]:
        print(f"  {line['kind']:<12}  {line['money']['amount']:>14}")
    for one in told["of_orders"]:
        print(f"  {one['order'] or '-':<12}  {one['net']['amount']:>14}")
    return 0


def list_doubtful(options: argparse.Namespace) -> int:
    """Print what waits for people, the longest waiting first. Raises Refused."""
    access, language = acting(options)
    from sledi.orders.money import doubtful
    from sledi.orders.rest import money_json

    with refusals(options, access, language):
        found = doubtful.doubtful(access)
    if not _printed(options, {"checkouts": [money_json.doubtful(one) for one in found]}):
        for one in map(money_json.doubtful, found):
            print(f"{one['id']}  {_said(one['money'])}  {one['order'] or one['person']}  {one['problem']}")
        print(f"{len(found)} in doubt")
    return 0


def ask_provider(options: argparse.Namespace) -> int:
    """Ask about one again, and print what became of it. Raises Refused."""
    access, language = acting(options)
    from sledi.orders.money import doubtful
    from sledi.orders.money.checkouts import NotPayable
    from sledi.orders.money.payment_provider import ProviderError

    try:
        with refusals(options, access, language):
            found = doubtful.ask(access, options.id, at=now(), cause="cli")
    except (NotPayable, ProviderError) as problem:
        raise Refused(f"the payment provider gives no answer ({problem}); nothing was booked") from None
    return _doubted(options, found)


def settle_checkout(options: argparse.Namespace) -> int:
    """Say what is true of one, and print what became of it. Raises Refused."""
    access, language = acting(options)
    from sledi.orders.money import doubtful

    given = {"amount": options.received, "currency": options.currency, "reference": options.reference}
    outcome = doubtful.NOTHING if options.received is None else doubtful.RECEIVED
    supplied = {key: text for key, text in {**given, "note": options.note}.items() if text}
    with refusals(options, access, language):
        found = doubtful.settle(access, options.id, outcome, supplied, at=now(), cause="cli")
    return _doubted(options, found)


def _doubted(options: argparse.Namespace, found: "Checkout") -> int:
    from sledi.orders.money import doubtful
    from sledi.orders.rest import money_json

    told = money_json.doubtful(found, doubtful.acts(found))
    if not _printed(options, told):
        print(f"{told['id']}  {_said(told['money'])}  {told['state']}  {told['problem']}".rstrip())
    return 0


def show_bank_account(options: argparse.Namespace) -> int:
    """Print where a seller is paid, masked. He changes it on his own page, in person. Raises Refused."""
    access, language = acting(options)
    from sledi.ledger.operations import bank_accounts
    from sledi.orders.money import payout_statements
    from sledi.orders.rest import money_json

    with refusals(options, access, language):
        payout_statements.board(access, now(), size=1)
    found = bank_accounts(access.business, [access.person_id] if access.person_id else [])
    told = money_json.bank_account(next(iter(found.values()), None))
    if not _printed(options, told):
        held = f"  held until {told['held_until'][:16]}" if told["held_until"] else ""
        print(f"{told['iban'] or 'none'}{held}")
    return 0


def _statement(
    options: argparse.Namespace, access: "Access", before: int | None = None
) -> "accounts.Statement":
    from sledi.orders.money import accounts
    from sledi.orders.refusals import NotYours

    try:
        owner = accounts.owner_of(access, options.person)
        return accounts.statement(access.business, owner, before=before)
    except NotYours:
        raise Refused("there is no such account for you here") from None


def _opened(options: argparse.Namespace, act: "Callable[[], Checkout]") -> int:
    from sledi.orders.money.checkouts import NotPayable
    from sledi.orders.money.payment_provider import ProviderError
    from sledi.orders.refusals import NotYours
    from sledi.orders.rest import money_json

    try:
        checkout = act()
    except NotYours:
        raise Refused("there is no such account for you here") from None
    except NotPayable as problem:
        raise Refused(f"nothing to pay: {problem}") from None
    except ProviderError as problem:
        raise Refused(f"the payment provider gives no answer ({problem}); nothing was taken") from None
    if not _printed(options, money_json.checkout(checkout)):
        print(checkout.address)
    return 0


def _printed(options: argparse.Namespace, told: dict[str, Any]) -> bool:
    """Whether it was for a program, and has been printed."""
    if options.json or options.jsonl:
        print_json(told, is_line=options.jsonl)
    return bool(options.json or options.jsonl)


def _said(money: dict[str, str]) -> str:
    return f"{money['amount']} {money['currency']}"


def list_refunds(options: argparse.Namespace) -> int:
    """Settle the refunds that were sent, then print what is still due. Raises Refused for an unknown order."""
    start_django(strict=True)
    from sledi.history import Actor
    from sledi.ledger.operations import send_back
    from sledi.ledger.queries import returns
    from sledi.orders.models import Order

    business, at = _business(options), datetime.now(UTC)
    for number in options.sent:
        order = Order.objects.filter(business=business, number=number).first()
        if order is None:
            raise Refused(f"there is no order {number!r}")
        facts = {"actor": Actor("system", role="system"), "created_at": at, "reference": number}
        key = f"{order.pk}:{order.refunded_minor}:sent"
        for sent in send_back(business, subject_id=order.pk, key=key, **facts):
            print(f"{number}  sent  {sent.set_id}")
    due = returns(business, is_open=True)
    numbers = dict(Order.objects.filter(pk__in=[row.subject_id for row in due]).values_list("pk", "number"))
    for row in due:
        name = numbers.get(row.subject_id, str(row.subject_id))
        print(f"{name}  {row.due.decimal} {row.due.currency}  since {row.since:%Y-%m-%d}")
    print(f"{len(due)} refunds due")
    return 0


def _business(options: argparse.Namespace) -> "Business":
    from sledi.accounts.models import Business

    found = Business.objects.filter(slug=options.business).first()
    if found is None:
        raise Refused(f"there is no business {options.business!r}")
    return found
