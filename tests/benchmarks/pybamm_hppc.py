"""Run by an interpreter that has PyBaMM: ``python pybamm_hppc.py FOLDER`` simulates an HPPC test by the DFN.

Writes ``hppc.csv`` (time_s, current_A positive charges, voltage_V, soc) and ``hppc.json``: the blocks, and of
each pulse its beginning, current and resistances as the simulation's own solution tells them.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pybamm  # type: ignore[import-not-found]

SOCS = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
STEPS = (
    "Discharge at 0.5C for 12 minutes (10 second period)",
    "Rest for 1 hour (30 second period)",
    "Rest for 60 seconds (0.1 second period)",
    "Discharge at 1C for 10 seconds (0.1 second period)",
    "Rest for 40 seconds (0.1 second period)",
    "Charge at 0.75C for 10 seconds (0.1 second period)",
    "Rest for 80 seconds (0.1 second period)",
)
BLOCK_FROM, BLOCK_STEPS = 2, 5
AT_S = (1.0, 5.0, 10.0)


def main(folder: Path) -> None:
    """Simulate and write."""
    parameters = pybamm.ParameterValues("Chen2020")
    experiment = pybamm.Experiment([STEPS] * len(SOCS))
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN(), parameter_values=parameters, experiment=experiment
    )
    solution = simulation.solve(initial_soc=1.0)
    rows: list[tuple[float, float, float, float]] = []
    blocks = []
    for soc, cycle in zip(SOCS, solution.cycles, strict=True):
        begin_s = float(cycle.steps[BLOCK_FROM]["Time [s]"].entries[0])
        pulses = []
        for number in range(BLOCK_FROM, BLOCK_FROM + BLOCK_STEPS):
            step = cycle.steps[number]
            t = np.asarray(step["Time [s]"].entries)
            volts = np.asarray(step["Terminal voltage [V]"].entries)
            amps = -np.asarray(step["Current [A]"].entries)
            if abs(amps).max() > 0.1:
                before_V = rows[-1][2]
                ohm = {
                    f"{at:g}": float((np.interp(t[0] + at, t, volts) - before_V) / amps[-1]) for at in AT_S
                }
                pulses.append({"t0": float(t[0]), "current_A": float(amps[-1]), "resistance_ohm": ohm})
            rows += [(float(a), float(b), float(c), soc) for a, b, c in zip(t, amps, volts, strict=True)]
        blocks.append({"soc": soc, "from_s": begin_s, "to_s": rows[-1][0], "pulses": pulses})
    with (folder / "hppc.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["time_s", "current_A", "voltage_V", "soc"])
        last = -1.0
        for row in rows:
            # A step begins where the one before ends: the edge lies a microsecond behind.
            time_s = max(row[0], last + 1e-6)
            writer.writerow([f"{time_s:.6f}", *(f"{value:.6f}" for value in row[1:])])
            last = time_s
    told = {
        "pybamm": pybamm.__version__,
        "model": "DFN, Chen2020",
        "blocks": blocks,
    }
    (folder / "hppc.json").write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
