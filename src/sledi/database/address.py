"""A database named by a URL: whether it answers and is new enough."""

import psycopg

from sledi.database.errors import NotStarted, VersionRefused

VERSION_MIN = 15


def check(url: str) -> str:
    """The version of the server at ``url`` as ``18.6``.

    Raises NotStarted when it cannot be reached and VersionRefused when it is too old.
    """
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            number = connection.info.server_version
    except psycopg.OperationalError as problem:
        reason = str(problem).strip().splitlines()[-1]
        raise NotStarted(f"the database does not answer: {reason}") from problem
    version = f"{number // 10000}.{number % 10000}"
    if number < VERSION_MIN * 10000:
        raise VersionRefused(f"PostgreSQL {version} is too old: sledi needs {VERSION_MIN} or newer")
    return version
