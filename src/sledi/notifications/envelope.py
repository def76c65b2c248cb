"""What every letter of a business has around its words: sender, headers, and how its mails are stopped."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from sledi.notifications.models import Letter


def enveloped(
    letter: Letter,
    template: str,
    subject: str,
    facts: Mapping[str, Any],
    now: datetime,
    *,
    stop_url: str = "",
) -> EmailMultiAlternatives:
    """The letter with the words of a template, plain and as HTML. A warning has no ``stop_url``."""
    facts, host = {**facts, "site_name": letter.business.name}, urlsplit(settings.SITE_URL).hostname
    headers = {
        "Message-ID": f"<{letter.pk}@{host}>",  # the same whenever it is sent: a second copy is shown once
        "References": f"<{letter.root_id}@{host}>",
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
    }
    if stop_url:
        headers |= {
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"notifications/{template}.txt", facts),
        from_email=formataddr((letter.business.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=[letter.email],
        headers=headers,
    )
    message.attach_alternative(render_to_string(f"notifications/{template}.html", facts), "text/html")
    return message
