"""A database server for one benchmark run: embedded, durable as in production, thrown away afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running_database() -> Iterator[None]:
    """Set Django up on a fresh, migrated database."""
    from sledi.database import folder, server

    with tempfile.TemporaryDirectory(prefix="sledi-bench-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)  # the server's own user has to pass through
        os.environ["SLEDI_DATA_DIR"] = home
        with folder.claim(Path(home) / "data") as claimed:
            started = server.start(claimed)
            try:
                os.environ["DATABASE_URL"] = started.url
                os.environ["DJANGO_SETTINGS_MODULE"] = "sledi.project.settings"
                import django
                from django.core.management import call_command
                from django.db import connections

                django.setup()
                call_command("migrate", verbosity=0)
                call_command("collectstatic", verbosity=0, interactive=False)
                yield
                connections.close_all()
            finally:
                started.stop()
