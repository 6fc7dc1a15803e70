"""The protocol of the pulse table as arrays, and the linear circuit fitted to a recording.

A train of one width ``w`` is, per amplitude ``a``: charge ``w``, rest ``15 w``, discharge ``w``,
rest ``15 w``. Of each of these four phases the first and the last sample are recorded, so a
recording is an array ``(widths, amplitudes, 8)`` of voltages, here relative to the rest voltage
before the pair.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulators.battery.errors import BatteryError
from simulators.battery.ocv import OcvCurve
from simulators.battery.pulse_table import PulseRow, Recording

Floats = NDArray[np.float64]

#: Time constants of the circuit in s, one per decade of the recorded times (0.01 s … 75 s).
TIME_CONSTANTS_s = (0.1, 1.0, 10.0, 100.0)
#: Resistance of each element over R0 that the fit prefers where the data are silent (about √t).
_PRIOR_RATIO = (0.15, 0.2, 0.3, 0.6)
_PRIOR_WEIGHT = 0.003
_SAMPLES_PER_PAIR = 8


@dataclass(frozen=True)
class TrainShape:
    """What the recordings of a cell have in common. ``reference`` indexes ``widths_s``."""

    nominal_capacity_Ah: float
    amplitudes_C: tuple[float, ...]
    widths_s: tuple[float, ...]
    reference: int
    first_sample_s: float
    rest_ratio: float

    def __post_init__(self) -> None:
        if self.first_sample_s >= self.widths_s[0]:
            raise BatteryError(
                f"first_sample_s: {self.first_sample_s} must be shorter than the shortest recorded "
                f"pulse, {self.widths_s[0]} s"
            )
        if any(b <= a for a, b in zip(self.amplitudes_C, self.amplitudes_C[1:], strict=False)):
            raise BatteryError(f"third_amplitude_C: amplitudes must ascend, got {self.amplitudes_C}")


def recorded_pairs(row: PulseRow) -> int:
    """How many amplitudes a row has, counting a last one of which only the charge half was recorded.

    Raises BatteryError for gaps: values may be missing at the end of a row only.
    """
    known = np.isfinite(row.u)
    count = int(known.sum())
    if not known[:count].all() or count < 9 or (count - 1) % 4:
        raise BatteryError(
            f"cell_id: a row of {row.cell_id} (SOC {row.soc:.3f}, width {row.pulse_width_s} s) has gaps in "
            "U1 … U41; U1-U9 must be there and values may be missing at the end only, four at a time"
        )
    return (count - 1 + 4) // _SAMPLES_PER_PAIR


def amplitudes_C(row: PulseRow, pairs: int) -> tuple[float, ...]:
    """C-rates of the first ``pairs`` amplitudes of a row."""
    return (0.5, 1.0, row.third_amplitude_C, 2.0, 2.5)[:pairs]


def differences(recording: Recording, widths_s: Sequence[float], pairs: int) -> Floats:
    """Voltages relative to the rest before each pair, shape (widths, pairs, 8), in V."""
    by_width = {r.pulse_width_s: r for r in recording.rows}
    out = np.stack([_row_differences(by_width[w], pairs) for w in widths_s])
    return np.asarray(out, dtype=np.float64)


def _row_differences(row: PulseRow, pairs: int) -> Floats:
    u = row.u
    out: Floats = np.empty((pairs, _SAMPLES_PER_PAIR))
    for a in range(pairs):
        out[a] = u[8 * a + 1 : 8 * a + 9] - u[8 * a]
    if np.isnan(out[-1, 4:]).any():
        out[-1, 4:] = _mirrored_half(out, amplitudes_C(row, pairs))
    return out


def _mirrored_half(d: Floats, c_rates: Sequence[float]) -> Floats:
    """The discharge half that was not recorded: the last known one, grown as the charge half grew.

    Extrapolated, not measured.
    """
    ratio = c_rates[-1] / c_rates[-2]
    pulse_growth = d[-1, 0:2] / d[-2, 0:2]
    growth = np.where((pulse_growth > 0.5 * ratio) & (pulse_growth < 1.5 * ratio), pulse_growth, ratio)
    between, between_before = d[-1, 3], d[-2, 3]
    half = np.empty(4)
    half[0:2] = between + (d[-2, 4:6] - between_before) * growth
    half[2:4] = between + (d[-2, 6:8] - between_before) * ratio
    return half


@lru_cache(maxsize=32)
def _unit_response(shape: TrainShape) -> Floats:
    """Response per ampere of R0 and each RC element, from equilibrium; shape (widths, 8, 1 + elements)."""
    w = np.array(shape.widths_s)[:, None]
    tau = np.array(TIME_CONSTANTS_s)[None, :]
    t = np.full_like(w, shape.first_sample_s)
    rest = w * shape.rest_ratio

    def keep(seconds: Floats) -> Floats:
        return np.asarray(np.exp(-seconds / tau))

    charged = 1 - keep(w)
    rested = charged * keep(rest)
    discharged = -1 + (rested + 1) * keep(w)
    rc = [
        1 - keep(t), charged, charged * keep(t), rested,
        -1 + (rested + 1) * keep(t), discharged, discharged * keep(t), discharged * keep(rest),
    ]  # fmt: skip
    ohmic = np.array([1.0, 1, 0, 0, -1, -1, 0, 0])[None, :, None].repeat(len(w), axis=0)
    return np.concatenate([ohmic, np.stack(rc, axis=1)], axis=2)


@lru_cache(maxsize=32)
def _fit_matrix(shape: TrainShape) -> Floats:
    """Matrix that maps a flat recording to (R0, R1 …): least squares with a weak preference."""
    amps = np.array(shape.amplitudes_C) * shape.nominal_capacity_Ah
    unit = _unit_response(shape)
    design = amps[None, :, None, None] * unit[:, None, :, :]
    # Small amplitudes count as much as large ones, so that R is the small-signal resistance.
    weight = np.broadcast_to((1 / amps)[None, :, None, None], (*design.shape[:3], 1))
    flat, weights = design.reshape(-1, design.shape[-1]), weight.reshape(-1, 1)
    normal = flat.T @ (weights * flat)
    n = len(TIME_CONSTANTS_s)
    prefer = np.concatenate([-np.array(_PRIOR_RATIO)[:, None], np.eye(n)], axis=1)
    normal += _PRIOR_WEIGHT * normal[0, 0] * (prefer.T @ prefer)
    return np.asarray(np.linalg.solve(normal, (weights * flat).T))


@dataclass(frozen=True)
class FittedCircuit:
    """R0 and one resistance per time constant in ohm, and what the circuit misses of the recording.

    ``missed_V`` has the shape (widths, amplitudes, 8); circuit plus missed is the recording, exactly.
    """

    ohmic_ohm: float
    rc_ohm: Floats
    missed_V: Floats


def fit_circuit(
    shape: TrainShape, recorded: Floats, ocv: OcvCurve, soc: float, capacity_Ah: float
) -> FittedCircuit:
    """Fit the linear circuit to a recording made at ``soc``. Costs one matrix product."""
    driven = recorded - _ocv_part(shape, ocv, soc, capacity_Ah)
    theta = np.maximum(_fit_matrix(shape) @ driven.reshape(-1), 0.0)
    amps = np.array(shape.amplitudes_C) * shape.nominal_capacity_Ah
    explained = amps[None, :, None] * (_unit_response(shape) @ theta)[:, None, :]
    return FittedCircuit(float(theta[0]), theta[1:], driven - explained)


def _ocv_part(shape: TrainShape, ocv: OcvCurve, soc: float, capacity_Ah: float) -> Floats:
    """Change of OCV at each sample, from the charge that has flowed in the pair."""
    out: Floats = np.zeros((len(shape.widths_s), len(shape.amplitudes_C), _SAMPLES_PER_PAIR))
    here = ocv.voltage_V(soc)
    t = shape.first_sample_s
    for j, w in enumerate(shape.widths_s):
        for i, c_rate in enumerate(shape.amplitudes_C):
            per_s = c_rate * shape.nominal_capacity_Ah / (3600 * capacity_Ah)
            full = ocv.voltage_V(soc + per_s * w) - here
            out[j, i, 0] = ocv.voltage_V(soc + per_s * t) - here
            out[j, i, 1:4] = full
            out[j, i, 4] = ocv.voltage_V(soc + per_s * (w - t)) - here
    return out
