"""Bulgarian Posts, as aggregators repeat it: the English texts of UPU's IPS, inbound and outbound.

The first rows are those of stdakov/bgpost's sample; the others follow the IPS vocabulary.
"""

from collections.abc import Mapping

from sledi_simulator.journeys import Scan
from sledi_simulator.telling import word_for

ENGLISH: Mapping[str, str] = {
    "PRE": "Receive pre-advice of item (Otb)",
    "EMA": "Receive item from customer (Otb)",
    "ORO": "Send item to domestic location (Otb)",
    "ORI": "Receive item at sorting centre (Otb)",
    "EMB": "Receive item at office of exchange (Otb)",
    "EXA": "Send item to customs (Otb)",
    "EXC": "Return item from customs (Otb)",
    "EMC": "Send item abroad (Otb)",
    "@EMC": "Send item abroad (EDI-received)",
    "EMD": "Receive item at office of exchange (Inb)",
    "@EMD": "Receive item at office of exchange (EDI-received)",
    "EDB": "Send item to customs (Inb)",
    "EME": "Record item customs information (Inb)",
    "EDC": "Return item from customs (Inb)",
    "EMF": "Send item to domestic location (Inb)",
    "EDD": "Receive item at sorting centre (Inb)",
    "EDE": "Send item from sorting centre (Inb)",
    "EMG": "Receive item at delivery office (Inb)",
    "EDG": "Send item out for physical delivery (Inb)",
    "EDH": "Receive item at collection point for pick-up (Inb)",
    "EMH": "Unsuccessful delivery (Inb)",
    "EMI": "Deliver item (Inb)",
    "RET": "Return item to sender",
    "<EMI": "Deliver returned item to sender",
    "UNK": "Apply procedure nine (Inb)",
}


def text(scan: Scan) -> str | None:
    """What Bulgarian Posts say of a scan."""
    return word_for(scan, ENGLISH, "BG")
