"""The sheet of all components in all states: what its template is filled with."""

from sledi.core.statuses import PublicStatus
from sledi.web.looks import Step
from sledi.web.map import Stop, route_map

STEPS = ("Accepted", "Export", "Customs", "In your city", "Delivered")


def sheet() -> dict[str, object]:
    """Context of the sheet."""
    return {
        "statuses": list(PublicStatus),
        "traces": [
            (_steps(0), ""),
            (_steps(2), "action"),
            (_steps(3), "problem"),
            (_steps(len(STEPS)), ""),
        ],
        "map": route_map(
            (
                Stop("Guangzhou", 23.117, 113.25, "1", "past"),
                Stop("Khorgos", 44.21, 80.41, "2", "past"),
                Stop("Almaty", 43.252, 76.912, "3", "here"),
                Stop("Karagandy", 49.802, 73.102, "4", "ahead"),
            ),
            "en",
            "Map of the way: Guangzhou, Khorgos, Almaty; Karagandy is ahead",
            "action",
        ),
    }


def _steps(current: int) -> list[Step]:
    return [
        Step(name, "done" if at < current else "current" if at == current else "ahead")
        for at, name in enumerate(STEPS)
    ]
