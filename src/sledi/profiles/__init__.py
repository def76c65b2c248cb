"""Kinds of business as data: one YAML document each. Adding a file adds a business kind.

    names()                 the kinds there are
    workflow(name)          one of them, checked and compiled once
    versions(name)          which versions of it there are
    text(name)              its document as written
    read(text, source)      a document of one's own -> plain values, and the line of each
    faults_of(text, source) everything that keeps it from running

``SLEDI_PROFILES`` may name a folder with more documents; a file there stands before ours of the same name. Orders
keep the version they began with: an older document stays beside the present one, as ``buyout.v1.yaml``.

A document is YAML, read with the safe loader into text, whole numbers, true and false, lists and mappings. Words
that YAML 1.1 takes for something else (``on``, ``no``, dates, 1:30) are text here, as in the core schema of YAML 1.2.
A key twice in one mapping is a fault: the reader would silently keep the last.

Source: YAML 1.2.2, 10.3 Core Schema, https://yaml.org/spec/1.2.2/#103-core-schema
"""

import os
import re
import time
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import yaml

from sledi.core.workflow import Fault, FaultyProfile, Workflow, faults, load

Lines = Mapping[tuple[str | int, ...], int]

FOLDER_SETTING = "SLEDI_PROFILES"
DOCUMENT_LENGTH_MAX = 2_000_000
DEPTH_MAX = 20
LOOK_AGAIN_S = 1.0
"""How old a document in use may be; one that has changed is read again."""


class UnknownProfile(LookupError):
    """There is no such kind of business, or not in that version."""


def names() -> tuple[str, ...]:
    """The kinds of business there are, in the order of the alphabet."""
    stems = {file.stem for folder in _folders() for file in folder.glob("*.yaml")}
    return tuple(sorted(stem for stem in stems if "." not in stem))


def text(name: str) -> str:
    """The document of a kind of business. Raises UnknownProfile."""
    return path(name).read_text(encoding="utf-8")


def path(name: str) -> Path:
    """Its file. Raises UnknownProfile."""
    for folder in _folders():
        # Compared with what is there: a name from outside never becomes a part of a path.
        for file in folder.glob("*.yaml"):
            if file.stem == name:
                return file
    raise UnknownProfile(f"there is no profile {name}: there are {', '.join(names())}")


def workflow(name: str, version: int | None = None) -> Workflow:
    """A kind of business, checked and compiled once in this process. ``version`` None = the present one.

    Raises UnknownProfile, also for another version, and FaultyProfile.
    """
    return _held(("workflow", name, version), lambda: _workflow(name, version))


def versions(name: str) -> tuple[int, ...]:
    """The versions of a kind of business that are there, the oldest first. Raises as ``workflow``."""
    return _held(("versions", name), lambda: _versions(name))


def read(text: str, source: str) -> tuple[dict[str, Any], Lines]:
    """A document as plain values, and the line of every path of keys and indices in it.

    Raises FaultyProfile: no YAML, a key twice, a key that is no text, an alias or a tag, too long, too deep.
    """
    if len(text) > DOCUMENT_LENGTH_MAX:
        raise FaultyProfile((Fault(source, 1, "yaml", f"longer than {DOCUMENT_LENGTH_MAX} characters"),))
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as problem:
        raise FaultyProfile((_unreadable(problem, source),)) from problem
    except RecursionError:
        raise FaultyProfile((Fault(source, 1, "yaml", "nested too deep"),)) from None
    reading = _Reading(source)
    document = reading.value(root, ()) if root is not None else None
    if not isinstance(document, dict):
        reading.fault(root, "document", "a profile is a mapping of its parts")
    if reading.faults:
        raise FaultyProfile(tuple(reading.faults))
    assert isinstance(document, dict)
    return document, reading.lines


def faults_of(text: str, source: str) -> tuple[Fault, ...]:
    """Everything that keeps a document from running as a profile; nothing when it is sound."""
    try:
        document, lines = read(text, source)
    except FaultyProfile as problem:
        return problem.faults
    return faults(document, lines=lines, source=source)


