"""The data folder: everything one installation keeps, and the lock of the one sledi that works on it.

    .sledi               says that the folder is ours; without it a folder with anything in it is left alone
    lock                 held by the running ``sledi up``
    secret_key           0600
    static/              assets, collected and compressed
    postgres/            the home of the embedded server ...
    postgres.location    ... or where that home is, when the server's user cannot reach this folder

    <home>/cluster/      PostgreSQL's own data
    <home>/socket/       0700, the only way in ...
    <home>/socket.location   ... or where it is, when that path is too long for a socket
    <home>/*.conf        the server's configuration
    <home>/binaries/     PostgreSQL's programs, when the server's user cannot reach the installed ones
    <home>/server.log

The server's user owns only ``cluster`` and ``socket``. Nothing is ever written into those from outside, so that
root cannot be led astray by a link that a taken-over server plants there.
"""

import fcntl
import hashlib
import os
import pwd
import stat
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sledi.database.account import Account
from sledi.database.errors import FolderInUse, FolderRefused

DEFAULT = "data"
MARKER = ".sledi"
STATE_ROOT = Path("/var/lib/sledi")
SOCKET_PATH_BYTES_MAX = 103  # sun_path holds 104 bytes on macOS and 108 on Linux, the last one is zero
SOCKET_NAME = ".s.PGSQL.5432"
_PASSABLE = 0o711  # root's server user must pass through; what is secret inside has modes of its own


@dataclass(frozen=True, slots=True)
class Folder:
    """A data folder that this process alone may change for now. ``held`` are its locks."""

    path: Path
    held: ExitStack


@contextmanager
def claim(path: Path) -> Iterator[Folder]:
    """Make ``path`` our data folder, or take it up again, and hold its lock.

    Raises FolderRefused for a folder that is not ours and FolderInUse while another sledi works on it.
    """
    path = path.absolute()
    try:
        _own(path)
    except OSError as problem:
        raise FolderRefused(
            f"{path} cannot be used ({problem.strerror}): give another --data-dir"
        ) from problem
    with ExitStack() as held:
        held.enter_context(_locked(path))
        yield Folder(path, held)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    except BlockingIOError:
        holder = os.read(lock, 20).decode().strip() or "unknown"
        raise FolderInUse(
            f"sledi already runs on {path} (process {holder}): stop it first, or give another --data-dir"
        ) from None
    finally:
        os.close(lock)


def _own(path: Path) -> None:
    if not path.exists():
        path.mkdir(parents=True)
        path.chmod(_PASSABLE if os.geteuid() == 0 else 0o700)
    if not path.is_dir():
        raise FolderRefused(f"{path} is not a folder: give another --data-dir")
    owner = path.stat().st_uid
    if owner != os.geteuid():
        raise FolderRefused(
            f"{path} belongs to {_name_of(owner)}: run sledi as that user, or give another --data-dir"
        )
    mark(path)


def mark(path: Path) -> None:
    """Put our sign into an empty folder. Raises FolderRefused when there is something of others in it."""
    marker = path / MARKER
    if marker.is_file():
        return
    if any(path.iterdir()):
        raise FolderRefused(
            f"{path} holds files that sledi did not make: give an empty or a new folder as --data-dir"
        )
    marker.write_text("This folder belongs to sledi. Nothing in it is meant to be changed by hand.\n")


def home_of(data_dir: Path) -> Path:
    """Where the embedded server of a data folder lives; it need not exist yet."""
    return _read_path(data_dir / "postgres.location") or data_dir / "postgres"


def settle_home(folder: Folder, account: Account) -> Path:
    """The server's home, made when it is not there, in a place that ``account`` can reach.

    Raises FolderRefused when there is none.
    """
    home = home_of(folder.path)
    if not home.exists() and not _make_home(home, account):
        home = _elsewhere(folder.path)
        _make_home(home, account)
        (folder.path / "postgres.location").write_text(f"{home}\n")
    if not account.can_pass(home):
        raise FolderRefused(
            f"the user {account.name}, who runs the database, cannot reach {home}:"
            " let that user pass through the folders above it, or set DATABASE_URL"
        )
    mark(home)
    if home.parent != folder.path:  # a copied data folder names the same home
        folder.held.enter_context(_locked(home))
    return home


def _make_home(home: Path, account: Account) -> bool:
    """Make the home; false, and nothing left behind, when ``account`` cannot reach it."""
    home.mkdir(exist_ok=True)
    home.chmod(_PASSABLE if account.step_down else 0o700)
    if account.can_pass(home):
        return True
    home.rmdir()
    return False


def _elsewhere(data_dir: Path) -> Path:
    if not STATE_ROOT.exists():
        STATE_ROOT.mkdir(parents=True)
        STATE_ROOT.chmod(0o755)
    if STATE_ROOT.stat().st_uid != os.geteuid():
        raise FolderRefused(
            f"{STATE_ROOT} belongs to {_name_of(STATE_ROOT.stat().st_uid)}: give another --data-dir"
        )
    # The digest keeps two data folders of one name apart.
    return STATE_ROOT / f"{data_dir.name}-{hashlib.sha256(bytes(data_dir)).hexdigest()[:12]}"


def address(data_dir: Path) -> str:
    """The URL of the database that ``sledi up`` runs on this data folder."""
    home = home_of(data_dir)
    socket = _short_socket(home) if _is_too_long(home) else home / "socket"
    return f"postgresql://sledi@/sledi?host={quote(str(socket), safe='/')}"


def settle_socket(home: Path, account: Account) -> Path:
    """A folder of mode 0700 for the server's socket, short enough a path for one."""
    if _is_too_long(home):
        return _settle_short_socket(home, account)
    socket = home / "socket"
    socket.mkdir(mode=0o700, exist_ok=True)
    os.chown(socket, account.uid, account.gid)
    return socket


def _is_too_long(home: Path) -> bool:
    return len(bytes(home / "socket" / SOCKET_NAME)) > SOCKET_PATH_BYTES_MAX


def _short_socket(home: Path) -> Path:
    return _read_path(home / "socket.location") or home / "socket"


def _settle_short_socket(home: Path, account: Account) -> Path:
    known = _short_socket(home)
    if _is_private(known, account):
        return known
    # Somebody may have cleaned the temporary folder, or put a folder of his own in our place: take a new name.
    # Not $TMPDIR, which is long on macOS.
    socket = Path(tempfile.mkdtemp(prefix="sledi-", dir="/tmp"))
    os.chown(socket, account.uid, account.gid)
    (home / "socket.location").write_text(f"{socket}\n")
    return socket


def _is_private(path: Path, account: Account) -> bool:
    try:
        state = path.lstat()
    except FileNotFoundError:
        return False
    return (
        stat.S_ISDIR(state.st_mode) and state.st_uid == account.uid and stat.S_IMODE(state.st_mode) == 0o700
    )


def secret_key(data_dir: Path) -> str:
    """The key that `sledi up` wrote; empty when there is none, or none that we may read."""
    return _read(data_dir / "secret_key")


def _read_path(file: Path) -> Path | None:
    text = _read(file)
    return Path(text) if text else None


def _read(file: Path) -> str:
    try:
        return file.read_text().rstrip("\n")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return ""


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
