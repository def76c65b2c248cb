"""Names of carriers in the reader's language: ``{% load tracking %}``."""

from django import template
from django.utils.translation import get_language

from sledi import carriers

register = template.Library()


@register.filter
def carrier_name(slug: str) -> str:
    """The carrier's name as people say it in the active language."""
    return carriers.name(slug, get_language() or "en")
