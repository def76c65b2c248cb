"""What every letter of a business has around its words: sender, headers, and how its mails are stopped."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from sledi.accounts.models import Business
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
    facts = {**facts, "site_name": letter.business.name}
    headers = {**marks(letter.pk, now), "References": f"<{letter.root_id}@{_host()}>"}
    if stop_url:
        headers |= {
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    message = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"notifications/{template}.txt", facts),
        from_email=sender(letter.business),
        to=[letter.email],
        headers=headers,
    )
    message.attach_alternative(render_to_string(f"notifications/{template}.html", facts), "text/html")
    return message


def sender(business: Business) -> str:
    """A business writes under its own name, from the installation's address."""
    return formataddr((business.name, parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def marks(pk: UUID, now: datetime) -> dict[str, str]:
    """The headers of every letter. Its id is the same whenever it is sent: a second copy is shown once."""
    return {
        "Message-ID": f"<{pk}@{_host()}>",
        "Date": format_datetime(now),
        "Auto-Submitted": "auto-generated",
    }


def _host() -> str | None:
    return urlsplit(settings.SITE_URL).hostname
