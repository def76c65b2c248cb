"""``sledi backup`` and ``sledi restore``."""

import tarfile
from pathlib import Path

import psycopg
import pytest

from sledi.cli import main
from sledi.database import folder, server

KEY = "k" * 50
PHOTO = "attachments/3f/01a0e73e-1280-7f4a-9268-1000c04d6d3f.jpg"


@pytest.fixture
def backed_up(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A backup of a database with one row, of a folder with a key."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with folder.claim(open_folder / "old") as claimed:
        (open_folder / "old" / "secret_key").write_text(KEY)
        (open_folder / "old" / PHOTO).parent.mkdir(parents=True)
        (open_folder / "old" / PHOTO).write_bytes(b"a photo")
        (open_folder / "old" / "attachments" / "notes.txt").write_text("nobody's")
        started = server.start(claimed, durable=False)
        with psycopg.connect(started.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 'посылка'::text AS word")
        # While it runs: the folder is in use, and the backup goes through the running server.
        assert main(["backup", str(open_folder / "b.tar"), "--data-dir", str(open_folder / "old")]) == 0
        started.stop()
    return open_folder / "b.tar"


def words_in(data_dir: Path) -> list[tuple[object, ...]]:
    with folder.claim(data_dir) as claimed:
        started = server.start(claimed, durable=False)
        try:
            with psycopg.connect(started.url) as connection:
                return connection.execute("SELECT word FROM kept").fetchall()
        finally:
            started.stop()


def test_a_backup_comes_back_in_another_folder_with_its_key(backed_up: Path, open_folder: Path) -> None:
    assert backed_up.stat().st_mode & 0o777 == 0o600
    assert main(["restore", str(backed_up), "--data-dir", str(open_folder / "new")]) == 0
    assert words_in(open_folder / "new") == [("посылка",)]
    assert (open_folder / "new" / "secret_key").read_text() == KEY
    assert (open_folder / "new" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_photos_come_back_and_nothing_else_that_lies_beside_them(backed_up: Path, open_folder: Path) -> None:
    assert main(["restore", str(backed_up), "--data-dir", str(open_folder / "new")]) == 0
    assert (open_folder / "new" / PHOTO).read_bytes() == b"a photo"
    assert (open_folder / "new" / PHOTO).stat().st_mode & 0o777 == 0o600
    assert not (open_folder / "new" / "attachments" / "notes.txt").exists()


def test_data_are_replaced_only_on_demand(
    backed_up: Path, open_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    restore = ["restore", str(backed_up), "--data-dir", str(open_folder / "old")]
    assert main(restore) == 1
    assert "the database is not empty" in capsys.readouterr().err
    assert main([*restore, "--overwrite"]) == 0
    assert words_in(open_folder / "old") == [("посылка",)]


def test_a_running_installation_is_not_restored_over(
    backed_up: Path, open_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with folder.claim(open_folder / "old"):
        assert main(["restore", str(backed_up), "--data-dir", str(open_folder / "old"), "--overwrite"]) == 1
    assert "sledi already runs" in capsys.readouterr().err


def test_an_existing_file_is_never_replaced(backed_up: Path, open_folder: Path) -> None:
    before = backed_up.read_bytes()
    assert main(["backup", str(backed_up), "--data-dir", str(open_folder / "old")]) == 1
    assert backed_up.read_bytes() == before


@pytest.mark.parametrize("name", ["thesis.txt", "empty.tar"])
def test_what_is_no_backup_is_refused(
    open_folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if name.endswith(".tar"):
        tarfile.open(open_folder / name, "w").close()
    else:
        (open_folder / name).write_text("years of work")
    assert main(["restore", str(open_folder / name), "--data-dir", str(open_folder / "new")]) == 1
    assert capsys.readouterr().err == f"sledi: {open_folder / name} is no backup of sledi\n"
    assert not (open_folder / "new").exists()
