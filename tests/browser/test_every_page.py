"""Every page a reader can meet, in every language, by day and by night, wide and narrow."""

from typing import Any

import pytest

from tests.browser.site import LANGUAGES, Shown
from tests.browser.visits import Findings, walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole(browser: Any, shown: Shown, operators_cookies: Any, language: str) -> None:
    """One walk a language, four gates:

    ``access``: no violation of WCAG 2.2 A and AA or of axe's best practice, in any state of any page.
    ``width``: no scrolling sideways at 360 and 320 px, with text at double size, with wide text spacing (WCAG
    1.4.4, 1.4.10, 1.4.12).
    ``policy``: no message in the console, no error, no request to another host.
    ``language``: every page says that it is in the reader's language.
    """
    assert walk(browser, shown, operators_cookies, language) == Findings()


def test_the_walk_passes_every_kind_of_page(shown: Shown) -> None:
    assert len(shown.pages()) >= 32