def _workflow(name: str, version: int | None) -> Workflow:
    found = _present(path(name))
    if version in (None, found.version):
        return found
    try:
        older = _present(path(f"{name}.v{version}"))
    except UnknownProfile:
        raise UnknownProfile(f"profile {name} is there in version {found.version}, not {version}") from None
    if older.version != version:
        raise UnknownProfile(f"{name}.v{version}.yaml says that it is version {older.version}")
    return older


def _versions(name: str) -> tuple[int, ...]:
    stems = {file.stem for folder in _folders() for file in folder.glob("*.yaml")}
    older = {int(stem.removeprefix(f"{name}.v")) for stem in stems if re.fullmatch(rf"{name}\.v\d+", stem)}
    return tuple(sorted({*older, _workflow(name, None).version}))


T = TypeVar("T")
_found: dict[tuple[object, ...], tuple[float, Any]] = {}


def _held(asked: tuple[object, ...], look: Callable[[], T]) -> T:
    """What ``look`` found, for a moment: every move asks, and the disk need not be asked each time."""
    key, now = (os.environ.get(FOLDER_SETTING, ""), *asked), time.monotonic()
    looked_at, found = _found.get(key, (0.0, None))
    if found is None or now - looked_at > LOOK_AGAIN_S:
        found = look()
        _found[key] = (now, found)
    answer: T = found
    return answer


def _present(file: Path) -> Workflow:
    """Read again when the file has changed, so that nobody runs a table that is not on the disk."""
    return _loaded(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _loaded(file: Path, _changed_at: int) -> Workflow:
    document, lines = read(file.read_text(encoding="utf-8"), file.name)
    found = load(document, lines=lines, source=file.name)
    named = file.stem.partition(".")[0]
    if found.profile != named:
        words = f"the file is named {file.name}, so the profile is {named}, not {found.profile}"
        raise FaultyProfile((Fault(file.name, lines.get(("profile",), 1), "profile-name", words),))
    return found


def _folders() -> list[Path]:
    own = Path(str(files(__name__)))
    added = os.environ.get(FOLDER_SETTING, "")
    return [Path(added), own] if added else [own]


class _Loader(yaml.SafeLoader):
    """The safe loader with the core schema's idea of what is no text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]{1,18}\Z"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"(~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]
)


class _Reading:
    """Plain values out of YAML's nodes, with the line of each; faults are collected."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.faults: list[Fault] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, path: tuple[str | int, ...]) -> Any:
        self.lines.setdefault(path, _line(node))
        if len(path) > DEPTH_MAX:
            self.fault(node, "yaml", "nested too deep")
            return None
        if id(node) in self._seen:  # an alias: a few of them could make a document a million times its length
            self.fault(node, "yaml", "an alias repeats this elsewhere: write it out there")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(inner, (*path, index)) for index, inner in enumerate(node.value)]
        return self._scalar(node)

    def fault(self, node: yaml.Node | None, rule: str, words: str) -> None:
        self.faults.append(Fault(self.source, _line(node) if node else 1, rule, words))

    def _mapping(self, node: yaml.MappingNode, path: tuple[str | int, ...]) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self._scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self.fault(key_node, "yaml", "a key is a text; put other things in quotes")
            elif key in found:
                self.fault(key_node, "duplicate-key", f"`{key}` stands here twice")
            else:
                self.lines[(*path, key)] = _line(key_node)
                found[key] = self.value(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node) -> str | int | bool | None:
        written = str(node.value)
        match node.tag.rpartition(":")[2]:
            case "str":
                return written
            case "bool":
                return written.lower() == "true"
            case "int":
                return int(written)
            case "null":
                return None
        self.fault(node, "yaml", f"{node.tag} is not known here: text, whole numbers, true and false are")
        return None


def _line(part: yaml.Node) -> int:
    assert part.start_mark is not None  # the parser marks everything it reads from a text
    return int(part.start_mark.line) + 1


def _unreadable(problem: yaml.YAMLError, source: str) -> Fault:
    mark = getattr(problem, "problem_mark", None)
    words = getattr(problem, "problem", None) or "not readable as YAML"
    return Fault(source, mark.line + 1 if mark else 1, "yaml", str(words))
