"""Settings of the tests: the product's own, without anything of this machine's environment or data folder."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

RUN_FOLDER = "TEST_RUN_FOLDER"  # set by the first process of a test run, inherited by all others

if RUN_FOLDER not in os.environ:
    # Not pytest's own folder: that one is closed to the system user who runs the database when we are root.
    os.environ[RUN_FOLDER] = tempfile.mkdtemp(prefix="sledi-test-", dir="/tmp")
    Path(os.environ[RUN_FOLDER]).chmod(0o711)
    atexit.register(shutil.rmtree, os.environ[RUN_FOLDER], ignore_errors=True)
for name in [name for name in os.environ if name.startswith("SLEDI_")]:
    del os.environ[name]
os.environ["SLEDI_DATA_DIR"] = (
    f"{os.environ[RUN_FOLDER]}/data-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
)
os.environ["SLEDI_SECRET_KEY"] = "of-the-tests-" * 4

from sledi.project.settings import *  # noqa: E402, F403
from sledi.project.settings import STATIC_ROOT, STORAGES  # noqa: E402

STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
