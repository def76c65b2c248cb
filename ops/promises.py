"""The table of promises: which tests claim to keep which promise, and whether they did in the last full run.

``docs/promises.toml`` lists the promises, ``@pytest.mark.promise("S2.6")`` claims one, a full run of the tests
writes ``test-results/promises.json``, and ``make docs`` makes ``docs/promises.md`` from the three. The committed
table keeps the states, so that everybody can check the rest of it without running anything.
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIST = ROOT / "docs" / "promises.toml"
TABLE = ROOT / "docs" / "promises.md"
RESULTS = ROOT / "test-results" / "promises.json"
TESTS = ("tests/**/test_*.py", "src/**/tests/**/test_*.py")
JOURNEYS = ("tests/journeys/", "tests/browser/")

GREEN, RED, NOT_YET = "green", "red", "not yet"
WORST = ("failed", "skipped", "passed")

Claims = Mapping[str, tuple[str, ...]]
"""Promise → the tests that claim it, as ``tests/journeys/test_x.py::test_y``."""


@cache
def features(listed: Path = LIST) -> dict[str, str]:
    """Id → what is promised, in the order of the list."""
    promised: dict[str, str] = tomllib.loads(listed.read_text())["promises"]
    return promised


def claims(root: Path = ROOT) -> Claims:
    """Read from the source which tests claim which promises; nothing is run."""
    found: dict[str, list[str]] = {}
    for path in sorted(path for pattern in TESTS for path in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        for test, ids in _claims_in(ast.parse(path.read_text()), name):
            for promise in ids:
                found.setdefault(promise, []).append(test)
    return {promise: tuple(sorted(set(tests))) for promise, tests in found.items()}


def states(claimed: Claims, outcomes: Mapping[str, str]) -> dict[str, str]:
    """Promise → green when all its tests passed, red when one failed, not yet when one did not run."""
    return {
        promise: _state([outcomes.get(test, "skipped") for test in tests])
        for promise, tests in claimed.items()
    }


def table(claimed: Claims, state: Mapping[str, str], listed: Path = LIST) -> str:
    """The whole page."""
    promised = features(listed)
    kept = {name for name in promised if claimed.get(name) and state.get(name) == GREEN}
    lines = [
        "# Promises",
        "",
        f"**{len(kept)} of {len(promised)} are kept.** A promise is kept when every journey test that claims it",
        "passed in the last full run, through the real pages or the API against PostgreSQL. Written by `make docs`;",
        "how it works stands in `ops/promises.py`.",
    ]
    for group, title in tomllib.loads(listed.read_text())["groups"].items():
        names = [name for name in promised if name.split(".")[0] == group]
        lines += ["", f"## {title}", "", f"{len(kept & set(names))} of {len(names)}.", ""]
        lines += ["| Id | Promise | Tests | State |", "|---|---|---|---|"]
        lines += [
            _row(name, promised[name], claimed.get(name, ()), state.get(name, NOT_YET)) for name in names
        ]
    return "\n".join(lines) + "\n"


def states_in(page: str) -> dict[str, str]:
    """The states that a written table shows."""
    return dict(re.findall(r"^\| (S\d+\.\d+) \|.*\| ([a-z ]+) \|$", page, re.MULTILINE))


def worst(outcomes: list[str]) -> str:
    """What several runs of one test (parameters, phases) come to."""
    return next((outcome for outcome in WORST if outcome in outcomes), "skipped")


def main() -> int:
    """Write the table from the last full run."""
    if not RESULTS.is_file():
        print("no results: run `make test` first", file=sys.stderr)
        return 1
    claimed = claims()
    TABLE.write_text(table(claimed, states(claimed, json.loads(RESULTS.read_text()))))
    print(TABLE.read_text().split("**")[1])
    return 0


def _state(outcomes: list[str]) -> str:
    return {"passed": GREEN, "failed": RED, "skipped": NOT_YET}[worst(outcomes)]


def _row(name: str, promise: str, tests: tuple[str, ...], state: str) -> str:
    links = "<br>".join(f"[{test.rpartition('::')[2]}](../{test.partition('::')[0]})" for test in tests)
    return f"| {name} | {promise} | {links} | {state if tests else NOT_YET} |"


def _claims_in(module: ast.Module, name: str) -> Iterator[tuple[str, list[str]]]:
    for node in module.body:
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{name}::{node.name}::{inner.name}", _ids(node) + _ids(inner)
        elif isinstance(node, ast.FunctionDef):
            yield f"{name}::{node.name}", _ids(node)


def _ids(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    return [
        argument.value
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.promise"
        for argument in mark.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    ]


if __name__ == "__main__":
    sys.exit(main())
