"""What people write about themselves."""

from datetime import UTC, datetime
from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sledi.accounts import operations
from sledi.accounts.models import Person
from sledi.core.workflow import Refused
from sledi.core.workflow.fields import clean
from sledi.web.languages import LANGUAGES


class AddressForm(RequestLoginCodeForm):  # type: ignore[misc]  # allauth has no types
    """An e-mail address to send a code to. A new address becomes a new person, so nobody learns who is known."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        impossible = _("This is not an e-mail address. Write it like name@example.org.")
        self.fields["email"].validators.append(operations.validate_length)
        self.fields["email"].error_messages.update(
            dict.fromkeys(("required", "invalid", "max_length"), impossible)
        )

    def clean_email(self) -> str:
        self.cleaned_data["email"] = self.cleaned_data["email"].strip().lower()
        email: str = super().clean_email()
        if self._user is None:  # type: ignore[has-type]
            self._user = operations.greet(email, translation.get_language() or "en", datetime.now(UTC))
        return email


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A person's name and language."""

    language = forms.ChoiceField(choices=list(LANGUAGES.items()))

    class Meta:
        model = Person
        fields = ("name", "language")

    def clean_name(self) -> str:
        """As programs may set it: without control characters, for it stands in mails and in the history."""
        language = translation.get_language() or "en"
        try:
            known = clean((operations.NAME,), {"name": self.cleaned_data["name"]}, "")
        except Refused as refused:
            raise forms.ValidationError(refused.words.get(language) or str(refused)) from None
        return " ".join(str(known.get("name", "")).split())
