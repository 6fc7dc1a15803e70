"""A simulated bench of one channel in this very process, and the real engine that plays tests on it.

Instruments and battery speak their wire protocols on loopback ports; the engine's checks, rules and shutdown
are the ones of a real test. What a process of its own does beside a real test is left out: guard, cut-off,
pre-charge and insulation test. Nothing of it outlives the ``with`` block.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import profiles
from drivers.catalogue import load_driver
from simulators.bench import running
from simulators.config import BenchSimulation
from station.bench import (
    Bench,
    BenchClock,
    Channel,
    Connection,
    HostedClock,
    InstrumentRef,
    ask_simulation,
)
from station.dryrun.answers import answered, defaults
from station.dryrun.patient_time import PatientTime
from station.engine.base.job import Job, parse_job
from station.engine.base.live import LiveWriter
from station.engine.base.pace import OWN, Pace
from station.engine.base.stop import StopFlags
from station.engine.run import Ended, Run
from station.engine.session import MakeClock
from station.errors import BenchError, UsageError
from station.service.analysis import next_measurement
from station.service.orders import make_order
from station.simulation import simulation_config, with_free_ports

WAITING_SPEED = 20.0
"""How fast the bench's time moves on while the engine sleeps, where it waits for the engine. An
instrument's own program begins 0.1 s of real time after it was started, which is so many times longer on
the bench."""
START_S = 120.0
"""Patience with a busy computer."""
TIMEOUT_S = 20.0
BATTERY = "DRY-RUN"
Told = Callable[[dict[str, Any]], None]
"""Who hears a line of the engine's."""
_BENCH_OPS = frozenset({"info", "speed", "estop", "interlock", "clear_faults", "faults"})


def dry_bench(bench: Bench, channel: str, battery: Mapping[str, Any] | None = None) -> Bench:
    """``bench`` with this channel alone, on free loopback ports, with ``battery`` (None: as it stands).

    Raises UsageError, BenchError.
    """
    try:
        only = bench.channel(channel)
    except KeyError as error:
        known = ", ".join(one.id for one in bench.channels)
        raise UsageError(
            f"bench {bench.name} has no channel {channel!r}",
            remedy=f"use one of: {known}",
            code="usage.channel",
            channel=channel,
            known=known,
        ) from error
    simulation = bench.simulation
    given = battery if battery is not None else (simulation.batteries.get(channel) if simulation else None)
    if simulation is None or given is None:
        raise BenchError(
            f"bench {bench.name} has no simulation section with a battery for channel {channel}",
            remedy="add `simulation:` with control and batteries, as in the demo bench",
            code="bench.not_simulated",
        )
    return with_free_ports(
        bench.model_copy(
            update={
                "channels": (_alone(only),),
                "guard": None,
                "printers": (),
                "connection": Connection(cell="off", module="off", pack="off"),
                "simulation": simulation.model_copy(
                    update={"control": "127.0.0.1:1", "batteries": {channel: dict(given)}}
                ),
            }
        )
    )


def _alone(channel: Channel) -> Channel:
    """The channel without what needs the guard."""
    drivers = (channel.power.driver, *(part.driver for part in channel.power.parts().values()))
    bms = None if channel.bms is None else _patient(channel.bms)
    return channel.model_copy(
        update={
            "power": _patient(channel.power),
            "sensors": tuple(_patient(sensor) for sensor in channel.sensors),
            "bms": bms,
            "cutoff": None,
            "insulation": None,
            "accept_no_watchdog": drivers,
            "accept_no_insulation": channel.accept_no_insulation or "dry run",
        }
    )


_Ref = TypeVar("_Ref", bound=InstrumentRef)


def _patient(ref: _Ref) -> _Ref:
    """The same with a link that waits longer for answers, which come slowly from a busy computer."""
    options: dict[str, Any] = dict(ref.options)
    for name, part in ref.parts().items():
        options[name] = _patient(part).model_dump(mode="json", exclude_defaults=True)
    if "timeout_s" in load_driver(ref.driver).options_model.model_fields:
        options["timeout_s"] = TIMEOUT_S
    return ref.model_copy(update={"options": options})


