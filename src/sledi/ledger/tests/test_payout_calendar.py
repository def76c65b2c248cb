"""Which day pays which sale, then and now."""

from datetime import date

import pytest

from sledi.ledger.payout_calendar import NoSchedule, run_of

D = date


@pytest.mark.parametrize(
    ("sold_on", "first", "last", "pays_on"),
    [
        # From February 2019: the first half on the 30th, the second on the 15th.
        (D(2019, 2, 1), D(2019, 2, 1), D(2019, 2, 15), D(2019, 2, 28)),  # February has no 30th
        (D(2019, 7, 15), D(2019, 7, 1), D(2019, 7, 15), D(2019, 7, 30)),
        (D(2019, 7, 16), D(2019, 7, 16), D(2019, 7, 31), D(2019, 8, 15)),
        (D(2019, 11, 30), D(2019, 11, 16), D(2019, 11, 30), D(2019, 12, 16)),  # the 15th is a Sunday
        # From December 2019: the first half on the 16th, the second on the 1st.
        (D(2019, 12, 1), D(2019, 12, 1), D(2019, 12, 15), D(2019, 12, 16)),
        (D(2019, 12, 31), D(2019, 12, 16), D(2019, 12, 31), D(2020, 1, 2)),  # 1 January is a holiday
        (D(2024, 2, 29), D(2024, 2, 16), D(2024, 2, 29), D(2024, 3, 1)),
        (D(2026, 4, 20), D(2026, 4, 16), D(2026, 4, 30), D(2026, 5, 4)),  # 1 May holiday, then a weekend
        (D(2026, 5, 5), D(2026, 5, 1), D(2026, 5, 15), D(2026, 5, 18)),  # the 16th is a Saturday
    ],
)
def test_a_sale_is_paid_on_the_next_working_day(
    sold_on: date, first: date, last: date, pays_on: date
) -> None:
    run = run_of(sold_on, "BG")
    assert (run.first, run.last, run.pays_on) == (first, last, pays_on)


def test_the_invoice_goes_out_the_day_before() -> None:
    assert run_of(D(2026, 5, 5), "BG").invoice_on == D(2026, 5, 17)


def test_before_the_first_schedule_there_was_none() -> None:
    with pytest.raises(NoSchedule):
        run_of(D(2019, 1, 31), "BG")


def test_every_day_is_in_the_run_that_pays_it() -> None:
    for ordinal in range(D(2019, 2, 1).toordinal(), D(2027, 1, 1).toordinal()):
        day = date.fromordinal(ordinal)
        run = run_of(day, "BG")
        assert run.first <= day <= run.last < run.pays_on
