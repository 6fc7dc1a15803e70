"""``python -m simulators --config FILE.json``: run a simulated bench until told to stop.

Prints one JSON line with all real addresses when every port is open, then nothing. Ends on
SIGTERM, Ctrl-C, the control port's ``shutdown``, or with ``--until-stdin-closes`` when standard
input closes. ``--config -`` reads the configuration from standard input: all of it, or only its
first line together with ``--until-stdin-closes``. ``--scenario`` adds faults and their moments from a YAML
or JSON file: a list of what the control port's ``arm`` takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulators.bench import Bench, run
from simulators.config import BenchSimulation
from simulators.scheduling import answer_early


def main(arguments: list[str] | None = None) -> int:
    """Run; returns the exit code: 0 ended as asked, 2 bad configuration, 1 a port was taken."""
    parser = argparse.ArgumentParser(prog="python -m simulators", description="Run a simulated bench.")
    parser.add_argument("--config", required=True, help="JSON file, or - for standard input")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input closes")
    parser.add_argument("--scenario", type=Path, help="faults and their moments, YAML or JSON")
    options = parser.parse_args(arguments)
    try:
        settings = BenchSimulation.model_validate_json(_read(options.config, options.until_stdin_closes))
        if options.scenario is not None:
            settings = settings.model_copy(update={"scenario": _scenario(options.scenario)})
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{options.config}: {error}\n")
        return 2
    answer_early()
    try:
        asyncio.run(_run(settings, options.until_stdin_closes))
    except ValueError as error:
        sys.stderr.write(f"{options.config}: {error}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"cannot open a port: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


def _read(source: str, keep_stdin: bool) -> str:
    if source != "-":
        return Path(source).read_text(encoding="utf-8")
    return sys.stdin.readline() if keep_stdin else sys.stdin.read()


def _scenario(path: Path) -> list[dict[str, Any]]:
    """The faults of a scenario file. Raises ValueError naming the file."""
    try:
        steps = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except YAMLError as error:
        raise ValueError(f"{path}: {error}") from error
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise ValueError(f"{path}: a scenario is a list of faults, each with label, channel, when and fault")
    return steps


async def _run(settings: BenchSimulation, until_stdin_closes: bool) -> None:
    bench = Bench(settings)
    loop = asyncio.get_running_loop()

    def stop(_signal: int = 0, _frame: FrameType | None = None) -> None:
        loop.call_soon_threadsafe(bench.stopping.set)

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, stop)
    if until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_input, args=(stop,), daemon=True).start()
    await run(bench, _announce)


def _announce(info: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"ready": True, **info}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _wait_for_end_of_input(stop: Any) -> None:
    while sys.stdin.readline():
        pass
    stop()


if __name__ == "__main__":
    sys.exit(main())
