"""The one timeline of an item as its page tells it: records in the business's words, scans in the carriers'."""

from collections.abc import Callable

from sledi.orders import reading
from sledi.orders.pages.cards import Line, Moment
from sledi.web.scans import line_view


def moments(
    page: reading.ItemPage, line_of: Callable[[reading.Told], Line], language: str
) -> tuple[Moment, ...]:
    """All moments, the newest first."""
    return tuple(_moment(one, line_of, language) for one in reversed(page.happenings))


def _moment(one: reading.Happening, line_of: Callable[[reading.Told], Line], language: str) -> Moment:
    if one.scan is not None and one.timeline is not None:
        return Moment(one.at, one.number, scan=line_view(one.scan, one.timeline, language))
    assert one.told is not None
    return Moment(one.at, line=line_of(one.told))
