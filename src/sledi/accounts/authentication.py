"""How operations of the REST interface learn who asks: ``Router(auth=MEMBERS)``, then ``request.auth`` is an Access.

The address must name the business in a part called ``business``.
"""

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from sledi.accounts import access
from sledi.accounts.access import Access, SecondFactorNeeded
from sledi.api.problems import Problem


class KeyAuth(HttpBearer):
    """A key as a bearer token. A key that is no good is refused, even beside a good session."""

    def __call__(self, request: HttpRequest) -> Any:
        authorization = request.headers.get("Authorization")
        return self.authenticate(request, authorization) if authorization is not None else None

    def authenticate(self, request: HttpRequest, token: str) -> Access:
        return access.of_key(token, datetime.now(UTC), _slug(request))


class SessionAuth(APIKeyCookie):
    """The session of a person who is signed in, for our own pages' scripts; what changes needs the CSRF token."""

    param_name = "sessionid"

    def __call__(self, request: HttpRequest) -> Access:
        if not request.user.is_authenticated:
            raise Problem(401, "key", "Sign in, or send a key.", headers={"WWW-Authenticate": "Bearer"})
        if request.method not in {"GET", "HEAD"} and check_csrf(request, _nothing) is not None:
            raise Problem(403, "forged", "The CSRF token is missing or wrong.")
        return self.authenticate(request, None)

    def authenticate(self, request: HttpRequest, key: str | None) -> Access:
        try:
            return access.member_of_request(request, _slug(request))
        except Http404:
            raise Problem(404, "not-found") from None
        except SecondFactorNeeded as needed:
            where = needed.response["Location"].partition("?")[0]
            raise Problem(403, "second-factor", f"Prove a second factor first: {where}") from None


def _slug(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["business"]) if match else ""


def _nothing(request: HttpRequest) -> None:
    """check_csrf asks for a view, to see whether it is exempt; ninja's are, ours is not."""


MEMBERS = (KeyAuth(), SessionAuth())
