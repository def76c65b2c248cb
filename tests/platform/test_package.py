"""The wheel: everything the product needs, nothing of the tests; and it runs where nothing else is."""

import os
import subprocess
import sys
import urllib.request
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from ops.promises import ROOT
from sledi.cli.ports import any_free

pytestmark = pytest.mark.slow

NOT_SHIPPED = {".po", ".pyc", ".mo"}  # .mo are made at the build and looked for below


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    )
    return next(folder.glob("sledi-*.whl"))


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("SLEDI_", "DJANGO_", "PYTHON"))
    }
    done = subprocess.run(
        command,
        env={**kept, **environment},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_wheel_holds_every_file_of_the_product_and_no_test(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        shipped = {name for name in archive.namelist() if not name.startswith("sledi-")}
    wanted = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src").rglob("*")
        if path.is_file()
        and path.suffix not in NOT_SHIPPED
        and not {"tests", "__pycache__"} & set(path.parts)
    }
    assert {name for name in shipped if not name.endswith((".mo", ".po"))} == wanted
    languages = {path.parts[-3] for path in (ROOT / "src/sledi/locale").glob("*/LC_MESSAGES/django.po")}
    assert (
        {name.split("/")[2] for name in shipped if name.endswith(".mo")}
        == languages
        >= {"ru", "bg", "kk", "uk"}
    )


def test_an_empty_environment_with_the_wheel_runs_the_product(wheel: Path, open_folder: Path) -> None:
    venv.create(open_folder / "venv", with_pip=True)
    bin_folder = open_folder / "venv" / "bin"
    lock = str(ROOT / "requirements.lock")
    run(str(bin_folder / "python"), "-m", "pip", "install", "-q", "-c", lock, str(wheel))
    data = str(open_folder / "data")
    port = str(any_free())
    examined = run(str(bin_folder / "sledi"), "doctor", "--port", port, "--data-dir", data)
    assert "wrong" not in examined.stdout
    with subprocess.Popen(
        [bin_folder / "sledi", "up", "--port", port, "--data-dir", data],
        cwd=open_folder,
        env={
            name: text
            for name, text in os.environ.items()
            if not name.startswith(("SLEDI_", "DJANGO_", "PYTHON"))
        },
        stdout=subprocess.PIPE,
        text=True,
    ) as up:
        assert up.stdout
        said = iter(up.stdout.readline, "")
        assert any("Ctrl-C stops everything" in line for line in said)
        with urllib.request.urlopen(f"http://localhost:{port}/", timeout=10) as page:
            assert b"<html" in page.read()
        up.terminate()
        assert up.wait(10) == 0
