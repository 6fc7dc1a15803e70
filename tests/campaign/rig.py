"""One kind of channel as real processes: simulated bench, guard, and a worker for each run."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from station.errors import InstrumentFault
from station.service.orders import make_order
from station.simulation import SimulatedBench
from tests.campaign.control import Control
from tests.campaign.kinds import PROFILES, Kind
from tests.campaign.processes import TOKEN, Guard, Nursery, Worker

SPEED = 20.0
_tick = threading.Event()


class Rig:
    """Made once for a kind; ``renew`` brings it back to health before each run."""

    def __init__(self, kind: Kind, folder: Path, nursery: Nursery) -> None:
        self.kind = kind
        self.folder = folder / kind.name
        self.folder.mkdir(parents=True)
        self._simulation: SimulatedBench | None = None
        self._open_simulation()
        self.bench_json = self.bench.model_dump(mode="json", by_alias=True)
        self.nursery = nursery
        self._orders = {
            length: make_order(
                self.bench,
                channel=kind.channel,
                profile=str(kind.profile(self.folder, length)),
                battery=f"CAMPAIGN-{kind.name.upper()}",
                nominal_capacity_Ah=kind.nominal_capacity_Ah,
                chemistry=kind.chemistry,
                on_record=None,
            )
            for length in PROFILES
        }
        self._number = 0
        self.guard = Guard(self.bench_json, self.folder)

    def _open_simulation(self) -> None:
        """On free ports; on others when somebody has taken one of them meanwhile."""
        for last in (False, False, True):
            self.bench = self.kind.bench()
            try:
                self.revive_simulation()
            except InstrumentFault:
                if last:
                    raise
            else:
                return

    def kill_simulation(self) -> float:
        """``kill -9`` of the simulated bench; returns the moment."""
        at = time.monotonic()
        os.kill(self.simulator_pid, signal.SIGKILL)
        simulation, self._simulation = self._simulation, None
        self.control.close()
        if simulation is not None:
            simulation.__exit__(None, None, None)
        return at

    def revive_simulation(self) -> None:
        """A new simulated bench on the same ports, if there is none: mains back after an outage."""
        if self._simulation is not None:
            return
        assert self.bench.simulation is not None
        simulation = SimulatedBench(self.bench, speed=SPEED)
        simulation.__enter__()
        self._simulation = simulation
        self.control = Control(self.bench.simulation.control)

    def new_guard(self) -> None:
        """Another guard in place of the one that there was, by all means."""
        self.guard.end()
        self.guard = Guard(self.bench_json, self.folder)

    @property
    def simulator_pid(self) -> int:
        """Process id of the simulated bench."""
        assert self._simulation is not None, "the simulated bench has been killed"
        return self._simulation.pid

    def close(self) -> None:
        """End everything."""
        self.guard.end()
        if self._simulation is not None:
            self.control.close()
            self._simulation.__exit__(None, None, None)

    def renew(self, seed: int) -> None:
        """A healthy bench, a fresh battery, a living guard, everything off and open."""
        channel = self.kind.channel
        self.control.ask("disarm")
        self.control.ask("clear_faults")
        self.control.ask("estop", pressed=False)
        self.control.ask("interlock", open=False)
        if not self.guard.alive():
            self.new_guard()
        self.control.ask("connect", channel=channel, battery=dict(self.kind.battery), seed=seed)
        self.control.ask("speed", value=SPEED)
        end = time.monotonic() + 10.0
        while time.monotonic() < end:
            flow = self.flow()
            if not flow["cutoff_closed"] and not any(flow["output_on"]):
                return
            if any(flow["output_on"]):
                self.power_cycle()
            _tick.wait(0.02)
        raise RuntimeError(f"{self.kind.name}: the bench does not come to rest: {self.flow()}")

    def power_cycle(self) -> None:
        """What a technician would do to an instrument that is left on."""
        for name in self.power_instruments():
            for action in ("stop", "start"):
                with contextlib.suppress(ValueError):
                    self.control.ask("instrument", channel=self.kind.channel, instrument=name, action=action)

    def power_instruments(self) -> tuple[str, ...]:
        """The kinds of this channel's power instruments."""
        return ("delta-sm15k", "rigol-dl3021") if self.kind.name == "pair" else ("delta-sm15k",)

    def instrument(self, wanted: str | None, moment: str) -> str | None:
        """Which instrument a fault of "the power instrument" belongs to at that moment."""
        if wanted != "power":
            return wanted
        if self.kind.name == "pair" and not moment.startswith("charge"):
            return "rigol-dl3021"
        return "delta-sm15k"

    def flow(self) -> dict[str, Any]:
        """What really flows, and since when nothing does."""
        return self.control.ask("flow", channel=self.kind.channel)

    def fuse_blown(self) -> bool:
        """Whether the fuse had to do what nobody else did."""
        return bool(self.control.ask("truth", channel=self.kind.channel)["fuse_blown"])

    def start(self, length: str) -> tuple[Worker, Path, float]:
        """A worker with its job: itself, its folder, its plan's length in real seconds."""
        self._number += 1
        order = self._orders[length]
        run_id = f"20260101T000000-{self.kind.channel}-{self._number:06x}"
        run_dir = self.folder / "runs" / run_id
        run_dir.mkdir(parents=True)
        job = {
            "run_id": run_id,
            "run_dir": str(run_dir),
            "bench": self.bench_json,
            "channel": self.kind.channel,
            "battery": {
                "code": order.battery.text,
                "nominal_capacity_Ah": self.kind.nominal_capacity_Ah,
                "chemistry": self.kind.chemistry,
                "level": order.channel.level,
                "series_cells": order.channel.series_cells,
            },
            "plan": order.plan.as_dict(),
            "speed": SPEED,
            "profile_limits": order.profile_limits,
            "guard": {**self.guard.job, "token": TOKEN},
        }
        worker = self.nursery.start(job, run_dir / "worker.log")
        return worker, run_dir, order.plan.duration_s / SPEED
