"""The table of promises."""

from pathlib import Path

from ops import promises

SOURCE = """
import pytest

@pytest.mark.promise("S0.1", "S0.2")
def test_a(): ...

@pytest.mark.promise("S0.2")
class TestB:
    @pytest.mark.slow
    def test_c(self): ...

def test_d(): ...
"""


def test_all_promises_of_the_five_pages_are_listed() -> None:
    listed = list(promises.features())
    groups = {"S0": 41, "S1": 44, "S2": 34, "S3": 31, "S4": 39}
    assert listed == [f"{group}.{n}" for group, last in groups.items() for n in range(1, last + 1)]


def claimed_in(tmp_path: Path) -> promises.Claims:
    (tmp_path / "tests" / "journeys").mkdir(parents=True)
    (tmp_path / "tests" / "journeys" / "test_x.py").write_text(SOURCE)
    return promises.claims(tmp_path)


def test_claims_are_read_from_the_source(tmp_path: Path) -> None:
    x = "tests/journeys/test_x.py"
    assert claimed_in(tmp_path) == {
        "S0.1": (f"{x}::test_a",),
        "S0.2": (f"{x}::TestB::test_c", f"{x}::test_a"),
    }


def test_a_promise_is_green_when_all_its_tests_passed(tmp_path: Path) -> None:
    claimed = claimed_in(tmp_path)
    a, c = "tests/journeys/test_x.py::test_a", "tests/journeys/test_x.py::TestB::test_c"
    assert promises.states(claimed, {a: "passed", c: "passed"}) == {"S0.1": "green", "S0.2": "green"}
    assert promises.states(claimed, {a: "passed", c: "failed"}) == {"S0.1": "green", "S0.2": "red"}
    assert promises.states(claimed, {a: "passed"}) == {"S0.1": "green", "S0.2": "not yet"}
    assert promises.states(claimed, {a: "passed", c: "skipped"})["S0.2"] == "not yet"


def test_the_table_counts_and_can_be_read_back(tmp_path: Path) -> None:
    claimed = claimed_in(tmp_path)
    states = {"S0.1": "green", "S0.2": "red"}
    page = promises.table(claimed, states)
    assert "**1 of 189 are kept.**" in page
    assert "1 of 41." in page
    assert {name: state for name, state in promises.states_in(page).items() if state != "not yet"} == states
    assert len(promises.states_in(page)) == 189


def test_a_promise_nobody_claims_is_never_green() -> None:
    assert promises.states_in(promises.table({}, {"S0.1": "green"}))["S0.1"] == "not yet"
