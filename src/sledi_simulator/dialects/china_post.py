"""China Post, as aggregators repeat it: Chinese texts, English ones for EMS and tracked letters.

Texts follow those seen in public histories of international letters and packets.
"""

from collections.abc import Mapping

from sledi_simulator.journeys import Scan
from sledi_simulator.places import COUNTRIES
from sledi_simulator.telling import Telling, word_for

CHINESE: Mapping[str, str] = {
    "PRE": "邮件信息已接收，等待揽收",
    "EMA": "【{name}】已收寄",
    "ORO": "离开【{name}】，下一站【{next}】",
    "ORI": "到达【{name}】",
    "EMB": "到达【{name}】",
    "EXA": "【{name}】出口海关/留存待验",
    "EXB": "【{name}】出口海关/扣留",
    "EXC": "【{name}】出口海关/放行",
    "EMC": "【{name}】已出口直封，发往{destination}",
    "FLO": "【{name}】航空公司启运",
    "FLI": "【{latin}】飞机进港",
    "EMJ": "【{latin}】到达境外经转局",
    "EMK": "离开境外经转局【{latin}】",
    "@EMD": "【{country}】到达境外进口互换局",
    "@EMH": "【{country}】未妥投",
    "@EMI": "【{country}】已妥投",
    "@RET": "【{country}】退回",
    "<EMI": "【{name}】退回邮件，寄件人已签收",
    "UNK": "【{name}】特殊环节九号处理",
}

ENGLISH: Mapping[str, str] = {
    "PRE": "Shipment information received",
    "EMA": "Posted",
    "ORO": "Departed from the collection office",
    "ORI": "Arrived at the processing centre",
    "EMB": "Arrived at export office",
    "EXA": "Presented to export customs",
    "EXB": "Held by export customs",
    "EXC": "Released from export customs",
    "EMC": "Departed from export office",
    "FLO": "Handed over to the airline, departed",
    "FLI": "Flight arrived",
    "EMJ": "Arrived at transit office of exchange",
    "EMK": "Departed from transit office of exchange",
    "@EMD": "Arrived at destination import office",
    "@EMH": "Unsuccessful delivery",
    "@EMI": "Delivered",
    "@RET": "Being returned to the sender",
    "<EMI": "Returned, delivered to the sender",
    "UNK": "Handled under procedure nine",
}


def speaks_english(number: str) -> bool:
    """Whether the post offers English texts for such a number."""
    return number[0] in "EL"


def text(telling: Telling, scan: Scan) -> str | None:
    """What China Post says of a scan."""
    pattern = word_for(scan, ENGLISH if speaks_english(telling.number) else CHINESE, "CN")
    if pattern is None:
        return None
    stops = [each for each in telling.journey.scans if each.at > scan.at]
    return pattern.format(
        name=scan.place.name,
        latin=scan.place.latin,
        next=stops[0].place.name if stops else "",
        country=COUNTRIES[scan.place.country].zh,
        destination=COUNTRIES[telling.journey.destination].zh,
    )
