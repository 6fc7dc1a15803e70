"""The guard process: ``python -m station.safety.guard --bench-json - --data DIR --token TOKEN``.

One per bench. With ``--bench-json -`` the first line of stdin is the bench as JSON; stdin stays open
as long as the service lives. Prints one line ``{"ready": {"host", "port"}}``, or ``{"error": {…}}``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from drivers.catalogue import check_identity, open_instrument
from drivers.contracts.relay import RelayBoard
from station.errors import BenchError, ExitCode, StationError
from station.safety.append_log import AppendLog
from station.safety.guard_locks import alone
from station.safety.guard_server import GuardServer
from station.safety.guard_settings import GuardSettings, RelayRef, guard_settings
from station.safety.priority import raise_priority

TOKEN_VARIABLE = "STATION_GUARD_TOKEN"


def open_relay(ref: RelayRef) -> RelayBoard:
    """Open the relay board and check its identity. Raises DriverError, BenchError."""
    board = open_instrument(ref.driver, ref.address, ref.options)
    try:
        if not isinstance(board, RelayBoard):
            raise BenchError(
                f"guard.relay: {ref.driver} is not a relay board",
                remedy="name a relay driver",
                code="bench.no_relay",
            )
        if ref.expect:
            check_identity(board, ref.expect, ref.address or "")
    except BaseException:
        board.close()
        raise
    return board


def serve(
    settings: GuardSettings,
    data: Path,
    token: str,
    *,
    open_board: Callable[[], RelayBoard],
    on_ready: Callable[[str, int], None],
    attach: Callable[[GuardServer], None],
) -> None:
    """Hold the locks and serve until the end. Raises BusyError when another guard holds one of them."""
    folder = data / "benches" / settings.bench
    with alone(folder, settings):
        log = AppendLog(folder / "guard.jsonl")
        try:
            server = GuardServer(settings, token, open_board, log)
            attach(server)
            asyncio.run(server.run(on_ready))
        finally:
            log.close()


def main(argv: list[str] | None = None) -> int:
    """Run the guard; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m station.safety.guard", description="Independent supervisor."
    )
    parser.add_argument("--bench-json", required=True, help="a file, or - for the first line of stdin")
    parser.add_argument("--data", required=True, type=Path, help="the station's data directory")
    parser.add_argument("--token", help=f"what clients must say; else the variable {TOKEN_VARIABLE}")
    options = parser.parse_args(argv)
    token = options.token or os.environ.get(TOKEN_VARIABLE, "")
    # A silent board is told once in the guard's own log; the library would tell it at every exchange.
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    try:
        if not token:
            raise StationError(
                "no token", remedy=f"give --token or set {TOKEN_VARIABLE}", code="guard.no_token"
            )
        settings = guard_settings(_read_bench(options.bench_json))
        raise_priority()
        serve(
            settings,
            options.data,
            token,
            open_board=lambda: open_relay(settings.relay),
            on_ready=lambda host, port: _say({"ready": {"host": host, "port": port}}),
            attach=_attach,
        )
    except StationError as error:
        _say({"error": error.as_dict()})
        return error.exit_code
    return ExitCode.PASS


def _read_bench(source: str) -> Any:
    try:
        text = sys.stdin.buffer.readline() if source == "-" else Path(source).read_bytes()
        return json.loads(text)
    except (OSError, ValueError) as error:
        raise BenchError(
            f"the bench is not readable JSON: {error}",
            remedy="give it as one line on stdin",
            code="bench.unreadable",
        ) from error


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _attach(server: GuardServer) -> None:
    """End with the service (stdin closes) or on a signal."""

    def wait_for_end_of_input() -> None:
        while os.read(0, 4096):
            pass
        server.no_more_clients()

    threading.Thread(target=wait_for_end_of_input, name="stdin", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())


if __name__ == "__main__":
    sys.exit(main())
