"""The small sheet in which a business sets its own accent colour, and nothing else.

Whatever colour it chose, words in it stay readable: by day it is darkened, by night lightened until the contrast is
that of WCAG 2.2, 1.4.3 (4.5:1) on the darkest ground it stands on by day and the lightest by night (``tokens.css``).
"""

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from sledi.accounts.access import of_request

CONTRAST_MIN = 4.5
DAY_GROUND, NIGHT_GROUND = "#f0ede6", "#1e242b"
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_STEPS = 50


@require_safe
@cache_control(max_age=300, private=True)
def sheet(request: HttpRequest, business: str) -> HttpResponse:
    """The sheet of a business; none for one that keeps our colour."""
    chosen = of_request(request, business).business.brand
    if not chosen:
        raise Http404
    rules = (
        f"--brand: {shade(chosen, DAY_GROUND, _BLACK)}; --brand-night: {shade(chosen, NIGHT_GROUND, _WHITE)};"
    )
    return HttpResponse(f"@layer tokens {{ :root {{ {rules} }} }}\n", content_type="text/css")


def shade(colour: str, ground: str, towards: Sequence[int]) -> str:
    """The colour (``#9a3412``), moved towards black or white no further than it takes to be read on the ground."""
    begin, behind = _parts(colour), _parts(ground)
    for step in range(_STEPS + 1):
        mixed = [round(one + (end - one) * step / _STEPS) for one, end in zip(begin, towards, strict=True)]
        if contrast(mixed, behind) >= CONTRAST_MIN:
            break
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Sequence[int]) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
