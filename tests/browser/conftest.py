from collections.abc import Iterator
from typing import Any

import pytest

from sledi.cli.simulator import simulated_lines
from tests.browser.site import Shown, build
from tests.journeys.world import sign_in


@pytest.fixture(scope="package")
def shown(site_address: str, simulated_carriers: Any, django_db_blocker: Any) -> Iterator[Shown]:
    """The real site with something on every page, for all tests here that only look."""
    from django.core.management import call_command

    simulated_carriers.simulator.reset()
    with pytest.MonkeyPatch.context() as environment, django_db_blocker.unblock():
        for name, value in simulated_lines(simulated_carriers.url).items():
            environment.setenv(name, value)
        yield build(site_address)
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="package")
def operators_cookies(shown: Shown, django_db_blocker: Any) -> dict[str, Any]:
    """The session of an operator who signed in by link, as a browser keeps it."""
    from django.test import Client

    client = Client()
    with django_db_blocker.unblock():
        sign_in(client)
    return {
        "cookies": [
            {"name": name, "value": cookie.value, "domain": "localhost", "path": "/", "sameSite": "Lax"}
            for name, cookie in client.cookies.items()
            if name == "sessionid"
        ]
    }
