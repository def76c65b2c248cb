"""The vocabulary of parcel events: 71 codes, 35 reasons, 16 public statuses.

A carrier's code is read into one *event code* (``done.signed``), finer than any carrier needs; the
public status people see follows from it. Codes are grouped by the leg of the journey they belong to.
The step and disposition beside each code are those of GS1 Core Business Vocabulary 2.0, for EPCIS export.
Names follow UPU EMSEVT V3 where it has a word (office of exchange, retention, presentation to customs).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class PublicStatus(StrEnum):
    """What a buyer reads. ``NO_CHANGE`` is not among them: such an event is shown and the status stays."""

    REGISTERED = "REGISTERED"  # known to the carrier or to us, not yet handed in
    NOT_FOUND = "NOT_FOUND"  # the carrier has no data, or not yet
    ACCEPTED = "ACCEPTED"  # the carrier has it
    IN_TRANSIT = "IN_TRANSIT"  # moving
    CUSTOMS = "CUSTOMS"  # with customs, on either side
    ARRIVED = "ARRIVED"  # in the destination country
    OUT_FOR_DELIVERY = "OUT_FOR_DELIVERY"  # with the courier, or a visit is agreed
    READY_FOR_PICKUP = "READY_FOR_PICKUP"  # waits for the recipient
    ATTEMPT_FAILED = "ATTEMPT_FAILED"  # a delivery failed; usually tried again
    DELIVERED = "DELIVERED"  # final
    RETURNING = "RETURNING"  # on the way back
    RETURNED = "RETURNED"  # final: the sender has it
    PROBLEM = "PROBLEM"  # stopped, somebody must act
    LOST = "LOST"  # final: lost or destroyed
    CANCELLED = "CANCELLED"  # closed; a later scan opens it again
    STALE = "STALE"  # silent for longer than the lane allows; derived, never a scan


@dataclass(frozen=True, slots=True)
class EventCode:
    """One kind of parcel event.

    ``public`` is None where the event is shown but leaves the status as it was. ``owes`` names who must
    act: buyer, seller, operator, or empty. ``step`` and ``disposition`` are GS1 CBV 2.0 words or empty.
    """

    code: str
    public: PublicStatus | None
    owes: str
    step: str
    disposition: str
    meaning: str

    @property
    def leg(self) -> str:
        """The part of the journey: sys, pre, orig, exp, line, imp, last, done, ret or bad."""
        return self.code.partition(".")[0]


def _codes(*rows: EventCode) -> Mapping[str, EventCode]:
    return MappingProxyType({row.code: row for row in rows})


_P = PublicStatus
# fmt: off
EVENT_CODES: Mapping[str, EventCode] = _codes(
    # What we know about the asking itself; never a scan.
    EventCode("sys.pending", _P.REGISTERED, "", "", "unknown", "number added to us, carrier not asked yet"),
    EventCode("sys.not_found", _P.NOT_FOUND, "", "", "unknown", "carrier answered: no data (yet)"),
    EventCode("sys.bad_number", _P.NOT_FOUND, "buyer", "", "unknown", "number malformed, or the carrier says it is wrong (a wrong check digit alone is only a warning)"),
    EventCode("sys.stale", _P.STALE, "operator", "", "unknown", "derived: silence longer than the limit of the lane; never a scan"),
    EventCode("sys.error", None, "operator", "", "unknown", "fetch or adapter error; never shown as parcel progress"),
    EventCode("sys.unmapped", None, "operator", "", "unknown", "event text/code known raw, not mapped; raw text shown"),
    EventCode("sys.note", None, "", "other", "", "informational update with no movement"),
    # Before the carrier has the parcel.
    EventCode("pre.info", _P.REGISTERED, "", "commissioning", "", "carrier has electronic advance data"),
    EventCode("pre.label", _P.REGISTERED, "", "encoding", "", "label bought or printed"),
    EventCode("pre.cancelled", _P.CANCELLED, "seller", "void_shipping", "inactive", "shipment voided before acceptance"),
    EventCode("pre.not_ready", _P.PROBLEM, "seller", "picking", "", "sender had nothing ready at pickup"),
    # With the origin post.
    EventCode("orig.accepted", _P.ACCEPTED, "", "accepting", "in_progress", "first physical scan: posted or collected"),
    EventCode("orig.hub", _P.IN_TRANSIT, "", "receiving", "in_progress", "processed at an origin-side facility"),
    EventCode("orig.departed", _P.IN_TRANSIT, "", "departing", "in_transit", "left the first origin facility"),
    # Leaving the origin country.
    EventCode("exp.office_in", _P.IN_TRANSIT, "", "arriving", "in_progress", "arrived at outward office of exchange"),
    EventCode("exp.customs_in", _P.CUSTOMS, "", "inspecting", "in_progress", "presented to export customs or security"),
    EventCode("exp.customs_held", _P.CUSTOMS, "seller", "holding", "unavailable", "held by export customs or security"),
    EventCode("exp.customs_out", _P.IN_TRANSIT, "", "departing", "in_progress", "returned/cleared by export customs or security"),
    EventCode("exp.held", _P.PROBLEM, "operator", "holding", "unavailable", "held at outward office of exchange"),
    EventCode("exp.cancelled", _P.PROBLEM, "seller", "void_shipping", "inactive", "export cancelled; parcel goes back"),
    EventCode("exp.departed", _P.IN_TRANSIT, "", "departing", "in_transit", "left the origin country; starts the silence-at-the-border clock"),
    # Between the posts.
    EventCode("line.moving", _P.IN_TRANSIT, "", "transporting", "in_transit", "moving, no finer meaning"),
    EventCode("line.hub_in", _P.IN_TRANSIT, "", "arriving", "in_transit", "arrived at a hub (side unknown)"),
    EventCode("line.hub_out", _P.IN_TRANSIT, "", "departing", "in_transit", "departed a hub (side unknown)"),
    EventCode("line.flight_out", _P.IN_TRANSIT, "", "departing", "in_transit", "vehicle/flight left"),
    EventCode("line.flight_in", _P.IN_TRANSIT, "", "arriving", "in_transit", "vehicle/flight arrived"),
    EventCode("line.transit_in", _P.IN_TRANSIT, "", "arriving", "in_transit", "arrived at a transit (third-country) office of exchange"),
    EventCode("line.transit_out", _P.IN_TRANSIT, "", "departing", "in_transit", "departed a transit office of exchange"),
    EventCode("line.resumed", _P.IN_TRANSIT, "", "transporting", "in_transit", "earlier problem solved, moving again"),
    EventCode("line.redirected", _P.IN_TRANSIT, "", "consigning", "in_transit", "forwarded to another address"),
    EventCode("line.misrouted", _P.PROBLEM, "operator", "transporting", "mismatch_instance", "missorted or misrouted"),
    EventCode("line.delayed", _P.PROBLEM, "", "transporting", "in_transit", "delayed; the reason says why"),
    # Entering the destination country.
    EventCode("imp.office_in", _P.ARRIVED, "", "arriving", "in_progress", "arrived in destination country, inward office of exchange; stops the border clock"),
    EventCode("imp.held", _P.PROBLEM, "operator", "holding", "unavailable", "held at inward office of exchange"),
    EventCode("imp.customs_in", _P.CUSTOMS, "", "inspecting", "in_progress", "presented to import customs / clearance started"),
    EventCode("imp.customs_held", _P.CUSTOMS, "buyer", "holding", "unavailable", "held or delayed by import customs"),
    EventCode("imp.customs_docs", _P.CUSTOMS, "buyer", "holding", "non_conformant", "customs need documents or data"),
    EventCode("imp.customs_pay", _P.CUSTOMS, "buyer", "holding", "unavailable", "duty, tax, fee or cash due"),
    EventCode("imp.customs_out", _P.ARRIVED, "", "departing", "in_progress", "released by import customs"),
    EventCode("imp.office_out", _P.ARRIVED, "", "departing", "in_transit", "left the inward office of exchange"),
    EventCode("imp.terminated", _P.PROBLEM, "seller", "void_shipping", "inactive", "import stopped for good"),
    # With the post that delivers.
    EventCode("last.handover", _P.ARRIVED, "", "consigning", "in_transit", "handed to the local (last-mile) carrier; opens the next leg"),
    EventCode("last.sort_in", _P.ARRIVED, "", "receiving", "in_progress", "into destination sorting centre"),
    EventCode("last.sort_out", _P.ARRIVED, "", "departing", "in_transit", "out of destination sorting centre"),
    EventCode("last.office_in", _P.ARRIVED, "", "arriving", "in_progress", "at delivery office / destination depot"),
    EventCode("last.held", _P.PROBLEM, "buyer", "holding", "unavailable", "held at delivery office"),
    EventCode("last.scheduled", _P.OUT_FOR_DELIVERY, "", "staging_outbound", "", "delivery appointment made"),
    EventCode("last.contacted", _P.OUT_FOR_DELIVERY, "", "staging_outbound", "", "recipient contacted before delivery"),
    EventCode("last.out", _P.OUT_FOR_DELIVERY, "", "departing", "in_transit", "with the courier or postman"),
    EventCode("last.ready", _P.READY_FOR_PICKUP, "buyer", "storing", "available", "waiting at office, locker or pickup point; starts the storage-days clock"),
    EventCode("last.failed", _P.ATTEMPT_FAILED, "buyer", "holding", "in_progress", "delivery attempt failed; the reason says why"),
    EventCode("last.action", _P.ATTEMPT_FAILED, "buyer", "holding", "unavailable", "buyer must act before delivery"),
    # Delivered: final.
    EventCode("done.delivered", _P.DELIVERED, "", "receiving", "retail_sold", "delivered, manner unknown"),
    EventCode("done.signed", _P.DELIVERED, "", "receiving", "retail_sold", "delivered against signature"),
    EventCode("done.collected", _P.DELIVERED, "", "collecting", "retail_sold", "collected by the recipient"),
    EventCode("done.cod", _P.DELIVERED, "", "receiving", "retail_sold", "delivered, cash collected"),
    EventCode("done.neighbour", _P.DELIVERED, "", "receiving", "retail_sold", "left with a neighbour or another person"),
    # Going back to the sender.
    EventCode("ret.started", _P.RETURNING, "seller", "shipping", "returned", "on the way back to the sender"),
    EventCode("ret.done", _P.RETURNED, "seller", "receiving", "returned", "sender has it back"),
    # Something went wrong.
    EventCode("bad.other", _P.PROBLEM, "", "holding", "", "exception, no finer meaning"),
    EventCode("bad.address", _P.PROBLEM, "buyer", "holding", "non_conformant", "address wrong, incomplete or not found"),
    EventCode("bad.moved", _P.PROBLEM, "buyer", "holding", "non_conformant", "recipient moved"),
    EventCode("bad.refused", _P.PROBLEM, "seller", "holding", "returned", "recipient refused"),
    EventCode("bad.unclaimed", _P.PROBLEM, "buyer", "holding", "unavailable", "not collected in time"),
    EventCode("bad.rejected", _P.PROBLEM, "seller", "holding", "non_conformant", "carrier refused the parcel (rules, size, packing)"),
    EventCode("bad.security", _P.PROBLEM, "operator", "holding", "unavailable", "security or regulatory hold"),
    EventCode("bad.damaged", _P.PROBLEM, "seller", "inspecting", "damaged", "damaged"),
    EventCode("bad.lost", _P.LOST, "seller", "", "unavailable", "declared lost"),
    EventCode("bad.destroyed", _P.LOST, "seller", "destroying", "destroyed", "destroyed or disposed of"),
    EventCode("bad.cancelled", _P.CANCELLED, "seller", "void_shipping", "inactive", "cancelled after acceptance by sender, buyer or carrier"),
    EventCode("bad.inquiry", _P.PROBLEM, "operator", "holding", "unknown", "carrier investigation open"),
)
# fmt: on

FINAL_CODES = frozenset(
    {code for code in EVENT_CODES if code.startswith("done.")} | {"ret.done", "bad.lost", "bad.destroyed"}
)
"""Codes that end a journey: a late scan of an earlier stage does not reopen it."""

CLOSING_CODES = frozenset({"pre.cancelled", "bad.cancelled", "imp.terminated"})
"""Codes that end the asking, but give way to any later physical scan."""

REASONS: Mapping[str, str] = MappingProxyType(
    {
        "carrier_damaged_parcel": "bad.damaged",
        "carrier_sorting_error": "line.misrouted",
        "carrier_address_not_found": "bad.address",
        "carrier_parcel_lost": "bad.lost",
        "carrier_not_enough_time": "last.failed",
        "carrier_vehicle_issue": "line.delayed",
        "carrier_capacity_exceeded": "line.delayed",
        "carrier_mechanical_delay": "line.delayed",
        "retailer_cancelled": "bad.cancelled",
        "retailer_incorrect_data": "bad.rejected",
        "retailer_not_ready": "pre.not_ready",
        "retailer_incorrect_parcel": "bad.rejected",
        "retailer_incorrect_dimensions": "bad.rejected",
        "retailer_packaging_issue": "bad.rejected",
        "consignee_refused": "bad.refused",
        "consignee_business_closed": "last.failed",
        "consignee_not_available": "last.failed",
        "consignee_not_home": "last.failed",
        "consignee_cancelled": "bad.cancelled",
        "consignee_verification_failed": "last.failed",
        "consignee_incorrect_address": "bad.address",
        "consignee_access_restricted": "last.failed",
        "consignee_safe_place_unavailable": "last.failed",
        "customs_delay": "imp.customs_held",
        "customs_documentation": "imp.customs_docs",
        "customs_duties_unpaid": "imp.customs_pay",
        "customs_prohibited": "imp.terminated",
        "customs_inspection": "imp.customs_in",
        "weather_delay": "line.delayed",
        "natural_disaster": "line.delayed",
        "force_majeure": "line.delayed",
        "parcel_being_researched": "bad.inquiry",
        "security_issue": "bad.security",
        "regulatory_hold": "bad.security",
        "unknown": "bad.other",
    }
)
"""Why something happened, and the event code it implies when nothing finer is known (as in karrio)."""
