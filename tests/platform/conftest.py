import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A fresh folder that every user may pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="sledi-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def stranger() -> pwd.struct_passwd:
    """A local user who has nothing to do with sledi; only root can act as one."""
    if not AS_ROOT:
        pytest.skip("only root can act as another user")
    return pwd.getpwnam("daemon")
