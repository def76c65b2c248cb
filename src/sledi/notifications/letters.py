"""What is written to followers: plain text and HTML, in their language, without anything fetched from outside."""

from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from sledi.notifications.models import Mail
from sledi.notifications.operations import link_token
from sledi.tracking.operations import token_of
from sledi.web import words
from sledi.web.grouping import groups


def send(mail: Mail, now: datetime) -> None:
    """Send one mail. Raises OSError (smtplib's errors are) when the mail server does not take it."""
    with translation.override(mail.follow.language):
        letter(mail, now).send()


def letter(mail: Mail, now: datetime) -> EmailMultiAlternatives:
    """The mail as it goes out, in the language that is active."""
    own = link_token(mail.follow.pk)
    stop_url = settings.SITE_URL + reverse("notifications:stop", args=[own])
    facts = {
        "site_name": settings.SITE_NAME,
        "list_url": settings.SITE_URL + reverse("tracker:list", args=[token_of(mail.follow.track_list_id)]),
        "confirm_url": settings.SITE_URL + reverse("notifications:confirm", args=[own]),
        "stop_url": stop_url,
        **_news(mail),
    }
    name, host = "news" if mail.news else "confirm", urlsplit(settings.SITE_URL).hostname
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(f"notifications/{name}_subject.txt", facts).split()),
        body=render_to_string(f"notifications/{name}.txt", facts),
        to=[mail.follow.email],
        headers={
            # The same id whenever this mail is sent, so that a second copy is shown once; another one when the
            # person asks to be asked again.
            "Message-ID": f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}@{host}>",
            "References": f"<{mail.follow.track_list_id}@{host}>",
            "Date": format_datetime(now),
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(render_to_string(f"notifications/{name}.html", facts), "text/html")
    return message


def _news(mail: Mail) -> dict[str, object]:
    if mail.news is None:
        return {}
    trace, language = mail.news.trace, mail.follow.language
    number_path = reverse("tracker:parcel", args=[token_of(mail.follow.track_list_id), trace.number])
    return {
        "number": trace.number,
        "grouped": " ".join(groups(trace.number)),
        "status": words.status_name(mail.news.status, language),
        "event": words.event_name(mail.news.code, language),
        "place": trace.place,
        "country": trace.country,
        "parcel_url": settings.SITE_URL + number_path,
    }
