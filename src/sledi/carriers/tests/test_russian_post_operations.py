import csv
from itertools import pairwise
from zoneinfo import available_timezones

import pytest

from sledi.carriers import russian_post
from sledi.carriers.russian_post import tables
from sledi.carriers.tests.russian_post_replies import EXAMPLES, history, record
from sledi.core.statuses import EVENT_CODES, REASONS


def dictionary():
    with (EXAMPLES / "operations.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def pair_of(row):
    return int(row["OperType"]), 0 if row["OperAttr"] == "none/0" else int(row["OperAttr"])


def code(pair):
    [report] = russian_post.read(history(record(pair))).reports
    return report.events[0].code


def reason(pair):
    [report] = russian_post.read(history(record(pair))).reports
    return report.events[0].reason


def test_all_446_pairs_of_the_dictionary_are_decided_and_no_other():
    assert len(tables.OPERATIONS) == 446
    assert set(tables.OPERATIONS) == {pair_of(row) for row in dictionary()}


def test_russian_names_are_those_of_the_dictionary():
    for row in dictionary():
        operation = tables.OPERATIONS[pair_of(row)]
        assert (operation.type_ru, operation.attribute_ru) == (row["name"], row["attribute"])


def test_each_name_has_an_english_one():
    for pair, operation in tables.OPERATIONS.items():
        assert operation.type_en, pair
        assert bool(operation.attribute_en) == bool(operation.attribute_ru), pair
        assert (operation.type_en + operation.attribute_en).isascii(), pair


def test_codes_and_reasons_belong_to_the_vocabulary():
    for operation in [*tables.OPERATIONS.values(), *tables.TYPES.values()]:
        codes = {operation.code, operation.in_origin, operation.in_destination, operation.in_transit} - {""}
        assert codes <= set(EVENT_CODES)
        assert operation.reason in {"", *REASONS}


# What a coarse class may become. A pair outside its class must be a decision of the list below.
CLASSES = {
    "info_received": {"pre.info", "pre.label", "pre.not_ready"},
    "accepted": {"orig.accepted", "orig.hub"},
    "in_transit": {
        *("line.moving", "orig.hub", "orig.departed", "exp.office_in", "line.hub_in", "line.hub_out"),
        *("line.flight_out", "line.flight_in", "line.transit_in", "line.transit_out", "line.resumed"),
        *("line.redirected", "line.misrouted", "imp.office_out", "last.handover", "last.sort_in"),
        *("last.sort_out", "last.office_in"),
    },
    "export": {
        "line.moving",
        "exp.office_in",
        "exp.customs_in",
        "exp.customs_held",
        "exp.customs_out",
        "exp.departed",
    },
    "export or import (by country of the operation)": {
        *("line.hub_in", "line.hub_out", "exp.office_in", "exp.departed", "imp.office_in", "imp.office_out"),
        *("line.transit_in", "line.transit_out"),
    },
    "arrived_destination_country": {"imp.office_in", "line.flight_in"},
    "customs": {"imp.customs_in", "exp.customs_in", "imp.customs_out", "exp.customs_out"},
    "customs_hold": {
        "imp.customs_held",
        "imp.customs_docs",
        "imp.customs_pay",
        "imp.terminated",
        "exp.customs_held",
    },
    "import": {"imp.customs_out", "imp.office_in", "imp.office_out"},
    "out_for_delivery": {"last.out", "last.scheduled", "last.contacted"},
    "available_for_pickup": {"last.ready", "last.office_in", "last.held"},
    "delivery_failed": {"last.failed", "last.action", "bad.refused", "bad.address", "bad.moved"},
    "delivered": {"done.delivered", "done.signed", "done.collected", "done.cod", "done.neighbour"},
    "returning": {"ret.started"},
    "returned": {"ret.done"},
    "lost": {"bad.lost"},
    "damaged": {"bad.damaged"},
    "expired": {"bad.unclaimed"},
    "cancelled": {"bad.cancelled", "pre.cancelled", "exp.cancelled"},
    "exception": {
        *("bad.other", "line.delayed", "line.misrouted", "bad.rejected", "bad.security", "bad.address"),
        *("bad.damaged", "bad.inquiry", "exp.held", "imp.held", "imp.terminated", "last.held"),
    },
    "exception (final)": {"bad.destroyed"},
    "none": {"sys.note"},
}
CLASSES |= {
    "delivered (partial)": CLASSES["delivered"],
    "exception (missent)": {"line.misrouted"},
    "exception (seized)": {"bad.destroyed"},
    "exception (destroyed, final)": {"bad.destroyed"},
    "exception (customs decision)": {"imp.terminated"},
    "exception (refused at acceptance)": {"bad.rejected"},
    "exception (shortage)": {"bad.inquiry"},
    "none (cancels the preceding operation)": {"sys.note"},
}
DECIDED_OTHERWISE = {(4, 5), (4, 6), (15, 0), (31, 57)}


def test_every_code_stays_in_the_coarse_class_of_its_pair():
    outside = set()
    for row in dictionary():
        operation = tables.OPERATIONS[pair_of(row)]
        codes = {operation.code, operation.in_origin, operation.in_destination, operation.in_transit} - {""}
        if not codes <= CLASSES[row["normalised"]]:
            outside.add(pair_of(row))
    assert outside == DECIDED_OTHERWISE


def test_the_contracts_finals_end_the_journey():
    finals = {pair_of(row) for row in dictionary() if row["final"] == "yes"}
    codes = {tables.OPERATIONS[pair].code for pair in finals}
    # 15 is final for the source; a late scan may still come.
    assert codes == {
        "done.delivered",
        "done.collected",
        "ret.done",
        "bad.lost",
        "bad.destroyed",
        "bad.unclaimed",
    }


# The worked decisions, one row each


def pairs(text):
    """``2:2,4,7 62`` -> 2:2, 2:4, 2:7, 62:0."""
    for group in text.split():
        kind, _, attributes = group.partition(":")
        for attribute in attributes.split(",") if attributes else ["0"]:
            first, _, last = attribute.partition("-")
            for number in range(int(first), int(last or first) + 1):
                yield f"{kind}:{number}"


DECISIONS = {
    "1:1-11": "orig.accepted",
    "2:0,1,5,6,8,10-15,17-19,25-27": "done.delivered",
    "2:3,21,23": "done.collected",
    "2:2,4,7,9,16,20,22,24,28-31 62": "ret.done",
    "3:1-23 8:36,41 14:2 55:1": "ret.started",
    "4:1,2,4,7-9,12-19": "line.redirected",
    "4:3": "line.misrouted",
    "4:10": "imp.customs_pay",
    "4:5,6": "bad.unclaimed",
    "4:11": "bad.damaged",
    "5:1 12:28 42:28 18": "bad.lost",
    "5:2 16 17": "bad.destroyed",
    "5:3": "line.misrouted",
    "5:8": "imp.terminated",
    "6:1-5": "last.ready",
    "7:1,2 8:40 12:12 42:12 15 23": "bad.unclaimed",
    "8:1": "orig.departed",
    "8:7": "line.transit_in",
    "8:8": "line.transit_out",
    "8:13": "imp.office_in",
    "8:2": "last.ready",
    "8:15,18": "last.out",
    "8:22": "last.office_in",
    "8:21 38:4": "bad.address",
    "8:47 7:3": "bad.security",
    "8:65 1027:1-4": "bad.inquiry",
    "9:1,2": "imp.office_in",
    "10": "exp.departed",
    "11": "imp.customs_in",
    "12:1,2,7,8,10,11,13,18,21,22,26,27,29,30 42:1,2,7,8,10,11,13,18,21,22,26,27,29,30": "last.failed",
    "12:3,4 42:3,4": "bad.address",
    "12:5,16 42:5,16": "bad.moved",
    "12:6 42:6": "bad.refused",
    "12:14 42:14": "bad.damaged",
    "12:15 42:15": "last.action",
    "12:19 42:19": "imp.customs_held",
    "12:20 42:20": "imp.customs_docs",
    "12:23,24 42:23,24": "imp.terminated",
    "12:25 42:25": "line.misrouted",
    "12:9,17 42:9,17": "last.ready",
    "14:1,13,16": "imp.customs_out",
    "14:6": "imp.customs_pay",
    "14:26": "exp.customs_out",
    "14:25": "exp.customs_held",
    "14:4,5,8,9,14,15,17,19,20,23": "imp.customs_held",
    "14:3,7,10-12,18,21,22,24": "imp.customs_in",
    "20 27 28 37": "pre.info",
    "46": "pre.cancelled",
    "21:1": "done.delivered",
    "21:2,3": "done.signed",
    "22:5": "bad.refused",
    "22:7,8": "bad.moved",
    "22:2,3,4": "bad.address",
    "22:1,6,9": "last.failed",
    "24:1-5,1019,1020,1057,1058,1062-1065,1070,1099": "imp.customs_held",
    "24:1050-1056,1059-1061,1073": "imp.customs_docs",
    "31:5-7,14,31,40-43,59,74,82": "line.moving",
    "31:1,21,23": "line.flight_in",
    "31:24,48": "line.flight_out",
    "31:57": "line.delayed",
    "44:1-15": "bad.rejected",
    "50:1-8 51:1-6 57": "last.failed",
    "48": "done.delivered",
}


@pytest.mark.parametrize(("group", "expected"), DECISIONS.items())
def test_a_worked_decision(group, expected):
    assert {pair: code(pair) for pair in pairs(group) if code(pair) != expected} == {}


def test_no_worked_pair_is_missing_from_the_dictionary():
    listed = {f"{kind}:{attribute}" for kind, attribute in tables.OPERATIONS}
    assert {pair for group in DECISIONS for pair in pairs(group)} <= listed


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("3:4", "consignee_refused"),
        ("3:10", "consignee_incorrect_address"),
        ("3:7", "customs_prohibited"),
        ("5:2", "regulatory_hold"),
        ("12:1", "consignee_not_home"),
        ("14:6", "customs_duties_unpaid"),
        ("24:1050", "customs_documentation"),
        ("8:2", ""),
    ],
)
def test_the_cause_is_kept(pair, expected):
    assert reason(pair) == expected


def test_every_failed_attempt_has_a_reason():
    failed = {pair: o.reason for pair, o in tables.OPERATIONS.items() if o.code == "last.failed"}
    assert all(failed.values())


def test_delivered_by_the_airline_is_not_delivered():
    assert not code("31:21").startswith("done.")


def test_zones_do_not_overlap_and_exist():
    rows = list(tables.rows("zones.csv"))
    ends = [(int(first), int(last)) for first, last, _ in rows]
    assert all(first <= last for first, last in ends)
    assert all(before[1] < after[0] for before, after in pairwise(ends))
    assert {zone for _, _, zone in rows} <= available_timezones()
