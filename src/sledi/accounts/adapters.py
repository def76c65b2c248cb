"""What django-allauth asks us: how to say things, how to send mail, how to keep secrets."""

import base64
from collections.abc import Mapping
from typing import Any

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from sledi.accounts.models import Membership, Person
from sledi.accounts.roles import STAFF
from sledi.web.languages import LANGUAGES, keep

CODE_LETTER = "account/email/login_code"

CHANGES: Mapping[str, Any] = {
    "mfa/email/totp_activated": _("When you sign in, we now also ask for a code from your app."),
    "mfa/email/totp_deactivated": _("When you sign in, we no longer ask for a code from your app."),
    "mfa/email/webauthn_added": _("A passkey was added to your account."),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
}
"""allauth's name of a notice → what changed in the account."""

SAYINGS: Mapping[str, Any] = {
    "incorrect_code": _(
        "This code is not the right one. Look at the newest mail or into your app once more."
    ),
    "too_many_login_attempts": _("Too many tries. Wait a few minutes, then ask for a new code."),
    "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
    "cannot_delete_authenticator": _("Your work in a business needs codes from an app: they stay on."),
    "cannot_generate_recovery_codes": _(
        "Recovery codes come with codes from an app or a passkey: add one first."
    ),
    "unverified_email": _("Confirm your e-mail first."),
    "invalid_login": _("This passkey is not known here. Sign in with a code by e-mail."),
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Says everything in our words and sends two kinds of letters."""

    error_messages = {**DefaultAccountAdapter.error_messages, **SAYINGS}

    def add_message(
        self, request: HttpRequest, level: int, *args: Any, message: str | None = None, **named: Any
    ) -> None:
        """Keep refusals for the next page; that something worked, the page itself shows."""
        if message:
            super().add_message(request, level, message=message)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the code. There is no other letter of allauth that this site would send."""
        if template_prefix != CODE_LETTER:
            raise NotImplementedError(f"no words for {template_prefix}")
        known = {"code": context["code"], "site_name": settings.SITE_NAME, "minutes": _code_minutes()}
        subject = gettext("%(code)s is your code for %(site)s") % {
            "code": context["code"],
            "site": settings.SITE_NAME,
        }
        EmailMessage(subject, render_to_string("accounts/mail/code.txt", known), to=[email]).send()

    def send_notification_mail(self, template_prefix: str, user: Person, *args: Any, **named: Any) -> None:
        """Tell a person that the ways into the account changed."""
        with translation.override(user.language):
            known = {"change": str(CHANGES[template_prefix]), "site_name": settings.SITE_NAME}
            subject = gettext("Signing in to %(site)s was changed") % {"site": settings.SITE_NAME}
            text = render_to_string("accounts/mail/changed.txt", known)
        EmailMessage(subject, text, to=[user.email]).send()

    def post_login(self, request: HttpRequest, user: Person, **named: Any) -> HttpResponse:
        """Speak the person's language from here on."""
        response: HttpResponse = super().post_login(request, user, **named)
        if user.language in LANGUAGES:
            keep(response, settings.LANGUAGE_COOKIE_NAME, user.language)
        return response

    def get_client_ip(self, request: HttpRequest) -> str:
        """Whom tries are counted for. Behind a socket without addresses that is everybody together."""
        try:
            return str(super().get_client_ip(request))
        except PermissionDenied:
            return "unknown"

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Who left gets no other answer than somebody unknown."""
        return redirect("account_login")


def _code_minutes() -> int:
    return int(settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT) // 60


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keeps secrets encrypted, and keeps the second factor of those who must have one."""

    error_messages = {**DefaultMFAAdapter.error_messages, **SAYINGS}

    def encrypt(self, text: str) -> str:
        """A copy of the database alone must not let anybody in."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def build_totp_svg(self, url: str) -> str:
        """On white of its own: phones read no dark picture on a dark page."""
        return str(qrcode.make(url, image_factory=SvgPathFillImage).to_string(encoding="unicode"))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        if authenticator.type != Authenticator.Type.TOTP:
            return True
        return not Membership.objects.filter(person_id=authenticator.user_id, role__in=STAFF).exists()

    def generate_authenticator_name(self, user: Person, type: str) -> str:  # noqa: A002  # allauth's word
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("Passkey %(number)s") % {"number": count + 1}


def _cipher() -> MultiFernet:
    """The first key encrypts; older ones still decrypt, so that the site's secret can be changed."""
    return MultiFernet([_fernet(str(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _fernet(secret: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"sledi.accounts.second-factor").derive(
        secret.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
