"""A guard that speaks to the service only; ``fake_guard.json`` in the bench's folder sets its status."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sys
import threading
from pathlib import Path
from typing import Any

parser = argparse.ArgumentParser()
parser.add_argument("--bench-json", required=True)
parser.add_argument("--data", required=True, type=Path)
given = parser.parse_args()
bench = json.loads(sys.stdin.readline())
folder: Path = given.data / "benches" / bench["name"]
token = os.environ["STATION_GUARD_TOKEN"]


def status() -> dict[str, Any]:
    base = {"relay_ok": True, "estop_ok": True, "interlock_ok": True, "cutoffs": {"1": "open"}, "trips": []}
    with contextlib.suppress(FileNotFoundError):
        base |= json.loads((folder / "fake_guard.json").read_text())
    return base


def serve(link: socket.socket) -> None:
    with link, link.makefile("rwb", buffering=0) as stream:
        hello = json.loads(stream.readline())
        stream.write(json.dumps({"ok": hello == {"hello": "service", "token": token}}).encode() + b"\n")
        threading.Thread(target=answer_cuts, args=(stream,), daemon=True).start()
        while True:
            stream.write(json.dumps({"status": status()}).encode() + b"\n")
            threading.Event().wait(0.05)


def answer_cuts(stream: Any) -> None:
    """``fake_guard.json`` may hold ``cut_ok``; the asked ones are appended to ``fake_guard.cuts``."""
    for line in stream:
        asked = json.loads(line)
        with (folder / "fake_guard.cuts").open("a") as cuts:
            cuts.write(json.dumps(asked) + "\n")
        answer = {"answer": "cut", "channel": asked["channel"], "ok": status().get("cut_ok", True)}
        stream.write(json.dumps(answer).encode() + b"\n")


def accept() -> None:
    while True:
        link, _ = server.accept()
        threading.Thread(target=serve, args=(link,), daemon=True).start()


(folder / "fake_guard.pid").write_text(str(os.getpid()))
server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=accept, daemon=True).start()
host, port = server.getsockname()
print(json.dumps({"ready": {"host": host, "port": port}}), flush=True)  # noqa: T201
while sys.stdin.readline():
    pass
(folder / "fake_guard.ended").touch()
