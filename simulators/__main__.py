"""``python -m simulators --config FILE.json``: run a simulated bench until told to stop.

Prints one JSON line with all real addresses when every port is open, then nothing. Ends on
SIGTERM, Ctrl-C, the control port's ``shutdown``, or with ``--until-stdin-closes`` when standard
input closes. ``--config -`` reads the configuration from standard input: all of it, or only its
first line together with ``--until-stdin-closes``. ``--scenario`` adds faults and their moments from a YAML
or JSON file, see ``simulators.scenario``.
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

from simulators.bench import Bench, run
from simulators.config import BenchSimulation
from simulators.scenario import Scenario, ScenarioError, load_scenario
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
        scenario = None if options.scenario is None else load_scenario(options.scenario)
        answer_early(hurried=settings.speed > 1.0)
        _runner()(_run(settings, scenario, options.until_stdin_closes))
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (ValueError, FileNotFoundError) as error:
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


def _runner() -> Any:
    """libuv's event loop where it is installed: with dozens of instruments it takes a sixth less time."""
    import os

    if os.environ.get("NOUV"):
        return asyncio.run
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


async def _run(settings: BenchSimulation, scenario: Scenario | None, until_stdin_closes: bool) -> None:
    bench = Bench(settings)
    if scenario is not None:
        _arm(bench, scenario)
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


def _arm(bench: Bench, scenario: Scenario) -> None:
    for index, request in enumerate(scenario.requests()):
        try:
            bench.handle("arm", request)
        except ValueError as error:
            raise scenario.refused(index, str(error)) from error


def _announce(info: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"ready": True, **info}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _wait_for_end_of_input(stop: Any) -> None:
    while sys.stdin.readline():
        pass
    stop()


if __name__ == "__main__":
    sys.exit(main())
