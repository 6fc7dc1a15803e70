"""A PostgreSQL of its own for a test: made, started on loopback, and ended with everything it wrote."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "pulse"


def programs() -> Path:
    """The folder of the newest server programs installed here; fails the test where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    assert elsewhere, "PostgreSQL is not installed: python3 run.py test installs it as root on Debian"
    return Path(elsewhere).parent


@contextmanager
def postgresql() -> Iterator[str]:
    """Its URL without a database's name: ``postgresql+psycopg://pulse@127.0.0.1:PORT``."""
    where, port = programs(), _free_port()
    with tempfile.TemporaryDirectory(prefix="pulse-pg-", ignore_cleanup_errors=True) as place:
        as_user: list[str] = []
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(place, "postgres", "postgres")
            as_user = ["runuser", "-u", "postgres", "--"]

        def run(program: str, *arguments: str) -> None:
            command = [*as_user, str(where / program), "-D", f"{place}/data", *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=place)

        run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
        run("pg_ctl", "-w", "-l", f"{place}/log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}"
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
