"""A state is its reader's move only where a move of his leads on."""

import pytest

from sledi import profiles
from sledi.orders.showing import leads_on


@pytest.mark.parametrize(
    ("source", "target", "leads"),
    [
        ("queued", "buying", True),
        ("queued", "withdrawn", False),  # taken off the order
        ("buying", "cannot_supply", False),
        ("queued", None, False),  # a question to the Logist
        ("packed", "received", False),  # back
        ("packed", "delivered", True),
    ],
)
def test_giving_up_is_no_way_on(source: str, target: str | None, leads: bool) -> None:
    assert leads_on(profiles.workflow("buyout"), "item", source, target) is leads
