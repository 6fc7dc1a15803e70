"""What a demo does not touch: lists that are read from files, the servers for other programs, the keeper."""

from __future__ import annotations

import json
import re
import select
import subprocess
import time
from pathlib import Path
from typing import Any

from delivery.away import bare_environment

LISTS = {
    "drivers": ("drivers", "list"), "families": ("bms", "families"), "profiles": ("profile", "list"),
    "rules": ("rules", "versions"),
}  # fmt: skip
PATIENCE_S = 180.0


def prove_parts(bundle: Path, place: Path) -> dict[str, Any]:
    """How many entries each list has, and what the keeper of frames answers. Raises CalledProcessError."""
    environment = bare_environment(place / "部件 家")
    station = [str(bundle / "station")]
    found: dict[str, Any] = {}
    for name, words in LISTS.items():
        said = subprocess.run(
            [*station, *words, "--json"], cwd=place, env=environment, check=True,
            stdout=subprocess.PIPE, text=True, encoding="utf-8",
        ).stdout  # fmt: skip
        rows = json.loads(said)
        found[name] = max(len(one) for one in rows.values() if isinstance(one, list))
    asked = json.dumps({"address": "can://nowhere", "timeout_s": 1.0, "frames": []})
    keeper = subprocess.run(
        [*station, "--child", "drivers.keeper"], input=f"{asked}\n", cwd=place, env=environment, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8", timeout=PATIENCE_S,
    )  # fmt: skip
    found["keeper_answers"] = list(json.loads(keeper.stdout.splitlines()[-1]))
    return found


def prove_servers(bundle: Path, place: Path, environment: dict[str, str], where: list[str]) -> dict[str, str]:
    """The interfaces for other programs beside a running service: what each says when it is ready."""
    commands = {
        "api": ["api", "serve", "--port", "0", *where],
        "opcua": ["plant", "opcua", "--endpoint", "opc.tcp://127.0.0.1:0/pulse", *where],
    }
    return {
        name: _first_words([str(bundle / "station"), *words], place, environment)
        for name, words in commands.items()
    }


def _first_words(command: list[str], place: Path, environment: dict[str, str]) -> str:
    """What the program says first; it is ended then. Raises RuntimeError when it ends by itself."""
    process = subprocess.Popen(
        command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    said, deadline = b"", time.monotonic() + PATIENCE_S
    try:
        while not re.search(rb"(https?|opc\.tcp)://\S+", said):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[1:4]}: {said.decode('utf-8', 'replace')[-2000:]}")
            if select.select([process.stderr], [], [], 0.2)[0]:
                said += process.stderr.read1(65536)  # type: ignore[attr-defined]
        return said.decode("utf-8", "replace").strip().splitlines()[-1]
    finally:
        process.terminate()
        process.wait(30)
