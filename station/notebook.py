"""Runs in a notebook: ``open_run(folder)`` gives arrays, a data frame, a plot, and a table of its facts.

numpy alone is needed; ``frame`` needs pandas and ``plot`` matplotlib (the extra ``notebook``).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.errors import DataError
from station.rawfiles import Recording, read_record

Floats = NDArray[np.float64]
COLUMNS = ("time_s", "voltage_V", "current_A", "temperature_degC", "segment")


@dataclass(frozen=True, eq=False)
class OpenRun:
    """One test. Arrays have shape (samples,), SI units, positive current charges, NaN where nothing is."""

    path: Path
    time_s: Floats
    voltage_V: Floats
    current_A: Floats
    temperature_degC: Floats
    segment: NDArray[np.int64]
    about: dict[str, Any] = field(repr=False)
    result: dict[str, Any] = field(repr=False)
    recording: Recording = field(repr=False)

    @property
    def duration_s(self) -> float:
        """From the first sample to the last."""
        return float(self.time_s[-1] - self.time_s[0])

    @property
    def charge_Ah(self) -> tuple[float, float]:
        """Charged and discharged, both positive."""
        moved = self.current_A * np.diff(self.time_s, prepend=self.time_s[:1]) / 3600
        return float(moved[moved > 0].sum()), float(-moved[moved < 0].sum())

    @property
    def pulses(self) -> list[dict[str, Any]]:
        """The pulses of the result: start, current, resistances; empty where nobody analysed it."""
        return [pulse for block in self.result.get("blocks", []) for pulse in block["pulses"]]

    def arrays(self) -> dict[str, Any]:
        """All columns by name."""
        return {name: getattr(self, name) for name in COLUMNS}

    def frame(self) -> Any:
        """A pandas data frame of all samples, indexed by time in s. Raises ImportError without pandas."""
        import pandas as pd

        return pd.DataFrame(self.arrays()).set_index("time_s")

    def plot(self, axes: Any = None) -> Any:
        """Voltage and current over time; returns the matplotlib axes. Raises ImportError without it."""
        import matplotlib.pyplot as plt

        if axes is None:
            _, axes = plt.subplots(2, 1, sharex=True)
        axes[0].plot(self.time_s, self.voltage_V, linewidth=0.9)
        axes[0].set_ylabel("voltage / V")
        axes[1].plot(self.time_s, self.current_A, linewidth=0.9, color="tab:orange")
        axes[1].set_ylabel("current / A")
        axes[1].set_xlabel("time / s")
        axes[0].set_title(self._title())
        return axes

    def _title(self) -> str:
        battery = self.about.get("battery") or {}
        plan = self.about.get("plan") or {}
        parts = (plan.get("profile") or self.about.get("profile"), battery.get("code"), self.path.name)
        return " · ".join(str(part) for part in parts if part)

    def facts(self) -> dict[str, str]:
        """What the table shows."""
        charged, discharged = self.charge_Ah
        soh = self.result.get("soh") or {}
        found = {
            "run": self._title(),
            "samples": str(len(self.time_s)),
            "duration": f"{self.duration_s:.1f} s",
            "charged / discharged": f"{charged:.4g} / {discharged:.4g} Ah",
            "voltage": f"{np.nanmin(self.voltage_V):.4f} … {np.nanmax(self.voltage_V):.4f} V",
            "current": f"{np.nanmin(self.current_A):.4g} … {np.nanmax(self.current_A):.4g} A",
        }
        if self.about.get("simulated"):
            found["simulated"] = "yes"
        if soh:
            found["SOH"] = f"{soh['estimate']:.1%} ({soh['low90']:.1%} … {soh['high90']:.1%})"
        if self.result.get("verdict"):
            found["verdict"] = str(self.result["verdict"])
        return found

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th><td>{escape(value)}</td></tr>"
            for name, value in self.facts().items()
        )
        return f"<table>{rows}</table>"


def open_run(path: str | Path) -> OpenRun:
    """Open a run's folder (or its ``run.parquet``), or any record that ``station diagnose`` reads.

    Raises DataError when it is none, or holds no samples.
    """
    place = Path(path).expanduser()
    file = place / "run.parquet" if place.is_dir() else place
    recording = read_record(file)
    samples = recording.samples
    if samples is None or not len(samples.time_s):
        raise DataError(
            f"{file}: holds no samples",
            remedy="open the run's folder, or a file with samples",
            code="data.no_samples",
            file=str(file),
        )
    missing = np.full(len(samples.time_s), np.nan)
    return OpenRun(
        path=place if place.is_dir() else place.parent,
        time_s=samples.time_s,
        voltage_V=samples.voltage_V,
        current_A=samples.current_A,
        temperature_degC=missing if samples.temperature_degC is None else samples.temperature_degC,
        segment=np.zeros(len(missing), np.int64) if samples.step is None else samples.step.astype(np.int64),
        about=recording.metadata,
        result=_result(file.parent),
        recording=recording,
    )


def _result(folder: Path) -> dict[str, Any]:
    """What the station said of it; empty where nobody did."""
    try:
        data = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
