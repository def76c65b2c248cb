"""Singapore Post, as aggregators repeat it: English texts."""

from collections.abc import Mapping

from sledi_simulator.journeys import Scan
from sledi_simulator.telling import Telling, word_for

ENGLISH: Mapping[str, str] = {
    "PRE": "Information Received",
    "EMA": "Item received at SingPost",
    "ORO": "Despatched to processing centre",
    "ORI": "Processed at sorting centre",
    "EMB": "Arrived at outward office of exchange",
    "EXA": "Presented to export security screening",
    "EXB": "Held by export security screening",
    "EXC": "Released from export security screening",
    "EMC": "Despatched to overseas (Country code: {destination})",
    "FLO": "Departed from Singapore",
    "FLI": "Arrived at overseas airport",
    "@EMD": "Arrived at overseas processing centre",
    "@EMH": "Unsuccessful delivery attempt",
    "@EMI": "Delivered",
    "@RET": "Return to sender",
    "<EMI": "Returned to sender",
    "UNK": "Item under process nine",
}


def text(telling: Telling, scan: Scan) -> str | None:
    """What Singapore Post says of a scan."""
    pattern = word_for(scan, ENGLISH, "SG")
    return pattern.format(destination=telling.journey.destination) if pattern else None
