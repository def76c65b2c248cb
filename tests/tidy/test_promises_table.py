"""docs/promises.md is what `make docs` would write, and only journeys claim promises."""

from ops import promises


def test_every_claimed_promise_exists() -> None:
    assert [name for name in promises.claims() if name not in promises.features()] == []


def test_only_journeys_claim_promises() -> None:
    claimed = {test for tests in promises.claims().values() for test in tests}
    assert [test for test in sorted(claimed) if not test.startswith(promises.JOURNEYS)] == []


def test_the_committed_table_is_up_to_date() -> None:
    written = promises.TABLE.read_text()
    assert written == promises.table(promises.claims(), promises.states_in(written)), (
        "run `make test` and `make docs`"
    )
