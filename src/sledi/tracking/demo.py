"""The demo world of the tracker: a list of living parcels from the simulated carriers."""

from datetime import datetime

from django.conf import settings

from sledi.accounts.operations import appoint_operator, sign_in_token
from sledi.tracking import lines
from sledi.tracking.models import TrackList
from sledi.tracking.operations import open_list, token_of

OPERATOR = "operator@localhost"


def build(now: datetime) -> list[str]:
    """One list with a number for every story the simulator tells; made once. The lines to print come back."""
    operator = appoint_operator(OPERATOR, now)
    told = [
        f"Operator's desk (works once, 15 minutes): {settings.SITE_URL}/sign-in/{sign_in_token(operator)}/"
    ]
    numbers = _story_numbers()
    if not numbers or not any(lines.account(module.SLUG).base_url for module in lines.configured()):
        return told
    first = TrackList.objects.order_by("created_at").first()
    token = token_of(first.pk) if first else open_list("\n".join(numbers[:40]), client=None, at=now).token
    return [f"Parcels on their way: {settings.SITE_URL}/t/{token}/", *told]


def _story_numbers() -> list[str]:
    try:
        from sledi_simulator import stories
    except ModuleNotFoundError:  # an installation without the simulator
        return []
    return [story.number for story in stories.stories()]
