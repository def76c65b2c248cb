"""What is measured of the telling, for ``/metrics`` and ``/readyz``."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import Min, Q

from sledi.notifications.models import Letter, Mail
from sledi.orders.models import Outbox as Change
from sledi.tracking.models import Outbox

Measurement = tuple[str, str, Mapping[str, str], float]


def measurements(now: datetime) -> Iterator[Measurement]:
    """Age of the oldest news and change nobody was told of, and of the oldest mail and letter that is due."""
    news = Outbox.objects.filter(told_at=None).aggregate(oldest=Min("created_at"))["oldest"]
    mail = Mail.objects.filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
    untold = Change.objects.filter(told_at=None)
    given_up = Q(attempts__gt=0, retry_at=None)
    changes = untold.exclude(given_up).aggregate(oldest=Min("created_at"))["oldest"]
    letters = Letter.objects.filter(due_at__lte=now).aggregate(oldest=Min("due_at"))["oldest"]
    works = (("news", news), ("mail", mail), ("changes", changes), ("letters", letters))
    for work, oldest in works:
        age_s = (now - oldest).total_seconds() if oldest else 0.0
        yield "sledi_due_age_seconds", "Age of the oldest work that is due.", {"work": work}, age_s
    unsent = Letter.objects.filter(
        due_at=None, sent_at=None, dropped_at=None, blanked_at=None, attempts__gt=0
    )
    for work, rows in (("changes", untold.filter(given_up)), ("letters", unsent)):
        yield "sledi_due_given_up", "Due work that was tried often and is left.", {"work": work}, rows.count()
