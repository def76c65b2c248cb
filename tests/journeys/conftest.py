import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sledi.cli.simulator import simulated_lines
from tests.journeys.office import Office
from tests.journeys.office import office as office_of
from tests.journeys.world import Stories, ask_everybody, follow, story_numbers

MONTHS = "января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря"


@pytest.fixture(scope="package")
def stories(simulated_carriers: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[Stories]:
    """All stories of the simulator, followed and asked about once for all journeys that only read."""
    from django.core.management import call_command

    simulated_carriers.simulator.reset()
    numbers = story_numbers()
    with pytest.MonkeyPatch.context() as environment, django_db_blocker.unblock():
        for name, value in simulated_lines(simulated_carriers.url).items():
            environment.setenv(name, value)
        tokens: dict[str, str] = {}
        for some in (numbers[:35], numbers[35:]):
            token = follow("\n".join(some))
            tokens |= dict.fromkeys(some, token)
        ask_everybody()
        yield Stories(tokens)
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def any_day() -> Callable[[str], str]:
    """Replaces the day in a Russian sentence: the stories move with the calendar."""
    return lambda said: re.sub(rf"\d{{1,2}}\s(?:{MONTHS})(?:\s\d{{4}}(?:\sг\.)?)?", "%", said)


@pytest.fixture
def office(db: None, request: pytest.FixtureRequest) -> Iterator[Office]:
    """The business of a module's ``PROFILE``, through its doors; ``PROFILE`` by mark ``parametrize`` otherwise."""
    with office_of(getattr(request, "param", None) or request.module.PROFILE) as found:
        yield found
