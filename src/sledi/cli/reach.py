"""Reaching the database of an installation, whether it runs at the moment or not."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sledi.database import folder
from sledi.database.errors import FolderInUse


def data_dir_of(given: Path | None) -> Path:
    """The data folder: the one given, else the one of the environment, else the usual one."""
    return (given or Path(os.environ.get("SLEDI_DATA_DIR") or folder.DEFAULT)).absolute()


@contextmanager
def at_rest(data_dir: Path) -> Iterator[str]:
    """The URL of the database while nobody else works on it: the embedded server is started for the time.

    Raises FolderInUse while ``sledi up`` runs there.
    """
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    from sledi.database import server

    with folder.claim(data_dir) as claimed:
        started = server.start(claimed)
        try:
            yield started.url
        finally:
            started.stop()


@contextmanager
def reached(data_dir: Path) -> Iterator[tuple[str, bool]]:
    """The URL of the database, and whether ``sledi up`` runs on it; else the server is started for the time."""
    try:
        with at_rest(data_dir) as url:
            yield url, False
    except FolderInUse:
        yield folder.address(data_dir), True
