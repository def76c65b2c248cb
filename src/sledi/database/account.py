"""The system user that runs the server: whoever runs sledi, but never root, which PostgreSQL refuses."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sledi.database.errors import DatabaseProblem

VARIABLE = "SLEDI_DATABASE_USER"

# A user of our own first (``useradd --system sledi``), then the one PostgreSQL has on many systems, then the
# one with no rights that every system has.
CANDIDATES = ("sledi", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    uid: int
    gid: int

    @property
    def step_down(self) -> dict[str, Any]:
        """Arguments of ``subprocess`` that make the child run as this user and nothing more."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can_pass(self, path: Path) -> bool:
        """Whether this user reaches ``path`` and may enter it (a folder) or run it (a program)."""
        asked = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$1"', "sh", path], cwd="/", check=False, **self.step_down
        )
        return asked.returncode == 0


def server_account(cluster: Path) -> Account:
    """Who runs the server of ``cluster``: its owner when it exists, so that it never changes hands.

    Raises DatabaseProblem when no fitting user exists.
    """
    if os.geteuid() != 0:
        return _account(os.geteuid())
    if cluster.exists():
        return _account(cluster.stat().st_uid)
    wanted = os.environ.get(VARIABLE)
    for name in [wanted] if wanted else CANDIDATES:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise DatabaseProblem(
        f"PostgreSQL does not run as root and there is no user {wanted or ' or '.join(CANDIDATES)}:"
        " create one (useradd --system sledi) and name it in SLEDI_DATABASE_USER if it is called otherwise"
    )


def _account(uid: int) -> Account:
    try:
        found = pwd.getpwuid(uid)
    except KeyError:
        raise DatabaseProblem(
            f"the user with the number {uid} has no name on this system, and PostgreSQL needs one:"
            " add the user, or set DATABASE_URL"
        ) from None
    return Account(found.pw_name, found.pw_uid, found.pw_gid)
