"""What a reader of the sources must not stumble over."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
LINES_MAX = 60

LONG_FOR_A_REASON: dict[str, str] = {
    # file::function: why it reads better whole
}

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|HACK)\b")
SKIPPED = re.compile(r"pytest\.(?:skip|importorskip)|mark\.(?:skip|skipif|xfail)\b")
PRIVATE = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + r"work/",
            r"(?<![\w.])/" + r"root/",
            r"(?<![\w.])/" + r"home/[a-z]+/",
            r"(?<![\w.])/" + r"Users/[A-Za-z]+/",
            r"files\." + r"pythonhosted\.org",
            r"pypi\." + r"(?:org|python)",
            r"registry\." + r"(?:npmjs|yarnpkg)",
            r"--(?:extra-)?index-" + r"url\b",
        ]
    )
)
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".html",
    ".txt",
    ".css",
    ".js",
    ".po",
    ".sh",
    ".lock",
    ".csv",
    ".json",
    ".svg",
    "",
}


def test_nothing_is_left_for_later() -> None:
    assert [where for where, line in lines_of(SRC) if UNFINISHED.search(line)] == []


def test_no_test_of_an_app_is_skipped() -> None:
    assert [where for where, line in lines_of(SRC) if SKIPPED.search(line)] == []


def test_no_function_is_longer_than_a_screen() -> None:
    found = {
        f"{file.relative_to(SRC)}::{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for file in sorted(SRC.rglob("*.py"))
        if not {"tests", "migrations"} & set(file.parts)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    long = {name for name, lines in found.items() if lines > LINES_MAX}
    assert long == set(LONG_FOR_A_REASON)


def test_no_file_tells_of_a_machine_or_of_a_registry() -> None:
    assert [
        where for path in kept_files() for where, line in lines_of_file(path) if PRIVATE.search(line)
    ] == []


def test_the_changelog_speaks_in_sentences_to_users() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text().splitlines()
    assert lines[:3] == ["# Changelog", "", "## Unreleased"]
    entries = "\n".join(lines[2:])
    for heading in re.findall(r"^## (.*)$", entries, re.MULTILINE):
        assert re.fullmatch(r"Unreleased|\d+\.\d+\.\d+, \d{4}-\d\d-\d\d", heading)
    for entry in re.findall(r"^- .*(?:\n  .*)*", entries, re.MULTILINE):
        assert re.match(r"- (?:Breaking|New|Changed|Fixed|Removed): ", entry), entry
        assert entry.endswith("."), entry
    stray = [line for line in lines[3:] if line and not line.startswith(("- ", "  ", "## "))]
    assert stray == []


def lines_of(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in TEXT and "__pycache__" not in file.parts:
            yield from lines_of_file(file)


def lines_of_file(file: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        yield f"{file.relative_to(ROOT)}:{number}", line


def kept_files() -> list[Path]:
    """All files that are, or are about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.splitlines()]
    return [file for file in files if file.is_file() and file.suffix in TEXT]
