"""Accounts and payouts as JSON: the REST interface and ``--json`` of the command line print the same."""

from collections.abc import Sequence
from typing import Any

from django.utils import translation

from sledi.core.money import Money
from sledi.history.models import Record
from sledi.ledger.models import BankAccount
from sledi.orders.models import Checkout
from sledi.orders.money import accounts, payout_statements
from sledi.orders.money.words import line_name
from sledi.orders.rest.order_json import amount, moment


def account(found: accounts.Statement) -> dict[str, Any]:
    others = [_balance(one) for one in found.balances if one is not found.balance]
    return {"person": str(found.owner.pk), **_balance(found.balance), "others": others}


def statement(found: accounts.Statement, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "person": str(found.owner.pk),
            "balance": _balance(found.balance),
            "parts": [
                {
                    "key": part.words_key,
                    "label": line_name(part.words_key),
                    "money": amount(part.money),
                    "lines": part.count,
                }
                for part in found.parts
            ],
            "lines": [_entry(entry) for entry in found.entries],
            "next_before": found.next_before,
        }


def _entry(entry: accounts.Entry) -> dict[str, Any]:
    line = entry.line
    return {
        "number": line.number,
        "key": line.words_key,
        "label": line_name(line.words_key, line.kind),
        "money": amount(line.money),
        "balance": amount(line.balance_after),
        "item": line.item,
        "order": entry.order_number,
        "reference": line.reference,
        "actor": line.actor.name or line.actor.role or line.actor.kind,
        "at": moment(line.effective_at),
    }


def _balance(one: accounts.Balance) -> dict[str, Any]:
    return {"available": amount(one.available), "held": amount(one.held)}


def checkout(found: Checkout) -> dict[str, Any]:
    return {
        "id": str(found.pk),
        "address": found.address,
        "state": found.state,
        "money": amount(Money(found.amount_minor, found.currency)),
        "order": found.order.number if found.order else "",
    }


def doubtful(found: Checkout, acts: Sequence[Record] = ()) -> dict[str, Any]:
    """A checkout that is looked at; ``problem`` in the provider's and our log's words."""
    person = found.person
    return {
        **checkout(found),
        "provider": found.provider,
        "reference": found.reference or "",
        "person": (person.name or person.email) if person else "",
        "problem": found.problem,
        "doubted_at": moment(found.updated_at),
        "acts": [
            {
                "act": one.act,
                "at": moment(one.at),
                "by": one.actor_name or one.actor_role,
                "note": one.note,
                "to": one.to_state,
                "money": amount(Money(one.after["amount"], one.after["currency"])) if one.after else None,
                "reference": one.after.get("reference", ""),
            }
            for one in acts
        ],
    }


def board(found: payout_statements.Board, language: str) -> dict[str, Any]:
    run = found.next_run
    return {
        "next_run": {"first": run.first, "last": run.last, "pays_on": run.pays_on} if run else None,
        "waiting": [
            {
                "seller": one.seller.name or one.seller.email,
                "pending": amount(one.pending),
                "available": amount(one.available),
                "in_transit": amount(one.in_transit),
                "bank_account": bank_account(one.bank_account),
                "held_because": one.held_because,
            }
            for one in found.sellers
        ],
        "payouts": [_row(one, found.workflow.words(one.state.label, language)) for one in found.payouts],
        "next_before": found.next_before,
    }


def payout(found: payout_statements.Statement, language: str) -> dict[str, Any]:
    return {
        **_row(found.told, found.workflow.words(found.told.state.label, language)),
        "lines": [_part(part) for part in found.parts],
        "of_orders": [
            {"order": one.number, "lines": [_part(part) for part in one.parts], "net": amount(one.net)}
            for one in found.orders
        ],
        "moves": [possible.transition.name for possible in found.moves],
    }


def bank_account(found: BankAccount | None) -> dict[str, Any]:
    return {
        "iban": found.masked if found else "",
        "held_until": moment(found.held_until) if found and found.held_until else None,
    }


def _part(part: payout_statements.Part) -> dict[str, Any]:
    return {"kind": part.kind, "money": amount(part.money)}


def _row(one: payout_statements.Told, label: str) -> dict[str, Any]:
    return {
        "id": str(one.payout.pk),
        "seller": one.seller.name or one.seller.email,
        "state": one.state.key,
        "label": label,
        "money": amount(one.money),
        "orders": one.orders,
        "pays_on": one.payout.pays_on,
        "iban": one.payout.bank_account.masked if one.payout.bank_account else "",
    }
