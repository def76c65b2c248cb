"""The demo world of the tracker: a list of living parcels from the simulated carriers."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from sledi.accounts.operations import appoint_operator, sign_in_token
from sledi.tracking import lines
from sledi.tracking.models import TrackList
from sledi.tracking.operations import NUMBERS_MAX, open_list, token_of

OPERATOR = "operator@localhost"
LIST_ID = UUID("01900000-0000-7000-8000-00000000de30")
"""Of the demo's own list, so that it is never taken for somebody else's. Its link still depends on the secret."""


def build(now: datetime) -> list[str]:
    """One list with a number for every story the simulator tells; made once. The lines to print come back."""
    operator = appoint_operator(OPERATOR, now)
    told = [
        f"Operator's desk (works once, 15 minutes): {settings.SITE_URL}/sign-in/{sign_in_token(operator, now)}/"
    ]
    numbers = _story_numbers()
    if not numbers or not any(lines.account(module.SLUG).base_url for module in lines.configured()):
        return told
    if not TrackList.objects.filter(pk=LIST_ID).exists():
        open_list("\n".join(numbers[:NUMBERS_MAX]), client=None, at=now, list_id=LIST_ID)
    return [f"Parcels on their way: {settings.SITE_URL}/t/{token_of(LIST_ID)}/", *told]


def _story_numbers() -> list[str]:
    try:
        from sledi_simulator import stories
    except ModuleNotFoundError:  # an installation without the simulator
        return []
    return [story.number for story in stories.stories()]
