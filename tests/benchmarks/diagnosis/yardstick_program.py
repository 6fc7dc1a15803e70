"""Runs in the yardsticks' own environment: times PyProBE and ampworks on one record, prints one JSON line."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

import numpy as np

TIMES_S = [0.01, 0.1, 1.0, 5.0, 10.0]


def pyprobe(t: Any, current: Any, volts: Any) -> Callable[[], Any]:
    """Its resistances need time, current, voltage, an event number and SOC."""
    import polars as pl
    from pyprobe.analysis import pulsing
    from pyprobe.result import Result

    event = np.r_[0, np.cumsum(np.abs(np.diff(current)) > 0.01 * np.abs(current).max())]
    moved_Ah = np.r_[0.0, np.cumsum(np.diff(t) * current[1:])] / 3600.0
    frame = pl.DataFrame(
        {
            "Time [s]": t,
            "Current [A]": current,
            "Voltage [V]": volts,
            "Event": event,
            "Capacity [Ah]": moved_Ah,
            "SOC": 0.5 + moved_Ah / 20.0,
        }
    )

    defined = {name.split(" [")[0]: name for name in frame.columns}

    def run() -> Any:
        result = Result(lf=frame.lazy(), info={}, column_definitions=defined)
        found = pulsing.get_resistances(result, r_times=TIMES_S)
        return found.lf.collect()

    return run


def ampworks(t: Any, current: Any, volts: Any) -> Callable[[], Any]:
    """Its impedances need seconds, amps, volts and a state."""
    import ampworks as amp
    from ampworks import hppc

    state = np.where(current > 0, "C", np.where(current < 0, "D", "R"))
    data = amp.Dataset({"Seconds": t, "Amps": current, "Volts": volts, "State": state})
    return lambda: hppc.extract_impedance(data.copy(), sample_times=TIMES_S)


def main(path: str) -> None:
    """Least of seven times in ms and the number of rows found, for each tool; or what it said."""
    t, current, volts = np.genfromtxt(path, delimiter=",", skip_header=1, usecols=(0, 1, 2)).T
    found = {}
    for package, make in (("PyProBE-Data", pyprobe), ("ampworks", ampworks)):
        entry: dict[str, Any] = {"version": metadata.version(package)}
        try:
            run = make(t, current, volts)
            entry["pulses"] = len(run())
            times = []
            for _ in range(7):
                started = time.perf_counter()
                run()
                times.append(time.perf_counter() - started)
            entry["ms"] = 1e3 * min(times)
        except Exception as error:  # noqa: BLE001 - a tool that cannot read a record is a result
            entry["error"] = f"{type(error).__name__}: {error}"[:200]
        found[package] = entry
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
