"""Reports of a business: how often each reason was given, over days that the reader chooses."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from sledi.accounts.access import Access, members_only
from sledi.orders import reading, showing
from sledi.orders.pages import places
from sledi.web.indexing import noindex

DAYS_SHOWN = 30
"""How many days a report begins with."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where things came to, and for which reasons: words and counts, with their sum."""

    key: str
    level: str
    pill: showing.Pill
    rows: tuple[tuple[str, int], ...]
    total: int


@require_safe
@noindex
@members_only
def reasons(request: HttpRequest, access: Access) -> HttpResponse:
    """Why things came to nothing, from one day to another, both included."""
    today = datetime.now(UTC).date()
    until = _day(request.GET.get("until", "")) or today
    since = _day(request.GET.get("since", "")) or until - timedelta(days=DAYS_SHOWN - 1)
    workflow, language = access.business.workflow, get_language() or "en"
    counted = reading.reasons(access, since, until)
    tables = [
        Table(
            key=f"{level}-{state.key}",
            level=showing.level_name(level),
            pill=showing.pill_of(workflow, state, language),
            rows=tuple((workflow.words(one.words, language), one.count) for one in group),
            total=sum(one.count for one in group),
        )
        for (level, state), found in groupby(counted, key=lambda one: (one.level, one.state))
        for group in (list(found),)
    ]
    page = {"tables": tables, "since": since.isoformat(), "until": until.isoformat()}
    return render(request, "orders/reasons.html", places.frame_of(access, "reports") | page)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
