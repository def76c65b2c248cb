"""``sledi ledger audit | explain | payouts | refunds``."""

import argparse
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from sledi.cli import Refused, start_django

if TYPE_CHECKING:
    from sledi.accounts.models import Business
    from sledi.cli import Commands


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
