import pytest

from sledi.web.grouping import groups


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("RR123456785CN", "RR 123 456 785 CN"),
        ("SF1204467781930", "SF 1204 4677 8193 0"),
        ("9400111206213400000000", "9400 1112 0621 3400 0000 00"),
        ("RR 1234 5678 SCN", "RR 1234 5678 SCN"),
        ("80083", "80083"),
        ("", ""),
    ],
)
def test_a_number_is_grouped_for_the_eye(number, shown):
    assert " ".join(groups(number)) == shown


def test_grouping_loses_no_character():
    assert "".join(groups("1Z-999/AA10123456784")) == "1Z-999/AA10123456784"
