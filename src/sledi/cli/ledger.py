"""``sledi ledger audit | explain``."""

import argparse
from typing import TYPE_CHECKING

from sledi.cli import Refused, start_django

if TYPE_CHECKING:
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


def audit_ledger(options: argparse.Namespace) -> int:
    """Print what is broken, with the first rows of it."""
    start_django(strict=True)
    from sledi.ledger.queries import AUDITS, audit

    findings = audit()
    for finding in findings:
        print(f"broken: {finding.rule} (invariant {finding.invariant}): {finding.count} rows")
        for row in finding.sample:
            print("  " + "  ".join(str(value) for value in row))
    print(f"{len(AUDITS)} questions asked, {len(findings)} broken")
    return 1 if findings else 0


def explain_accounts(options: argparse.Namespace) -> int:
    """Print each account's lines, newest first. Raises Refused for an account or a business nobody knows."""
    start_django(strict=True)
    from sledi.accounts.models import Business
    from sledi.ledger.charts import named
    from sledi.ledger.errors import WrongLegs
    from sledi.ledger.queries import explain

    business = Business.objects.filter(slug=options.business).first()
    if business is None:
        raise Refused(f"there is no business {options.business!r}")
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
