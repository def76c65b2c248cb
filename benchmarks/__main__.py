"""``make bench``: every measurement in one run, as a table and as JSON.

    python -m benchmarks [--keep]

``--keep`` writes the figures to ``benchmarks/results/`` under today's date. Single figures of a busy machine say
little: compare the ratios, which come from one run.
"""

import argparse
import json
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import derive, detect, ingest, order_lists, orders, pages
from benchmarks.database import running_database

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--keep", action="store_true", help="write the figures to benchmarks/results/")
    options = parser.parse_args()
    found: dict[str, Any] = {"date": datetime.now(UTC).date().isoformat(), "machine": _machine()}
    found["detect"] = detect.run()
    found["derive"] = derive.run()
    with running_database():
        found["ingest"] = ingest.run()
        found["orders"] = orders.run()
        found["pages"] = pages.run()
        found["order_lists"] = order_lists.run()
    for line in _table("", found):
        print(line)
    if options.keep:
        RESULTS.mkdir(exist_ok=True)
        target = RESULTS / f"{found['date']}.json"
        target.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"kept in {target.relative_to(Path.cwd())}")


def _machine() -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(aliased=True, terse=True),
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "")


def _table(path: str, figures: Any) -> list[str]:
    if not isinstance(figures, dict):
        return [f"{path:60} {figures}"]
    return [
        line for key, value in figures.items() for line in _table(f"{path} / {key}" if path else key, value)
    ]


if __name__ == "__main__":
    main()
