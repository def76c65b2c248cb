"""Why goods were not found or not changed; ``core.workflow.Refused`` is about what was said of them.

NotDescribed
├── NoSuchProduct     not there, or not for these eyes: one answer for both
└── StaleProduct      somebody changed it since it was read; read again, then try again
"""


class NotDescribed(Exception):
    """Nothing changed."""


class NoSuchProduct(NotDescribed):
    """The product does not exist, or this person may not see it. Trying again does not help."""


class StaleProduct(NotDescribed):
    """The caller saw version ``expected``, the product is at ``found``. Trying again after reading may help."""

    def __init__(self, expected: int, found: int) -> None:
        super().__init__(f"version {expected} was expected, {found} was found")
        self.expected, self.found = expected, found
