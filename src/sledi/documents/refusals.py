"""Why a document cannot be printed now. Nothing was made, no number was used."""


class NotPrintable(Exception):
    """``reason``: not_now (the order's state), no_details (of the seller), no_prices, no_goods, not_issued
    (yet: for those who may print it, and not make it). Waiting or adding what is missing helps.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class WrongDetails(Exception):
    """What somebody typed about himself is not right; nothing was saved. ``wrong``: field -> what, in words."""

    def __init__(self, wrong: dict[str, str]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = wrong
