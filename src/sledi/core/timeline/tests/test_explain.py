"""Everything shown can say which raw line, from whom, fetched when, by which rule."""

import re
from importlib.resources import files

import pytest

from sledi.core.statuses import EVENT_CODES
from sledi.core.timeline import RULES, derive, explain_line, explain_milestone, explain_status
from sledi.core.timeline.tests.scans import (
    arrived_in_almaty,
    delivered_in_karaganda,
    exported,
    kazakhstan,
    moment,
    russia,
    scan,
)

NOW = moment("12-03 00:00")


def test_a_status_names_its_raw_line_its_source_and_the_moment_of_fetching() -> None:
    told = kazakhstan(
        "imp.customs_pay",
        "11-24 05:40",
        raw_code="CUST12",
        text="Ожидает оплаты",
        reply="r-77",
        seen="11-24 06:15",
    )
    found = explain_status(derive([*arrived_in_almaty(), told], destination="KZ"), moment("11-25 00:00"))
    assert (found.rule, found.words) == ("problem", RULES["problem"])
    line = found.evidence[0]
    assert (line.source, line.raw_code, line.raw_text) == ("kazpost", "CUST12", "Ожидает оплаты")
    assert (line.seen_at, line.reply) == (moment("11-24 06:15"), "r-77")


def test_a_stale_status_names_the_limit_of_its_lane_and_its_source() -> None:
    timeline = derive(exported(), origin="CN", destination="KZ")
    found = explain_status(timeline, moment("2027-03-01 00:00"))
    assert found.rule == "lane-silence"
    assert "Limit: 40 days (assumption" in found.words
    assert found.evidence[0].raw_code == "raw exp.departed"


def test_a_status_of_which_nothing_is_known_says_so() -> None:
    found = explain_status(derive([]), NOW)
    assert (found.rule, found.evidence) == ("nothing-known", ())


def test_a_line_told_twice_shows_both_tellers() -> None:
    own = kazakhstan("imp.office_in", "11-20 01:30")
    told = scan("imp.office_in", "11-20 01:40", source="seventeentrack", carrier="kazpost", country="KZ")
    found = explain_line(derive([own, told], destination="KZ").lines[0])
    assert [line.source for line in found.evidence] == ["kazpost", "seventeentrack"]
    assert found.also == ("same-scan",)


def test_a_late_scan_says_why_it_changes_nothing() -> None:
    timeline = derive([*delivered_in_karaganda(), russia("orig.hub", "12-05 08:00", "Guangzhou")])
    assert explain_line(timeline.lines[-1]).rule == "final-stays"


def test_a_withdrawn_line_says_so() -> None:
    wrong = kazakhstan("done.collected", "11-29 08:00", raw_code="D1")
    undo = kazakhstan("done.collected", "11-29 08:30", raw_code="D1", withdraws=True)
    timeline = derive([wrong, undo])
    assert explain_line(timeline.withdrawn[0], withdrawn=True).words == RULES["withdrawn"]


def test_every_milestone_names_the_line_that_proves_it() -> None:
    timeline = derive(delivered_in_karaganda(), destination="KZ")
    assert len(timeline.milestones) == 8
    for milestone in timeline.milestones.values():
        found = explain_milestone(milestone)
        assert found.rule == "first-proof"
        assert found.evidence[0].seen_at > milestone.at


@pytest.mark.parametrize("code", EVENT_CODES)
def test_every_line_has_a_rule_with_words(code: str) -> None:
    for before in ([], exported(), arrived_in_almaty(), delivered_in_karaganda()):
        timeline = derive([*before, kazakhstan(code, "12-04 05:40")], origin="CN", destination="KZ")
        assert all(line.rule in RULES for line in timeline.lines)
        assert explain_status(timeline, NOW).words


def test_every_rule_is_used_somewhere_and_every_rule_used_has_words() -> None:
    source = "".join(
        module.read_text("utf-8")
        for module in files("sledi.core.timeline").iterdir()
        if module.name.endswith(".py") and module.name != "explain.py"
    )
    keys = set(
        re.findall(
            r'"([a-z]+(?:-[a-z]+)+|problem|unmapped|announced|closed|reopened|final|resumed|returned|asking)"',
            source,
        )
    )
    own = {"withdrawn", "same-scan", "lane-silence", "first-proof"}
    assert set(RULES) - keys == own
    assert keys - set(RULES) == {"carrier-promise", "usual-for-lane"}
