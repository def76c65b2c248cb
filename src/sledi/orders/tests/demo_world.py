"""The demo world for tests: made once a module, and whatever a test changes in it is undone.

It lives in a transaction that is never committed, so it is for tests in this process; a test with the real site, or
with ``transactional_db``, builds its own with ``demo.build``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from sledi.accounts.models import Business
from sledi.orders import demo

NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def built_world(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Business]]:
    with django_db_blocker.unblock(), transaction.atomic():
        demo.build(NOW)
        yield {business.slug: business for business in Business.objects.all()}
        transaction.set_rollback(True)


@pytest.fixture
def demo_world(built_world: dict[str, Business], db: None) -> dict[str, Business]:
    """The five businesses by their profiles, as they are at ``NOW``."""
    return built_world
