"""The demo world: five businesses, their people, and orders in every state of every profile.

Each business is a file of this folder, ``<profile>.yaml``, read by ``stories``; ``world`` acts it out, oldest step
first, through the operations that people and machines use. A business that is there already is left as it is.
"""

from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from itertools import groupby

from django.conf import settings
from django.db import connection, transaction

from sledi import profiles
from sledi.accounts import roles
from sledi.accounts.models import Business
from sledi.carriers import all_carriers
from sledi.orders.automatic import deadlines
from sledi.orders.demo.stories import Character, Plot, plot
from sledi.orders.demo.world import Stage
from sledi.tracking import lines
from sledi.tracking.models import Watch

IS_SLOW = True
"""For ``sledi up``: nobody is to wait for it in front of the first page."""

_LOCK = 0x51EDE  # two that build at once: the second finds everything there


def build(now: datetime) -> list[str]:
    """Make what is missing of the demo's businesses; the lines for a newcomer: where they are, who is in them."""
    made = [name for name in profiles.names() if _has_plot(name) and _make(name, now)]
    while made and deadlines.run_due_timers(now):
        pass
    told = [line for name in profiles.names() if _has_plot(name) for line in _told(plot(name))]
    return [*told, *filter(None, [_how_to_sign_in()])]


def _has_plot(profile: str) -> bool:
    return files("sledi.orders.demo").joinpath(f"{profile}.yaml").is_file()


def _make(profile: str, now: datetime) -> bool:
    """Make one business, whole or not at all; whether it was missing."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        if Business.objects.filter(slug=profile).exists():
            return False
        numbers = Stage(plot(profile), now).act()
        _ask_no_real_carrier(numbers)
    return True


def _ask_no_real_carrier(numbers: set[str]) -> None:
    """Invented numbers may be somebody's: only the simulator is asked about them."""
    simulated = [module.SLUG for module in all_carriers() if lines.account(module.SLUG).base_url]
    ours = Watch.objects.filter(number__in=numbers, asked_at=None)
    ours.exclude(carrier__in=simulated).update(due_at=None)


def _told(told: Plot) -> Iterator[str]:
    """Where a business is, and whom to sign in as: the people of each role."""
    yield f"{told.business['name']}: {settings.SITE_URL}/{told.profile}/"
    for role, people in groupby(sorted(told.people.values(), key=_rank), key=lambda one: one.role):
        yield f"  {role:<10} {', '.join(one.email for one in people)}"


def _rank(character: Character) -> int:
    return list(roles.NAMES).index(character.role)


def _how_to_sign_in() -> str:
    mails = getattr(settings, "EMAIL_FILE_PATH", None)
    return f"Sign in with any of these addresses; the code is in the newest file of {mails}" if mails else ""
