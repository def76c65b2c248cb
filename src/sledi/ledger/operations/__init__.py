"""Acts on money: each one transaction, each once per key. What moves where stands in docs/reference/ledger.md."""

from sledi.ledger.charts import Ref
from sledi.ledger.operations.bank_accounts import bank_accounts, save_bank_account
from sledi.ledger.operations.currencies import exchange, to_euro
from sledi.ledger.operations.debits import Cost, debit_item, debit_subjects, divide_subject
from sledi.ledger.operations.holds import capture_hold, hold, void_hold
from sledi.ledger.operations.payments import Received, capture, receive_payment, refund_payment, top_up
from sledi.ledger.operations.payouts import payout_run, settle_payout
from sledi.ledger.operations.posting import Facts, Leg, Posted, lock, post, reverse
from sledi.ledger.operations.refunds import refund_subject
from sledi.ledger.operations.returns import make_due, send_back
from sledi.ledger.operations.sales import (
    hold_sale,
    owe_commission,
    pay_debt,
    refund_sale,
    release,
    return_commission,
)

__all__ = [
    "Cost",
    "Facts",
    "Leg",
    "Posted",
    "Received",
    "Ref",
    "bank_accounts",
    "capture",
    "capture_hold",
    "debit_item",
    "debit_subjects",
    "divide_subject",
    "exchange",
    "hold",
    "hold_sale",
    "lock",
    "make_due",
    "owe_commission",
    "pay_debt",
    "payout_run",
    "post",
    "receive_payment",
    "refund_payment",
    "refund_sale",
    "refund_subject",
    "release",
    "return_commission",
    "reverse",
    "save_bank_account",
    "send_back",
    "settle_payout",
    "to_euro",
    "top_up",
    "void_hold",
]
