"""The one question worth asking about a number, if there is one. Nobody has to answer it."""

from sledi.core.numbers.answer import Candidate, Check, Option, Question, Remark
from sledi.core.numbers.catalogue import candidates_of
from sledi.core.numbers.reading import Meant
from sledi.core.numbers.s10 import FORMAT as S10

# Two candidates are close when the second has half of what the first has, or the first has next to nothing.
_CLOSE = 0.5
_NEXT_TO_NOTHING = 0.3
_OPTIONS_SHOWN = 4
# Somebody has answered already.
_ANSWERED = frozenset({"seller", "learned"})


def question_about(candidates: tuple[Candidate, ...], meant: Meant) -> Question | None:
    """Which letters were meant, where that is open; else which carrier, where the leading ones are close."""
    if meant.instead:
        return _which_letters(meant)
    if not candidates or candidates[0].confirmed or _is_answered(candidates[0]):
        return None
    first, rivals = candidates[0], [rival for rival in candidates[1:] if _is_rival(rival, candidates[0])]
    if not rivals or not (first.confidence < _NEXT_TO_NOTHING or _is_close(first, rivals[0])):
        return None
    options = [first, *rivals][:_OPTIONS_SHOWN]
    return Question(
        Remark("which_carrier", {"carriers": ", ".join(option.carrier for option in options)}),
        tuple(Option(option.carrier, meant.number) for option in options),
    )


def which_number(numbers: list[str]) -> Question:
    """For a text that holds several numbers where one was expected."""
    return Question(Remark("which_number", {"numbers": ", ".join(numbers)}), tuple(map(_option, numbers)))


def _which_letters(meant: Meant) -> Question:
    first, second = meant.number[-2:], meant.instead[-2:]
    letters = {remark.params["read"]: remark.params["written"] for remark in meant.repairs}
    written = "".join(letters.get(letter, letter) for letter in first)
    return Question(
        Remark("which_country", {"written": written, "first": first, "second": second}),
        (_option(meant.number), _option(meant.instead)),
    )


def _option(number: str) -> Option:
    candidates = candidates_of(number)
    return Option(candidates[0].carrier if candidates else "", number)


def _is_answered(candidate: Candidate) -> bool:
    return any(reason.key in _ANSWERED for reason in candidate.reasons)


def _is_rival(candidate: Candidate, first: Candidate) -> bool:
    """The carriers of one UPU number share it and are all asked: there is nothing to choose between them."""
    shares_number = first.format == S10.id == candidate.format
    return candidate.check is not Check.FAILED and not shares_number


def _is_close(first: Candidate, second: Candidate) -> bool:
    return second.confidence >= _CLOSE * first.confidence
