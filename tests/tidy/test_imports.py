"""core and profiles need little but Python: import-linter can forbid names, but not keep a list closed."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

SLEDI = Path(__file__).parents[2] / "src" / "sledi"
CORE = SLEDI / "core"
PROFILES = SLEDI / "profiles"
ALLOWED = {"msgspec", "holidays", "cel", "sledi"}
ALLOWED_IN_PROFILES = {"yaml", "sledi"}
NO_OUTSIDE_WORLD = {
    "socket",
    "http",
    "urllib.request",
    "subprocess",
    "threading",
    "asyncio",
    "multiprocessing",
}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield node.module or ""


def sources(folder: Path = CORE) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.py")) if "tests" not in file.parts]


def foreign_to(folder: Path, allowed: set[str]) -> list[str]:
    return [
        f"{file.relative_to(folder)}: {name}"
        for file in sources(folder)
        for name in imported(file)
        if name.partition(".")[0] not in sys.stdlib_module_names | allowed
    ]


def test_core_imports_the_standard_library_its_closed_list_and_itself() -> None:
    assert foreign_to(CORE, ALLOWED) == []


def test_profiles_import_the_standard_library_yaml_and_core() -> None:
    beside_core = [
        f"{file.relative_to(PROFILES)}: {name}"
        for file in sources(PROFILES)
        for name in imported(file)
        if name.partition(".")[0] == "sledi" and not name.startswith("sledi.core")
    ]
    assert foreign_to(PROFILES, ALLOWED_IN_PROFILES) + beside_core == []


def test_core_imports_of_sledi_only_core() -> None:
    upwards = [
        f"{file.relative_to(CORE)}: {name}"
        for file in sources()
        for name in imported(file)
        if name.partition(".")[0] == "sledi" and not name.startswith("sledi.core")
    ]
    assert upwards == []


def test_core_reaches_for_no_network_no_process_and_no_thread() -> None:
    reached = [
        f"{file.relative_to(CORE)}: {name}"
        for file in sources()
        for name in imported(file)
        if name in NO_OUTSIDE_WORLD
    ]
    assert reached == []


def test_core_never_asks_for_the_time() -> None:
    """Time comes in as an argument."""
    asking = [
        f"{file.relative_to(CORE)}:{node.lineno}"
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "monotonic", "time_ns"}
    ]
    assert asking == []
