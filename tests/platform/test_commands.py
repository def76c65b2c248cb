"""``sledi doctor``, ``sledi config check`` and the dispatch of commands."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from sledi import __version__
from sledi.cli.supervisor import PROGRAM


def sledi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("SLEDI_", "DJANGO_", "DATABASE_URL"))
    }
    return subprocess.run(
        [*PROGRAM, *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_version_is_told() -> None:
    assert sledi("--version").stdout == f"sledi {__version__}\n"


def test_wrong_use_is_code_2() -> None:
    assert sledi("fly").returncode == 2
    assert sledi().returncode == 2


def test_every_command_of_the_platform_is_listed() -> None:
    listed = {line.split()[0] for line in sledi("--help").stdout.splitlines() if line.startswith("    ")}
    for command in ("up", "web", "worker", "simulator", "prepare", "demo", "config", "doctor"):
        assert command in listed


def test_every_setting_is_printed_with_its_source(tmp_path: Path) -> None:
    checked = sledi("config", "check", SLEDI_DATA_DIR=str(tmp_path), SLEDI_SITE_URL="https://track.example")
    assert checked.returncode == 0
    assert "SLEDI_SITE_URL = https://track.example  (environment)\n" in checked.stdout
    assert "SLEDI_DEBUG = 0  (default)\n" in checked.stdout
    assert "SLEDI_CARRIER_RUSSIAN_POST_LOGIN = (empty)  (default)\n" in checked.stdout


def test_secrets_are_not_printed(tmp_path: Path) -> None:
    checked = sledi(
        "config",
        "check",
        SLEDI_DATA_DIR=str(tmp_path),
        SLEDI_SECRET_KEY="k" * 50,
        SLEDI_CARRIER_UKRPOSHTA_BEARER="b" * 30,
        DATABASE_URL="postgresql://sledi:hunter2@db.example/sledi",
    )
    assert checked.returncode == 0
    assert "SLEDI_SECRET_KEY = (kept secret)  (environment)\n" in checked.stdout
    for secret in ("k" * 50, "b" * 30, "hunter2"):
        assert secret not in checked.stdout


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("SLEDI_SITE_URL", "track.example", "must begin with https:// or http://"),
        ("SLEDI_DEBUG", "perhaps", "must be 1 or 0"),
        ("SLEDI_NUMBERS_PER_HOUR", "many", "must be a whole number of at least 1"),
        ("SLEDI_SECRET_KEY", "short", "must have at least 40 characters"),
        ("DATABASE_URL", "sqlite:///x", "must begin with postgresql://"),
        ("SLEDI_EMAIL_URL", "mail.example", "must begin with smtp:// or smtps://"),
        ("SLEDI_SITE_URI", "x", "no setting has this name"),
        ("SLEDI_CARRIER_UKRPOSHTA_BEARR", "x", "no setting has this name"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str, text: str, problem: str) -> None:
    checked = sledi("config", "check", SLEDI_DATA_DIR=str(tmp_path), **{name: text})
    assert checked.returncode == 1
    assert [line for line in checked.stdout.splitlines() if "WRONG" in line] == [
        line
        for line in checked.stdout.splitlines()
        if line.startswith(name) and line.endswith(f"WRONG: {problem}")
    ]
    assert f"WRONG: {problem}" in checked.stdout


def test_nothing_is_served_with_a_wrong_setting(tmp_path: Path) -> None:
    refused = sledi("web", "--port", "0", SLEDI_DATA_DIR=str(tmp_path), SLEDI_DEBUG="perhaps")
    assert refused.returncode == 1
    assert refused.stderr == "sledi: SLEDI_DEBUG must be 1 or 0\n"


def test_nothing_is_served_without_a_key(tmp_path: Path) -> None:
    refused = sledi("web", "--port", "0", SLEDI_DATA_DIR=str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr.startswith("sledi: SLEDI_SECRET_KEY is not set")


def test_nothing_is_served_without_assets(tmp_path: Path) -> None:
    refused = sledi("web", "--port", "0", SLEDI_DATA_DIR=str(tmp_path), SLEDI_SECRET_KEY="k" * 50)
    assert refused.stderr == "sledi: the assets are not collected: run `sledi prepare` first\n"


def test_the_doctor_finds_nothing_wrong_on_a_fresh_machine(open_folder: Path) -> None:
    examined = sledi("doctor", "--port", "0", "--data-dir", str(open_folder / "data"))
    assert examined.returncode == 0, examined.stdout + examined.stderr
    assert "ok     PostgreSQL: " in examined.stdout
    assert "`sledi up` makes it" in examined.stdout
    assert not (open_folder / "data").exists()


def test_the_doctor_names_a_taken_port(open_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        examined = sledi("doctor", "--port", str(port), "--data-dir", str(open_folder / "data"))
    assert examined.returncode == 1
    assert f"wrong  port: {port} → port {port} is taken by another program" in examined.stdout


def test_the_doctor_names_a_folder_of_others(open_folder: Path) -> None:
    (open_folder / "thesis.txt").write_text("years of work")
    examined = sledi("doctor", "--port", "0", "--data-dir", str(open_folder))
    assert examined.returncode == 1
    assert "holds files that sledi did not make" in examined.stdout
    assert [path.name for path in open_folder.iterdir()] == ["thesis.txt"]


def test_the_doctor_names_a_database_that_is_away(open_folder: Path) -> None:
    examined = sledi(
        "doctor", "--port", "0", DATABASE_URL="postgresql://x@127.0.0.1:1/x", SLEDI_DATA_DIR=str(open_folder)
    )
    assert examined.returncode == 1
    assert "wrong  database: not usable → the database does not answer" in examined.stdout
