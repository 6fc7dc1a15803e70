"""The service's program: one ready line or one error line on stdout, everything else in its log."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from station.bench import Bench, load_bench, locate_bench
from station.errors import StationError
from station.service.config import ServiceConfig
from station.service.glance import file_sha256
from station.service.paths import ServiceAddress
from station.service.server import run_service


def main(
    bench: str,
    data: Path,
    idle_exit_s: float | None = None,
    configure: Callable[[Bench, Path, float | None], ServiceConfig] = ServiceConfig,
) -> int:
    """Run the service of ``bench``. Returns the exit code."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.captureWarnings(True)
    for noisy in ("uvicorn", "alembic"):  # uvicorn would write the live clients' token into the log
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        # The analysis process, a child, judges with the models and rules adopted in this data folder.
        os.environ.setdefault("STATION_MODELS", str(data.resolve() / "models"))
        os.environ.setdefault("STATION_RULES", str(data.resolve() / "rules"))
        file = locate_bench(bench).resolve()
        sha256 = file_sha256(file)
        config = configure(load_bench(bench), data.resolve(), idle_exit_s)
        config = replace(config, bench_file=file, bench_file_sha256=sha256)
        run_service(config, lambda address: _tell({"ready": _public(address)}))
    except StationError as error:
        logging.getLogger(__name__).error("%s", error)
        _tell({"error": error.as_dict()})
        return error.exit_code
    return 0


def _public(address: ServiceAddress) -> dict[str, Any]:
    """The address without the token: stdout may be somebody's log."""
    return {key: value for key, value in asdict(address).items() if key != "token"}


def _tell(message: dict[str, Any]) -> None:
    try:
        sys.stdout.write(json.dumps(message, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    except OSError:
        logging.getLogger(__name__).info("nobody reads stdout any more")
