"""Tags and filters of the frame: ``{% load sledi %}``. Times come from ``frame.now``, words from the language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from sledi.web import dates, looks, words
from sledi.web.countries import country_name
from sledi.web.grouping import groups

register = template.Library()


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """An icon beside a word."""
    return looks.icon(name, extra_class)


@register.filter
def number(value: str) -> SafeString:
    """A tracking number grouped for the eye; copying it gives no spaces."""
    return format_html(
        '<span class="num">{}</span>',
        format_html_join("", "<span>{}</span>", ((group,) for group in groups(value))),
    )


@register.simple_tag(takes_context=True)
def day(context: Mapping[str, Any], at: date | datetime | None) -> SafeString:
    """A day in words, as a ``time`` element; nothing for no day."""
    if at is None:
        return SafeString("")
    plain = at.date() if isinstance(at, datetime) else at
    return format_html('<time datetime="{}">{}</time>', plain, dates.day(plain, _language(), _today(context)))


@register.simple_tag(takes_context=True)
def day_range(context: Mapping[str, Any], first: date | datetime, last: date | datetime) -> str:
    """Two days in words, to be put into a sentence."""
    plain = [at.date() if isinstance(at, datetime) else at for at in (first, last)]
    return dates.day_range(plain[0], plain[1], _language(), _today(context))


@register.simple_tag(takes_context=True)
def moment(context: Mapping[str, Any], at: datetime, zone: str = "", is_sure: bool = True) -> SafeString:
    """Day and time by the clocks of the place, with the zone's name; the script adds the reader's own time.

    A moment whose zone nobody knows (``is_sure`` false) stands as the carrier wrote it, without a zone.
    """
    local = dates.in_zone(at, zone)
    said = dates.moment(local, _language(), _today(context))
    if not is_sure:
        return format_html('<time datetime="{}">{}</time>', local.date().isoformat(), said)
    return format_html(
        '<time datetime="{}">{} <span class="zone">{}</span></time>',
        local.isoformat(timespec="minutes"),
        said,
        dates.zone_name(local),
    )


@register.filter
def country(code: str) -> str:
    """A country's short name in the reader's language."""
    return country_name(code, _language())


@register.inclusion_tag("web/parts/pill.html")
def status_pill(status: str, code: str = "") -> dict[str, str]:
    """A public status as word, shape and tone together."""
    look = looks.look_of(status, code)
    return {"tone": look.tone, "icon": look.icon, "word": words.status_name(status, _language())}


@register.inclusion_tag("web/parts/pill.html")
def pill(tone: str, icon: str, word: str) -> dict[str, str]:
    """Any word as a pill."""
    return {"tone": tone, "icon": icon, "word": word}


@register.inclusion_tag("web/parts/trace.html")
def trace(steps: Sequence[looks.Step], tone: str = "", extra_class: str = "") -> dict[str, object]:
    """The five steps of a way: solid where it was travelled, dotted ahead."""
    return {"steps": steps, "tone": tone, "extra_class": extra_class}


@dataclass(frozen=True, slots=True)
class Dot:
    """``centre`` is written for SVG: with a point in every language."""

    centre: str
    is_past: bool


@register.inclusion_tag("web/parts/days.html")
def days(past: int, usual_min: int, usual_max: int) -> dict[str, object]:
    """A row of days: a dot a day, filled when it is over, on a capsule that shows the usual range."""
    count = max(past, usual_max)
    if not 0 < count <= looks.DAYS_MAX:
        return {"dots": ()}
    return {
        "width": count * 13,
        "dots": [Dot(f"{n * 13 + 6.5}", n < past) for n in range(count)],
        "span_from": max(usual_min - 1, 0) * 13,
        "span_width": (usual_max - max(usual_min - 1, 0)) * 13,
    }


@register.inclusion_tag("web/parts/original.html")
def original(text: str, text_language: str = "", is_open: bool = False) -> dict[str, object]:
    """A carrier's own words behind a disclosure, marked with their own language."""
    return {"text": text, "text_language": text_language, "is_open": is_open}


def _language() -> str:
    return get_language() or words.SOURCE_LANGUAGE


def _today(context: Mapping[str, Any]) -> date | None:
    frame = context.get("frame")
    return frame.now.date() if frame else None
