"""Which names in a rule nobody knows: variables, and attributes of what they are.

Evaluating on sample data would miss them behind ``&&`` and ``||``, where half of a rule often is not looked at.
This reads the rule from left to right, following the type of what stands before each point and bracket.
"""

import re
from collections.abc import Generator, Iterator, Mapping

from sledi.core.workflow.contexts import ANY, Type
from sledi.core.workflow.expressions import MACROS


def misnamed(source: str, names: Mapping[str, Type]) -> Iterator[str]:
    """A sentence for each name that is not known in ``names`` or in the type before it."""
    return _Reader(source, names).read()


class _Reader:
    """The state of one pass: the type just read, and what each open bracket will leave behind."""

    def __init__(self, source: str, names: Mapping[str, Type]) -> None:
        self._tokens = [match.group() for match in _TOKEN.finditer(source)]
        self._known = names
        self._bound: list[tuple[str, Type]] = []
        self._open: list[
            tuple[bool, Type]
        ] = []  # for each bracket: whether it bound a name, and its value's type
        self._before: Type | None = None

    def read(self) -> Iterator[str]:
        position = 0
        while position < len(self._tokens):
            position += yield from self._step(position)

    def _step(self, position: int) -> Generator[str, None, int]:
        """Reads one name, member or sign; returns how many tokens it took."""
        sign, following = self._tokens[position], self._tokens[position + 1 : position + 4]
        if sign in "([{":
            self._open.append((False, self._before_bracket(sign)))
            self._before = None
        elif sign in ")]}":
            self._close()
        elif sign == "." and following and _NAME.fullmatch(following[0]):
            return (yield from self._member(following[0], self._tokens[position + 2 : position + 5])) + 1
        elif _NAME.fullmatch(sign):
            yield from self._variable(sign, following[:1] == ["("])
        else:
            self._before = ANY if sign[0] in "'\"" or sign[0].isdigit() else None
        return 1

    def _before_bracket(self, bracket: str) -> Type:
        """``list[0]`` is one of the list; what a call or a group yields is not followed further."""
        if bracket == "[" and self._before is not None and self._before.of is not None:
            return self._before.of
        return ANY

    def _close(self) -> None:
        did_bind, self._before = self._open.pop()
        if did_bind:
            self._bound.pop()

    def _variable(self, name: str, is_call: bool) -> Iterator[str]:
        bound = next((of for key, of in reversed(self._bound) if key == name), None)
        self._before = bound or self._known.get(name, ANY)
        if not (bound or is_call or name in self._known or name in _LITERALS):
            known = ", ".join(self._known)
            yield f"there is no {name} here; there are {known}"

    def _member(self, name: str, following: list[str]) -> Generator[str, None, int]:
        """Reads what stands behind a point; returns how many tokens it took."""
        before, self._before = self._before or ANY, ANY
        if following[:1] == ["("]:
            if name in MACROS and len(following) > 2 and following[2] == ",":
                yield from self._bind(name, following[1], before)
                return 4
            return 1
        if before.kind == "record" and name not in before.attributes:
            yield f"{name} is not known here; there are {', '.join(before.attributes) or 'none'}"
        elif before.kind not in {"record", "any"}:
            yield f"a {before.kind} has no {name}"
        self._before = before.attributes.get(name, ANY)
        return 1

    def _bind(self, macro: str, name: str, before: Type) -> Iterator[str]:
        """``items.all(i, `` binds i to one of the items until the bracket closes."""
        if before.kind not in {"list", "any"}:
            yield f"{macro} goes through a list, not through a {before.kind}"
        if name in self._known or any(name == key for key, _ in self._bound):
            yield f"{name} already means something here; choose another name inside {macro}"
        self._bound.append((name, before.of or ANY))
        self._open.append((True, before if macro == "filter" else ANY))
        self._before = None


_NAME = re.compile(r"[A-Za-z_]\w*")
_TOKEN = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[A-Za-z_]\w*|\d+|[^\s\w]""")
_LITERALS = frozenset({"true", "false", "null", "in"})
