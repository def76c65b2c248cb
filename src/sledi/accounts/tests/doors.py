"""How tests come in: through the real pages, reading the real mail."""

import re
import struct
import time
from base64 import b32decode
from hmac import digest
from typing import Any

from django.core import mail
from django.test import Client


def ask_for_code(client: Client, email: str) -> str:
    """The code that the page sent to this address."""
    before = len(mail.outbox)
    asked = client.post("/sign-in/", {"email": email})
    assert (asked.status_code, asked["Location"]) == (302, "/sign-in/code/")
    assert [letter.to for letter in mail.outbox[before:]] == [[email.lower()]]
    return code_in(mail.outbox[-1])


def code_in(letter: Any) -> str:
    """The code of a letter."""
    found = re.search(r"^\d{4}-\d{4}$", letter.body, re.MULTILINE)
    assert found
    return found.group()


def come_in(client: Client, email: str) -> Any:
    """Sign in by a code; the answer to the code."""
    return client.post("/sign-in/code/", {"code": ask_for_code(client, email)})


def turn_on_app_codes(client: Client) -> str:
    """Set up codes from an app; the key that the app would keep."""
    page = client.get("/account/app-codes/").content.decode()
    found = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert found
    answer = client.post("/account/app-codes/", {"code": app_code(found.group(1))})
    assert answer.status_code == 302
    return found.group(1)


def app_code(key: str, *, ahead: int = 0) -> str:
    """What an app shows for this key now, or ``ahead`` half minutes later (RFC 6238)."""
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    hashed = digest(b32decode(key), counter, "sha1")
    start = hashed[-1] & 15
    return f"{(int.from_bytes(hashed[start : start + 4]) & 0x7FFFFFFF) % 1_000_000:06}"


def without_tokens(page: str) -> str:
    """A page without what differs at every request: the token of its forms and the request's id."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r"\b[0-9a-f]{16}\b", "REQUEST", page)
