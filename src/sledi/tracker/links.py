"""Whether the official pages that we lead people to still answer: each is looked at once a day, a few at a time.

The addresses come from the carriers' directory alone. Only the first line of an answer counts, nothing of a page
is read. A page that turns programs away (403, 429) is there all the same: it is meant for people.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import httpx
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction

from sledi import carriers
from sledi.database.due import DueRows
from sledi.tracker.models import OfficialLink

BATCH = 5
ANSWER_TIMEOUT_S = 15
REDIRECTS_MAX = 5
AGAIN_AFTER = timedelta(days=1)
AGAIN_AFTER_FAILURE = timedelta(hours=3)
LINKS = DueRows("tracker_officiallink", lease_s=600, key="slug")

FIRST_LOOK_EVERY = timedelta(seconds=30)
"""New links come due one after the other, so that a fresh installation does not knock everywhere at once."""

SAMPLE = "RR123456785CN"
"""The number in addresses that carry one: of the form that posts publish in their own examples (UPU S10)."""

FAILURES_COUNTED_MAX = 1000

TURNED_AWAY = frozenset({401, 403, 405, 406, 429})
"""Answers of a page that is there and does not talk to programs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """How a page answered; ``problem`` is empty when it did, ``status`` None when nothing came."""

    status: int | None
    problem: str = ""


def check_due(now: datetime) -> int:
    """Look at the links that are due, a few per call, and write down how they answered; how many."""
    if not getattr(settings, "CHECK_LINKS", True):
        return 0
    keep_to(addresses(), now)
    claimed = list(OfficialLink.objects.filter(pk__in=LINKS.claim(now, BATCH)))
    answers = async_to_sync(look_at)([link.address for link in claimed]) if claimed else []
    for link, answer in zip(claimed, answers, strict=True):
        _write_down(link, answer, now)
    return len(claimed)


def addresses() -> dict[str, str]:
    """Each carrier's page as people get it from us, with a sample number where it carries one."""
    links = {entry.slug: entry.tracking_link(SAMPLE) for entry in carriers.directory().values()}
    return {slug: link.url for slug, link in links.items() if link}


@transaction.atomic
def keep_to(wanted: Mapping[str, str], now: datetime) -> None:
    """Make the table follow the directory: new and changed addresses are due, those that left are forgotten."""
    known = dict(OfficialLink.objects.values_list("slug", "address"))
    changed = [slug for slug, address in wanted.items() if known.get(slug) != address]
    OfficialLink.objects.exclude(slug__in=wanted).delete()
    OfficialLink.objects.filter(slug__in=changed).delete()
    OfficialLink.objects.bulk_create(
        (
            OfficialLink(slug=slug, address=wanted[slug], due_at=now + place * FIRST_LOOK_EVERY)
            for place, slug in enumerate(changed)
        ),
        ignore_conflicts=True,  # another worker was quicker
    )


async def look_at(pages: Sequence[str]) -> list[Answer]:
    """How these addresses answer, all at the same time."""
    async with httpx.AsyncClient(
        follow_redirects=False,
        trust_env=False,
        timeout=ANSWER_TIMEOUT_S,
        headers={"user-agent": f"sledi link check (+{settings.SITE_URL})", "accept": "text/html,*/*;q=0.1"},
    ) as http:
        return list(await asyncio.gather(*(_look(http, address) for address in pages)))


async def _look(http: httpx.AsyncClient, address: str) -> Answer:
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await _follow(http, address)
    except TimeoutError:
        return Answer(None, f"no answer within {ANSWER_TIMEOUT_S} s")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as problem:  # ValueError: no address at all
        return Answer(None, f"{type(problem).__name__}: {problem}"[:300].rstrip(": "))


async def _follow(http: httpx.AsyncClient, address: str) -> Answer:
    """The answer at the end of the redirects, as far as these stay as safe as the address we give people."""
    for _ in range(REDIRECTS_MAX + 1):
        async with http.stream("GET", address) as response:
            if not response.has_redirect_location:
                return _judged(response.status_code)
            target = urljoin(address, response.headers["location"])
        if urlsplit(target).scheme not in {"https", urlsplit(address).scheme}:
            return Answer(response.status_code, f"leads to {target[:200]}")
        address = target
    return Answer(response.status_code, f"more than {REDIRECTS_MAX} redirects")


def _judged(status: int) -> Answer:
    is_there = status < httpx.codes.BAD_REQUEST or status in TURNED_AWAY
    return Answer(status, "" if is_there else f"HTTP {status}")


def _write_down(link: OfficialLink, answer: Answer, now: datetime) -> None:
    """Only if the address is still the one we looked at."""
    OfficialLink.objects.filter(pk=link.pk, address=link.address).update(
        checked_at=now,
        status=answer.status,
        problem=answer.problem,
        failures_in_row=min(link.failures_in_row + 1, FAILURES_COUNTED_MAX) if answer.problem else 0,
        due_at=now + (AGAIN_AFTER_FAILURE if answer.problem else AGAIN_AFTER),
    )
