"""Services as real processes, for tests of their life and death."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from station.service.client import ServiceClient, find_address
from tests.station.service import fakes

COMMAND = (sys.executable, str(Path(__file__).parent / "service_program.py"))


def write_bench(folder: Path, *, guard: bool = False) -> Path:
    """The fakes' bench as a file."""
    path = folder / "testbench.yaml"
    data = fakes.bench(guard=guard).model_dump(mode="json", by_alias=True)
    path.write_text(json.dumps(data), encoding="utf-8")  # YAML holds JSON
    return path


@contextmanager
def service_process(
    bench: Path, data: Path, *more: str, command: tuple[str, ...] = COMMAND
) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, Any]]]:
    """The process and its first line; killed at the end if the test has not ended it."""
    with (data / "stderr.txt").open("ab") as errors:
        process = subprocess.Popen(
            [*command, "--bench", str(bench), "--data", str(data), *more],
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline() or b"{}")
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()


def client_of(data: Path) -> ServiceClient:
    """A client by the file that the service has written."""
    address = find_address(data, "testbench")
    assert address is not None
    return ServiceClient(address, data=data, bench="testbench")
