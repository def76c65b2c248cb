"""On which stretch of its way a parcel is, and when silence there becomes too long."""

from datetime import datetime

from sledi.core.timeline.lanes import Stretch, days_after, lane
from sledi.core.timeline.stages import ABROAD, ACCEPTED, ARRIVED, AT_THE_DOOR
from sledi.core.timeline.status import Standing


def stretch_of(stands: Standing) -> Stretch | None:
    """The present stretch; None when nothing is known of the parcel, or nothing more is to come."""
    if stands.is_final or stands.is_closed or stands.last_scan_at is None:
        return None
    if stands.is_returning:
        return Stretch.BACK
    if stands.route.is_domestic and ACCEPTED <= stands.rank < AT_THE_DOOR:
        return Stretch.DOMESTIC
    if stands.halt is not None and (stretch := _OF_A_STOP.get(stands.halt.stage.leg)):
        return stretch
    if stands.rank >= AT_THE_DOOR:
        return Stretch.PICKUP if stands.code == "last.ready" else Stretch.DELIVERY
    return _BY_RANK[stands.rank]


def stale_moment(stands: Standing) -> datetime | None:
    """When the silence will have lasted longer than the lane's limit, if nothing is scanned before."""
    stretch = stretch_of(stands)
    if stretch is None or stands.last_scan_at is None:
        return None
    usual = lane(stands.route.origin, stands.route.destination).stretches[stretch]
    return days_after(stands.last_scan_at, usual.limit)


_OF_A_STOP = {"imp": Stretch.CUSTOMS, "last": Stretch.DELIVERY}

_BY_RANK = tuple(
    Stretch.ANNOUNCED
    if rank < ACCEPTED
    else Stretch.ORIGIN
    if rank < ABROAD
    else Stretch.CROSSING
    if rank < ARRIVED
    else Stretch.CUSTOMS
    if rank == ARRIVED
    else Stretch.LAST
    for rank in range(AT_THE_DOOR)
)
