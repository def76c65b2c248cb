"""The addresses of signing in, under the names django-allauth knows them by. What is not here does not exist."""

from allauth.account.views import ConfirmLoginCodeView
from allauth.mfa.base.views import AuthenticateView, ReauthenticateView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import DeactivateTOTPView
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.urls import path

from sledi.accounts import views

_ask = views.AskForCode.as_view()

urlpatterns = [
    path("sign-in/", _ask, name="account_login"),
    path("sign-in/", _ask, name="account_request_login_code"),
    path(
        "sign-in/code/",
        ConfirmLoginCodeView.as_view(template_name="accounts/code.html"),
        name="account_confirm_login_code",
    ),
    path("sign-in/passkey/", LoginWebAuthnView.as_view(), name="mfa_login_webauthn"),
    path(
        "sign-in/second-factor/",
        AuthenticateView.as_view(template_name="accounts/second_factor.html"),
        name="mfa_authenticate",
    ),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("account/", views.account, name="mfa_index"),
    path(
        "account/confirmation/",
        ReauthenticateView.as_view(template_name="accounts/confirmation.html"),
        name="mfa_reauthenticate",
    ),
    path(
        "account/confirmation/passkey/",
        ReauthenticateWebAuthnView.as_view(template_name="accounts/confirmation_passkey.html"),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app-codes/", views.TurnOnAppCodes.as_view(), name="mfa_activate_totp"),
    path(
        "account/app-codes/removal/",
        DeactivateTOTPView.as_view(template_name="accounts/app_codes_removal.html"),
        name="mfa_deactivate_totp",
    ),
    path("account/recovery-codes/", views.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "account/recovery-codes/new/",
        GenerateRecoveryCodesView.as_view(template_name="accounts/recovery_codes_new.html"),
        name="mfa_generate_recovery_codes",
    ),
    path("account/passkeys/", views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/removal/",
        RemoveWebAuthnView.as_view(template_name="accounts/passkey_removal.html", success_url="/account/"),
        name="mfa_remove_webauthn",
    ),
]
