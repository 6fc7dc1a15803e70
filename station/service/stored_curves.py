"""Looks at recorded runs: any stretch of a run, at any zoom, in as many points as a screen can show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from station.curves import StoredCurve
from station.errors import DataError, UsageError

QUANTITIES: Final = ("voltage_V", "current_A", "surface_degC")
KEPT_BYTES: Final = 400_000_000
"""Recordings looked at last stay in memory up to so much; the newest one always does."""
GAP_FACTOR: Final = 5.0
"""A pause of more than so many of the longest usual sampling periods is a gap in the line."""
LEAST_GAP_S: Final = 2.0


@dataclass(frozen=True)
class _Run:
    stamp: tuple[str, int, int]
    curves: dict[str, StoredCurve]
    gap_s: float

    @property
    def nbytes(self) -> int:
        return sum(curve.nbytes for curve in self.curves.values())


class StoredCurves:
    """Reads a run once and keeps it while it is looked at. Called from several threads."""

    def __init__(self) -> None:
        self._runs: OrderedDict[Path, _Run] = OrderedDict()
        self._lock = threading.Lock()

    def view(
        self,
        run_dir: Path,
        quantities: tuple[str, ...] = QUANTITIES,
        *,
        begin_s: float | None = None,
        end_s: float | None = None,
        buckets: int = 1000,
    ) -> dict[str, Any]:
        """``begin_s``, ``end_s`` and ``curves``: of each quantity ``width_s``, ``t`` and ``v``.

        Four points a bucket: first, least and greatest, last; None where the line breaks. Without ``begin_s``
        and ``end_s`` the whole run. Raises UsageError (``usage.request``) for a quantity that is none or an
        empty span, DataError where nothing can be read.
        """
        unknown = set(quantities) - set(QUANTITIES)
        if unknown:
            raise _wrong("quantities", f"of {', '.join(QUANTITIES)}, not {', '.join(sorted(unknown))}")
        run = self._run(run_dir)
        spans = [curve.span_s for curve in run.curves.values() if len(curve.t)]
        begin = min((span[0] for span in spans), default=0.0) if begin_s is None else begin_s
        end = max((span[1] for span in spans), default=1.0) if end_s is None else end_s
        if not end > begin:
            raise _wrong("end_s", f"later than {begin:g} s")
        curves = {}
        for quantity in quantities:
            drawn = run.curves[quantity].view(begin, end, buckets)
            t, v = drawn.line(run.gap_s)
            curves[quantity] = {
                "width_s": drawn.width_s,
                "t": np.round(t, 6).tolist(),
                "v": [None if value != value else value for value in v.tolist()],
            }
        return {"begin_s": begin, "end_s": end, "curves": curves}

    def _run(self, run_dir: Path) -> _Run:
        path = next((run_dir / name for name in _FILES if (run_dir / name).is_file()), run_dir / _FILES[0])
        try:
            found = path.stat()
        except OSError as error:
            raise DataError(
                f"{path}: the run has no recording",
                remedy="restore the run's folder from the backup",
                code="data.missing",
                file=str(path),
            ) from error
        stamp = (path.name, found.st_size, found.st_mtime_ns)
        with self._lock:
            known = self._runs.get(run_dir)
            if known is None or known.stamp != stamp:
                known = _read(path, stamp)
                self._runs[run_dir] = known
            self._runs.move_to_end(run_dir)
            while len(self._runs) > 1 and sum(run.nbytes for run in self._runs.values()) > KEPT_BYTES:
                self._runs.popitem(last=False)
            return known


_FILES: Final = ("run.parquet", "journal.jsonl")


def _read(path: Path, stamp: tuple[str, int, int]) -> _Run:
    if path.suffix == ".parquet":
        from station.rawfiles import read_record

        samples = read_record(path).samples
    else:  # still going on, or cut off
        from station.engine.record.journal_reader import read_journal
        from station.engine.record.runfile import recording_of

        samples = recording_of(read_journal(path)).samples
    assert samples is not None  # the station's own files are tables of samples
    t = samples.time_s
    temperature = (
        samples.temperature_degC if samples.temperature_degC is not None else np.full(len(t), np.nan)
    )
    columns = zip(QUANTITIES, (samples.voltage_V, samples.current_A, temperature), strict=True)
    steps = np.diff(t[np.isfinite(t)])
    usual_s = float(np.quantile(steps, 0.99)) if len(steps) else 0.0
    return _Run(
        stamp, {name: StoredCurve(t, v) for name, v in columns}, max(GAP_FACTOR * usual_s, LEAST_GAP_S)
    )


def _wrong(field: str, wanted: str) -> UsageError:
    return UsageError(
        f"the request is wrong: {field}: must be {wanted}",
        remedy="correct the field",
        code="usage.request",
        field=field,
    )
