"""What journeys stand on: site, browser, worker and simulator share one world with the test."""

import time
from typing import Any

import pytest

from sledi.tracking.models import Event, Watch

NUMBER = "RB151323935CN"  # a story of the simulator


@pytest.mark.browser
def test_browser_site_worker_and_simulator_share_the_tests_database(
    live_site: str, live_worker: None, simulator: Any, page: Any
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("requestfailed", lambda request: complaints.append(f"{request.url} {request.failure}"))
    page.goto(live_site)
    page.locator("textarea").first.fill(NUMBER)
    page.locator("form:has(textarea) button[type=submit]").first.click()
    page.wait_for_url("**/t/**")
    assert Watch.objects.filter(number=NUMBER).exists()
    deadline = time.monotonic() + 20
    while not Event.objects.exists():
        assert time.monotonic() < deadline, "the worker asked nobody"
        time.sleep(0.1)
    assert complaints == []


@pytest.mark.django_db
def test_the_next_test_finds_the_database_empty() -> None:
    assert not Watch.objects.exists()
