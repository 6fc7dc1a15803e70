"""The bench file that a service was started with: shown, checked, written anew with the former one kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from drivers.errors import DriverError
from station.bench import Bench, check_bench_text, is_shipped, with_calibration
from station.errors import BenchError, StationError, UsageError
from station.service.bench_check import check_report
from station.service.config import ServiceConfig, bench_digest
from station.versions import Version, Versions, difference


class BenchFiles:
    """A file that ships is never written: its edited copy lies in the bench's own folder under DATA."""

    def __init__(self, config: ServiceConfig) -> None:
        self._config = config
        self.kept = Versions(config.paths.folder / "files")

    @property
    def path(self) -> Path:
        """Where the next text goes."""
        given = self._config.bench_file
        if given is None or is_shipped(given):
            return self._config.paths.folder / "bench.yaml"
        return given

    def text(self) -> str:
        """The newest text: what is written there, else what the service was started with."""
        given = self._config.bench_file
        for path in (self.path, given):
            if path is not None and path.is_file():
                return path.read_text(encoding="utf-8")
        raise UsageError(
            "this service was started without a bench file",
            remedy="start it with the path of one",
            code="bench.no_file",
        )

    def show(self) -> dict[str, Any]:
        """Text, place, versions, and whether it is what the service runs with."""
        text = self.text()
        bench, _ = check_bench_text(text, str(self.path))
        given = self._config.bench_file
        return {
            "text": text,
            "path": str(self.path),
            "shipped": given is not None and is_shipped(given),
            "pending": bench is not None and bench_digest(bench) != self._config.bench_digest,
            "versions": [line.as_dict() for line in self.kept.log("bench")],
        }

    def check(self, text: str) -> dict[str, Any]:
        """``ok``, ``problems`` with their places, the report of a good one, and what it changes."""
        bench, problems = self._read(text)
        return {
            "ok": not problems,
            "problems": [problem.as_dict() for problem in problems],
            "report": None if bench is None or problems else check_report(bench),
            "diff": difference(self.text(), text, ("now", "text")),
        }

    def write(self, text: str, who: str, why: str) -> Version:
        """Check, keep the former one, write. Raises BenchError, UsageError."""
        _, problems = self._read(text)
        if problems:
            raise problems[0]
        former = self.text()
        in_use = self.kept.in_use("bench")
        if in_use is None or self.kept.read("bench") != former:
            self.kept.add("bench", former, who, "as it was before")
        version = self.kept.add("bench", text, who, why)
        path = self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(path)
        return version

    def calibrate(self, address: str, wanted: dict[str, Any], who: str, why: str) -> Version:
        """Enter the calibration of the instrument at ``address``. Raises UsageError, BenchError."""
        text = with_calibration(self.text(), str(self.path), address, wanted)
        return self.write(text, who, why)

    def _read(self, text: str) -> tuple[Bench | None, list[StationError]]:
        bench, problems = check_bench_text(text, self.path.name)
        if bench is None:
            return None, list(problems)
        if bench.name != self._config.bench.name:
            return bench, [
                BenchError(
                    f"the bench is called {self._config.bench.name}, the text says {bench.name}",
                    remedy="keep the name: records and locks go by it; another bench is another file",
                    code="bench.renamed",
                    field="name",
                    line=1,
                )
            ]
        try:
            check_report(bench)
        except DriverError as error:
            return bench, [as_bench_error(error)]
        return bench, []


def as_bench_error(error: DriverError) -> BenchError:
    """A driver's complaint about a reference, as one about the bench file."""
    params = {key: value for key, value in error.params.items() if key not in ("message", "remedy", "code")}
    return BenchError(str(error), remedy=error.remedy, code=error.code, **params)
