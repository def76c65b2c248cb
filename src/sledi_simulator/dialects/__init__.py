"""One module per carrier: its protocol, its words, its refusals.

``china_post``, ``singapore_post`` and ``bulgarian_posts`` have no server of their own here; 17TRACK and
Kuaidi100 repeat their words.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sledi_simulator.bad_days import BadDay, Today
from sledi_simulator.wire import Answer, Ask
from sledi_simulator.world import World


class Dialect(ABC):
    """A carrier's server."""

    SLUG: ClassVar[str]
    REFUSES: ClassVar[frozenset[BadDay]]  # the refusals the carrier has words for

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def numbers(self, ask: Ask) -> Sequence[str]:
        """The numbers a request is about; none when it cannot be understood."""

    def asked(self, ask: Ask) -> Sequence[str]:
        """The numbers a request counts for: those it is about, unless the carrier was asked for them before."""
        return self.numbers(ask)

    def call(self, ask: Ask) -> str:
        """The kind of request, for the counts."""
        return f"{ask.method} {ask.path}"

    @abstractmethod
    def answer(self, ask: Ask, today: Today) -> Answer:
        """What the carrier answers."""

    @abstractmethod
    def refuse(self, day: BadDay, ask: Ask) -> Answer:
        """The carrier's own way of saying a refusal out of ``REFUSES``."""

    def tick(self) -> None:
        """What the carrier does by itself as time passes."""
        return

    def remembered(self) -> Mapping[str, Any]:
        """What the carrier keeps over a restart, as JSON can hold it."""
        return {}

    def remember(self, kept: Mapping[str, Any]) -> None:
        """Takes back what ``remembered`` gave."""
        return
