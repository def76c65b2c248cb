"""Everything a person reads is said in every language of the profile, with no blanks but those that get filled."""

import re
from collections.abc import Iterator, Mapping

from sledi.core.workflow.building import field_of, fields_by_level
from sledi.core.workflow.checks import effects
from sledi.core.workflow.checks.finding import Finding
from sledi.core.workflow.document import Draft, TransitionPart
from sledi.core.workflow.effects import LETTER_BLANKS
from sledi.core.workflow.faulty import Path
from sledi.core.workflow.refusals import BLANK
from sledi.core.workflow.vocabulary import PEOPLE

_Said = tuple[Path, Mapping[str, str], bool, frozenset[str]]
"""Where, the words by language, whether they must be there at all, and the blanks they may have."""


def check(draft: Draft) -> Iterator[Finding]:
    if not draft.languages or len(set(draft.languages)) != len(draft.languages):
        yield ("languages",), "languages", "a profile names its languages, each once"
    for language in draft.languages:
        if not _LANGUAGE.fullmatch(language):
            yield ("languages",), "languages", f"`{language}` is no language code"
    for path, words, is_needed, blanks in _everything(draft):
        yield from _complete(draft, path, words, is_needed)
        yield from _blanks(path, words, blanks)


def _complete(draft: Draft, path: Path, words: Mapping[str, str], is_needed: bool) -> Iterator[Finding]:
    if not words and not is_needed:
        return
    missing = [language for language in draft.languages if not words.get(language, "").strip()]
    if missing:
        where = ".".join(map(str, path))
        yield path, "missing-words", f"{where}: no words in {', '.join(missing)}"


def _blanks(path: Path, words: Mapping[str, str], allowed: frozenset[str]) -> Iterator[Finding]:
    for language, text in words.items():
        for blank in BLANK.findall(text):
            if blank not in allowed:
                known = ", ".join(f"{{{name}}}" for name in sorted(allowed)) or "none"
                yield (*path, language), "unknown-blank", f"{{{blank}}} is filled by nobody; here: {known}"


def _everything(draft: Draft) -> Iterator[_Said]:
    yield ("name",), draft.name, True, _NO_BLANKS
    yield from _of_levels(draft)
    yield from _of_states(draft)
    for level, transitions in draft.transitions.items():
        for name, transition in transitions.items():
            yield from _transition(("transitions", level, name), transition)
    for level, timers in draft.timers.items():
        for name, timer in timers.items():
            yield ("timers", level, name, "label"), timer.label, bool(timer.flag), _NO_BLANKS
            yield ("timers", level, name, "ahead"), timer.ahead, False, frozenset({"date"})
    for index, correction in draft.corrections.items():
        yield ("policy", "corrections", index, "label"), correction.label, True, _NO_BLANKS
    yield from _of_letters(draft)
    yield from _of_settings(draft)
    yield from _of_pages(draft)


def _of_letters(draft: Draft) -> Iterator[_Said]:
    fields = fields_by_level(draft)
    for path, level, entry in effects.entries(draft):
        told = entry.get("notify") if isinstance(entry, dict) else None
        words = told.get("words") if isinstance(told, dict) else None
        if isinstance(words, dict):
            said = {str(language): str(text) for language, text in words.items()}
            yield (*path, "notify", "words"), said, False, frozenset({*LETTER_BLANKS, *fields.get(level, {})})


def _of_levels(draft: Draft) -> Iterator[_Said]:
    for kind, level in draft.levels.items():
        yield ("levels", kind, "save"), level.save, False, _NO_BLANKS


def _of_states(draft: Draft) -> Iterator[_Said]:
    for level, states in draft.states.items():
        for key, state in states.items():
            yield ("states", level, key, "label"), state.label, True, _NO_BLANKS
            yield ("states", level, key, "about"), state.about, False, _NO_BLANKS


def _of_settings(draft: Draft) -> Iterator[_Said]:
    for key, setting in draft.settings.items():
        yield ("settings", key, "label"), setting.label, True, _NO_BLANKS
        for choice, words in setting.choices.items():
            yield ("settings", key, "choices", choice), words, True, _NO_BLANKS


def _of_pages(draft: Draft) -> Iterator[_Said]:
    for level, parts in draft.progress.items():
        for index, part in parts.items():
            yield ("progress", level, index, "label"), part.label, True, frozenset({"done", "all"})
            yield ("progress", level, index, "notice"), part.notice, False, _NO_BLANKS
    for level, marks in draft.marks.items():
        for key, mark in marks.items():
            yield ("marks", level, key, "label"), mark.label, True, _NO_BLANKS
            yield ("marks", level, key, "time"), mark.time, False, frozenset({"days"})
    for key, method in draft.methods.items():
        yield ("methods", key, "label"), method.label, True, _NO_BLANKS
    for key, document in draft.documents.items():
        yield ("documents", key, "label"), document.label, True, _NO_BLANKS
    for level, notices in draft.notices.items():
        for index, notice in notices.items():
            yield ("notices", level, index, "label"), notice.label, True, _NO_BLANKS
            blanks = frozenset({*draft.settings, *draft.timers.get(level, {})})
            yield ("notices", level, index, "words"), notice.words, True, blanks
    for index, stage in draft.stages.items():
        yield ("stages", index, "label"), stage.label, True, _NO_BLANKS
        yield ("stages", index, "about"), stage.about, False, _NO_BLANKS


def _transition(path: Path, part: TransitionPart) -> Iterator[_Said]:
    """A transition that only machines make has no button."""
    yield (*path, "label"), part.label, any(role in PEOPLE for role in part.roles), _NO_BLANKS
    for key, written in part.requires.items():
        field = field_of(key, written)
        yield (*path, "requires", key, "label"), field.label, True, _NO_BLANKS
        for choice, words in field.choices.items():
            yield (*path, "requires", key, "choices", choice), words, True, _NO_BLANKS
    for index, guard in enumerate(part.guards):
        blanks = frozenset({"missing"}) if guard.missing else _NO_BLANKS
        yield (*path, "guards", index, "words"), guard.words, True, blanks


_NO_BLANKS: frozenset[str] = frozenset()
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{2,8})?")
