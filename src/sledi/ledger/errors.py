"""What the ledger refuses. Nothing is written when one of these is raised, and a retry alone never helps.

LedgerRefused
├── NotEnough         the account would go below its floor
├── WrongLegs         the posting itself is wrong: amounts, currencies, accounts
├── KeyUsedOtherwise  the key stands for another act
├── TooMuch           more than was captured, debited or held
├── AlreadyResolved   a hold or payout that was already ended otherwise
└── Unknown           no such payment, hold, payout or set in this business
"""


class LedgerRefused(Exception):
    """The ledger does not do this."""


class NotEnough(LedgerRefused):
    """The account lacks ``missing``, a Money. Helps: more money on it."""

    def __init__(self, account: object, missing: object) -> None:
        super().__init__(f"{account} lacks {missing}")
        self.account = account
        self.missing = missing


class WrongLegs(LedgerRefused):
    """``reason``: not_whole, zero, negative, too_large, other_currency, unknown_currency, unbalanced, too_few,
    unknown_account, wrong_owner, wrong_provider, wrong_rate, wrong_share, wrong_key, own_way_back."""

    def __init__(self, reason: str, about: object = "") -> None:
        super().__init__(f"{reason}: {about}" if about != "" else reason)
        self.reason = reason


class KeyUsedOtherwise(LedgerRefused):
    """The idempotency key was used before, for something else."""


class TooMuch(LedgerRefused):
    """More than there is to refund, capture or release; ``left`` is what there is, a Money."""

    def __init__(self, words: str, left: object) -> None:
        super().__init__(f"{words}: {left} is left")
        self.left = left


class AlreadyResolved(LedgerRefused):
    """It was ended before, in another way."""


class Unknown(LedgerRefused):
    """There is none of this id in this business."""
