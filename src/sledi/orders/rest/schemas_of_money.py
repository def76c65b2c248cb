"""The shapes of the REST interface of money, as ``money_json`` makes them. Amounts in major units, as text."""

from datetime import date
from typing import Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from sledi.orders.rest.shapes import Fields, Moment, MoneyOut, Shape


class BalanceOut(Shape):
    available: MoneyOut
    held: MoneyOut = Field(description="Set apart, not to be spent")


class PartOut(Shape):
    key: str
    label: str
    money: MoneyOut
    lines: int


class AccountOut(BalanceOut):
    """In the currency of the business; ``others`` are its owner's balances in other currencies."""

    person: str
    others: list[BalanceOut]


class EntryOut(Shape):
    number: int = Field(description="Of the line in its account, from 1")
    key: str = Field(description="What kind of line: top_up.in, debit.goods, refund.fee …")
    label: str
    money: MoneyOut
    balance: MoneyOut = Field(description="After this line")
    item: str
    order: str = Field(description="Number of the order it leads to; empty for none")
    reference: str
    actor: str
    at: Moment


class StatementOut(Shape):
    person: str
    balance: BalanceOut
    parts: list[PartOut] = Field(description="What made the balance; together they are it")
    lines: list[EntryOut]
    next_before: int | None


class TopUpIn(Schema):
    model_config = ConfigDict(extra="forbid")
    amount: str = Field(max_length=60, description="In major units")
    currency: str = Field("", max_length=3, description="The business's own when not given")


class CheckoutOut(Shape):
    id: str
    address: str = Field(description="Where to pay")
    state: Literal["opening", "open", "paid", "failed", "partially_refunded", "refunded", "doubtful"]
    money: MoneyOut
    order: str = Field(description="Empty for a top-up")


class RunOut(Shape):
    payouts: list[str]


class NextRunOut(Shape):
    first: date
    last: date
    pays_on: date


class BankAccountOut(Shape):
    iban: str = Field(description="Masked; empty while none was given")
    held_until: Moment | None


class WaitingOut(Shape):
    seller: str
    pending: MoneyOut = Field(description="Until the orders close")
    available: MoneyOut = Field(description="For the next payout; below zero it is owed")
    in_transit: MoneyOut
    bank_account: BankAccountOut
    held_because: Literal["", "no_account", "new_account", "owes"]


class PayoutRowOut(Shape):
    id: str
    seller: str
    state: str
    label: str
    money: MoneyOut
    orders: int
    pays_on: date
    iban: str


class BoardOut(Shape):
    next_run: NextRunOut | None
    waiting: list[WaitingOut]
    payouts: list[PayoutRowOut]
    next_before: str


class PayoutLineOut(Shape):
    kind: Literal["goods", "shipping", "commission", "refunds", "returned", "corrections"]
    money: MoneyOut


class OfOrderOut(Shape):
    order: str = Field(description="Empty for what belongs to no order")
    lines: list[PayoutLineOut]
    net: MoneyOut


class PayoutOut(PayoutRowOut):
    lines: list[PayoutLineOut]
    of_orders: list[OfOrderOut]
    moves: list[str]


class PayoutMoveIn(Schema):
    model_config = ConfigDict(extra="forbid")
    fields: Fields = {}


class BankAccountIn(Schema):
    model_config = ConfigDict(extra="forbid")
    iban: str = Field(max_length=60)