class DryBench:
    """``waiting`` (also where no ``speed`` is given): the bench's time waits for the engine, so that
    samples and edges come in time however busy the computer is; otherwise it runs at ``speed`` times real
    time.

    ``folder``: where runs are kept; None is a folder that is gone afterwards.
    """

    def __init__(
        self,
        bench: Bench,
        *,
        speed: float | None = None,
        waiting: bool = False,
        seed: int = 1,
        folder: Path | None = None,
    ) -> None:
        self.bench = bench
        self.channel = bench.channels[0]
        self.speed = speed or WAITING_SPEED
        self._waiting, self._seed, self._folder = waiting or speed is None, seed, folder
        self._stack = ExitStack()
        self._time = PatientTime()
        self._host_time: Path | None = None
        self.stop = StopFlags()
        self.folder = Path()
        self.answers: dict[str, float] = {}
        """By the name under which a question keeps its number."""
        self._defaults: dict[str, float] = {}

    def __enter__(self) -> DryBench:
        temporary = self._stack.enter_context(
            tempfile.TemporaryDirectory(prefix="dry-run-", ignore_cleanup_errors=True)
        )
        self.folder = self._folder or Path(temporary)
        config = simulation_config(self.bench, speed=self.speed, seed=self._seed)
        if self._waiting:
            self._host_time = Path(temporary) / "host-time"
            config["host_time"] = str(self._host_time)
        settings = BenchSimulation.model_validate(config)
        source = self._time if self._waiting else time.monotonic
        self._stack.enter_context(running(settings, monotonic=source, timeout_s=START_S))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """One operation on the simulators' control port, about this channel where it is about one."""
        if op not in _BENCH_OPS:
            request.setdefault("channel", self.channel.id)
        return ask_simulation(self.bench, {"op": op, **request}, timeout_s=20.0)

    def run(
        self,
        profile: profiles.Profile,
        *,
        nominal_capacity_Ah: float,
        chemistry: str | None = None,
        battery: str = BATTERY,
        on_state: Callable[[dict[str, Any]], None] | None = None,
    ) -> tuple[Ended, Path]:
        """Play one test to its end; how it ended, and the folder of its journal.

        Raises UsageError when it cannot even be ordered.
        """
        order = make_order(
            self.bench,
            channel=self.channel.id,
            profile=profile,
            battery=battery,
            nominal_capacity_Ah=nominal_capacity_Ah,
            chemistry=chemistry,
            on_record=None,
        )
        run_id = f"dry-{uuid.uuid4().hex[:8]}"
        run_dir = self.folder / "runs" / run_id
        run_dir.mkdir(parents=True)
        job = parse_job(
            {
                "job": {
                    "run_id": run_id,
                    "run_dir": str(run_dir),
                    "bench": self.bench.model_dump(mode="json", by_alias=True),
                    "channel": self.channel.id,
                    "speed": self.speed,
                    "battery": {
                        "code": battery,
                        "nominal_capacity_Ah": order.nominal_capacity_Ah,
                        "chemistry": order.chemistry,
                        "level": self.channel.level,
                        "series_cells": self.channel.series_cells,
                    },
                    "plan": order.plan.as_dict(),
                    "profile_limits": order.profile_limits,
                    "profile": order.profile,
                    "guard": None,
                }
            }
        )
        self.stop = StopFlags()
        self._defaults = defaults(profile)
        told = partial(self._told, run_dir, job.battery.nominal_capacity_Ah, order.chemistry, on_state)
        with self._listener(told) as live:
            return self._play(job, live), run_dir

    def _listener(self, told: Told) -> Listener:
        return Listener(told)

    def _play(self, job: Job, live: LiveWriter) -> Ended:
        pace = Pace(self._time) if self._waiting else OWN
        return Run(job, live, self.stop, speed=self.speed, make_clock=self._make_clock(), pace=pace).run()

    def _make_clock(self) -> MakeClock:
        if self._host_time is None:
            return BenchClock
        return partial(HostedClock, self._host_time, monotonic=self._time)

    def _told(
        self,
        run_dir: Path,
        capacity_Ah: float,
        chemistry: str | None,
        on_state: Callable[[dict[str, Any]], None] | None,
        message: dict[str, Any],
    ) -> None:
        """What the service would do with a worker's line."""
        if message.get("type") == "ask_next":
            self.stop.answer(
                next_measurement(run_dir, message, nominal_capacity_Ah=capacity_Ah, chemistry=chemistry)
            )
        elif message.get("type") == "ask_operator" and not message.get("over"):
            self.stop.answer(answered(message, {**self._defaults, **self.answers}))
        elif message.get("type") == "state" and on_state is not None:
            on_state({"channel": self.channel.id, **message})


class Listener:
    """The engine's live lines, read by a thread and handed to ``told``; ``make_writer`` makes what writes."""

    def __init__(self, told: Told, make_writer: Callable[[int], LiveWriter] = LiveWriter) -> None:
        self._told = told
        reading, self._writing = os.pipe()
        self._reading = os.fdopen(reading, "rb")
        self._live = make_writer(self._writing)
        self._thread = threading.Thread(target=self._read, name="dry run", daemon=True)

    def __enter__(self) -> LiveWriter:
        self._thread.start()
        return self._live

    def __exit__(self, *_: object) -> None:
        self._live.close()
        os.close(self._writing)
        self._thread.join(10)
        self._reading.close()

    def _read(self) -> None:
        for line in self._reading:
            self._told(json.loads(line))
