"""A real MQTT broker (mosquitto) for a test, on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def mosquitto() -> Iterator[int]:
    """Its port."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    assert Path(program).exists(), (
        "mosquitto is not installed: python3 run.py test installs it as root on Debian"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as place:
        settings = Path(place) / "broker.conf"
        settings.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n"
        )
        with subprocess.Popen([program, "-c", str(settings)], stderr=subprocess.DEVNULL) as broker:
            try:
                _wait(port)
                yield port
            finally:
                broker.terminate()


def _wait(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
            return
    raise TimeoutError("the broker does not listen")
