"""Simulated packs that are pulsed once, their own controller's frames from bytes to cell voltages.

The battery model runs in steps of 40 ms; each family sends what it sends, with its sweep and its rounding;
frames
arrive late by a filter, the bus and a jitter, on a clock that starts elsewhere and is too fast or too slow.
What
is decoded is looked at once a second, as a running test does.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from drivers.bms.decoder import CanDecoder
from drivers.bms.family import load_family
from simulators.battery.config import ModelCellConfig
from simulators.battery.model_parameters import parameters_of
from simulators.battery.model_string import ModelString
from simulators.instruments.pack_languages import BydLanguage, KonaLanguage, PackView
from station.diagnosis.cells import CellSweeps

Family = Literal["byd-atto3", "vw-meb", "hyundai-kona-64"]
Floats = npt.NDArray[np.float64]

STEP_S = 0.04
LATENCY_S = 0.08
WEAK_GROWTH = (1.35, 1.6, 2.0)


@dataclass(frozen=True)
class PackKind:
    """What is pulsed: chemistry, cells, modules, the family that tells its cells."""

    name: str
    chemistry: str
    cells: int
    modules: int
    family: Family
    capacity_Ah: float
    soc: float


LFP_96 = PackKind("96s LFP", "LFP", 96, 12, "byd-atto3", 150.0, 0.55)
NMC_98 = PackKind("98s NMC", "NMC", 98, 14, "vw-meb", 117.0, 0.60)
NMC_98_COARSE = replace(NMC_98, name="98s NMC, 20 mV", family="hyundai-kona-64")


@dataclass(frozen=True, eq=False)
class Pulsed:
    """One recorded test with its truth: resistances by voltage difference, weak cells, the dead cell."""

    time_s: Floats
    current_A: Floats
    sweeps: CellSweeps
    pack_V: float
    truth_ohm: dict[float, Floats]
    weak: tuple[int, ...]
    dead: int | None
    clock_s: float
    clock_ppm: float

    def offset_s(self, at_s: float) -> float:
        """How far told times are ahead of true ones at ``at_s``."""
        return self.clock_s + LATENCY_S + 0.002 + self.clock_ppm * 1e-6 * at_s


def pulse_pack(kind: PackKind, seed: int, **how: Any) -> Pulsed:
    """One of ``pulse_packs``."""
    return pulse_packs(kind, [seed], **how)[0]


def pulse_packs(
    kind: PackKind,
    seeds: Sequence[int],
    *,
    current_A: float = 50.0,
    pulses: int = 4,
    dead: bool = True,
    weak: int = 3,
) -> list[Pulsed]:
    """Pulse packs side by side: 30 s out, 30 s rest, 30 s in, 30 s rest, and so on."""
    planned = [_plan(kind, seed, dead, weak) for seed in seeds]
    battery = _battery([cell for plan in planned for cell in plan.cells])
    amps = _current(current_A, pulses)
    truth = {at: _truth(battery, current_A, at) for at in (10.0, 30.0)}
    tellers = [_Teller(kind, plan) for plan in planned]
    rows: list[list[tuple[list[float], list[float]]]] = [[] for _ in planned]
    rest = battery.cell_voltages_V(0.0)
    next_look_s, size = 2.0, kind.cells
    for number, now_A in enumerate(amps.tolist()):
        t = number * STEP_S
        battery.advance(now_A, STEP_S)
        told = battery.cell_voltages_V(now_A)
        looking = t >= next_look_s
        next_look_s += looking
        for at, (plan, teller) in enumerate(zip(planned, tellers, strict=True)):
            cells = list(told[at * size : at * size + size])
            if plan.dead is not None:
                cells[plan.dead - 1] = 0.0
            teller.step(t + STEP_S, cells, now_A)
            if looking:
                rows[at].append(teller.look())
    found = []
    time_s = (np.arange(len(amps)) + 0.5) * STEP_S
    for at, plan in enumerate(planned):
        mine = slice(at * size, at * size + size)
        resistances = {at_s: values[mine].copy() for at_s, values in truth.items()}
        pack_V = sum(rest[mine])
        if plan.dead is not None:
            pack_V -= rest[mine][plan.dead - 1]
            for values in resistances.values():
                values[plan.dead - 1] = np.nan
        noise = plan.rng.standard_normal((2, len(amps)))
        current = amps * (1 + 2e-4 * noise[0]) + 0.002 * noise[1]
        sweeps = CellSweeps(
            np.array([row[0] for row in rows[at]]),
            np.array([row[1] for row in rows[at]]),
            tellers[at].resolution_V,
        )
        found.append(
            Pulsed(
                time_s,
                current,
                sweeps,
                pack_V,
                resistances,
                plan.weak,
                plan.dead,
                plan.clock_s,
                plan.clock_ppm,
            )
        )
    return found


@dataclass(frozen=True, eq=False)
class _Plan:
    """What a seed decides of one pack."""

    rng: np.random.Generator
    cells: list[dict[str, Any]]
    weak: tuple[int, ...]
    dead: int | None
    clock_s: float
    clock_ppm: float


def _plan(kind: PackKind, seed: int, dead: bool, weak: int) -> _Plan:
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(kind.cells)[: weak + 1] + 1
    bad = tuple(sorted(int(n) for n in chosen[:weak]))
    growth = 1.3 * np.exp(0.03 * rng.standard_normal(kind.cells))
    cells = []
    for number in range(1, kind.cells + 1):
        more = WEAK_GROWTH[bad.index(number) % len(WEAK_GROWTH)] if number in bad else 1.0
        cells.append(
            {
                "kind": "model", "chemistry": kind.chemistry, "nominal_capacity_Ah": kind.capacity_Ah,
                "soh": float(np.clip(0.86 + 0.015 * rng.standard_normal() - 0.1 * (more - 1), 0.5, 1.0)),
                "soc": float(np.clip(kind.soc + 0.006 * rng.standard_normal(), 0.1, 0.9)),
                "resistance_growth": float(growth[number - 1] * more),
            }
        )  # fmt: skip
    clock_s, clock_ppm = float(rng.uniform(-2, 2)), float(rng.uniform(-60, 60))
    return _Plan(rng, cells, bad, int(chosen[weak]) if dead else None, clock_s, clock_ppm)


def _battery(cells: list[dict[str, Any]]) -> ModelString:
    """All cells of all packs in one string: they carry the same current."""
    return ModelString(
        [parameters_of(ModelCellConfig(**one), np.random.default_rng(0), "c") for one in cells]
    )


def _current(amps: float, pulses: int) -> Floats:
    """20 s rest, then 30 s pulses, out first, each followed by 30 s rest (a little unequal, as a host makes
    them)."""
    parts = [np.zeros(round(20 / STEP_S))]
    for number in range(pulses):
        sign = -1.0 if number % 2 == 0 else 1.0
        parts += [
            np.full(round(30.4 / STEP_S), sign * amps),
            np.zeros(round((30.1 + 0.37 * number) / STEP_S)),
        ]
    return np.concatenate(parts)


def _truth(battery: ModelString, amps: float, at_s: float) -> Floats:
    """Mean of a discharge and a charge pulse after 20 s of rest, each by the difference of two voltages."""
    found = []
    for sign in (-1.0, 1.0):
        copied = copy.deepcopy(battery)
        copied.advance(0.0, 20.0)
        idle = copy.deepcopy(copied)
        idle.advance(0.0, at_s)
        for _ in range(round(at_s / 0.1)):
            copied.advance(sign * amps, 0.1)
        after = np.array(copied.cell_voltages_V(sign * amps))
        found.append((after - np.array(idle.cell_voltages_V(0.0))) / (sign * amps))
    return np.asarray(np.mean(found, axis=0))


class _Teller:
    """The pack's controller, the bus, and the station's decoder behind it."""

    def __init__(self, kind: PackKind, plan: _Plan) -> None:
        family = load_family(kind.family)
        self.decoder = CanDecoder(family, keep_exchanges=0)
        told = next(field for field in family.fields() if field.name == "cell_voltage_V")
        self.resolution_V = float(told.resolution or 0.001)
        self._kind, self._rng = kind, plan.rng
        self._clock_s, self._rate = plan.clock_s, 1 + plan.clock_ppm * 1e-6
        self._byd, self._kona = BydLanguage(), KonaLanguage()
        self._count = 0
        self._next_s = float(plan.rng.uniform(0.0, 0.5))
        self._late: list[tuple[float, int, bool, bytes]] = []

    def step(self, t: float, cells: list[float], amps: float) -> None:
        """Send what is due at ``t`` and hear what has arrived."""
        family = self._kind.family
        while self._next_s <= t:
            view = PackView(amps, 0.0, 0.5, 0.9, cells, [25.0], 1e6, 0.0, 0.0, waking=False)
            if family == "byd-atto3":
                for frame in self._byd.frames("cells", view, self._count):
                    self._send(t, frame.can_id, False, frame.data)
                self._next_s += 0.02
            elif family == "vw-meb":
                self._send(t, 0x16A954E8, True, _meb_frame(cells, self._count % 3))
                self._next_s += 0.18
            else:
                group = (b"\x01\x02", b"\x01\x03", b"\x01\x04", b"\x01\x05")[self._count % 4]
                reply = self._kona.reply(b"\x22" + group, view)
                for number, data in enumerate(_iso_tp(reply or b"")):
                    self._send(t + 0.01 * (number + 1), 0x7EC, False, data)
                self._next_s += 0.1 if self._count % 4 < 3 else 0.7
            self._count += 1
        while self._late and self._late[0][0] <= t:
            at_s, frame_id, extended, data = self._late.pop(0)
            self.decoder.on_frame(self._clock_s + at_s * self._rate, frame_id, extended, data)

    def _send(self, t: float, frame_id: int, extended: bool, data: bytes) -> None:
        """On the bus now; here later, and never before the one sent before it."""
        at_s = t + LATENCY_S + float(self._rng.exponential(0.002))
        if self._late:
            at_s = max(at_s, self._late[-1][0] + 0.0002)
        self._late.append((at_s, frame_id, extended, data))

    def look(self) -> tuple[list[float], list[float]]:
        """Times and voltages of all cells as they are known now."""
        at_s, volts = [float("nan")] * self._kind.cells, [float("nan")] * self._kind.cells
        for reading in self.decoder.store.members("cell_voltage_V"):
            number = (reading.number or 0) - 1
            if number < self._kind.cells and isinstance(reading.value, float):
                at_s[number], volts[number] = reading.t_s, reading.value
        return at_s, volts


def _meb_frame(cells: list[float], part: int) -> bytes:
    """42 cells of 12 bits, millivolts above one volt; what is not there says so."""
    raw = [0xFFE] * 42
    for place, volts in enumerate(cells[42 * part : 42 * part + 42]):
        raw[place] = min(max(round(volts * 1000) - 1000, 0), 0xFFC)
    packed = sum(value << (12 * place) for place, value in enumerate(raw))
    return bytes((part + 1,)) + packed.to_bytes(63, "little")


def _iso_tp(payload: bytes) -> list[bytes]:
    first = bytes((0x10 | len(payload) >> 8, len(payload) & 0xFF)) + payload[:6]
    rest = [payload[at : at + 7] for at in range(6, len(payload), 7)]
    return [first, *(bytes((0x20 | (n + 1) & 15,)) + part.ljust(7, b"\xaa") for n, part in enumerate(rest))]
