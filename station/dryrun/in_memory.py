"""Hours of a test in seconds: the real engine on a battery in memory, without wire and without waiting.

What the instruments can do and who they are is asked of the simulated bench first, by its wire protocols.
Then the engine plays the test on stand-ins that do exactly as they are told: a power port with those
abilities, scanners and a BMS that see the simulators' own battery. Time stands still while the engine thinks
and leaps to whatever it waits for next, so a rest of a day costs its samples and nothing else.

Said of the profile: its course, its limits, its ends. Not said: anything of links, instruments or timing.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from drivers.catalogue import load_driver, open_instrument
from drivers.contracts.bms import Bms, BmsSnapshot
from drivers.contracts.common import Identity, Instrument
from drivers.spec import Category
from profiles import Segment
from simulators.battery.build import build_battery
from station.bench import Bench
from station.dryrun.asked_here import AskedHere
from station.dryrun.bench import DryBench, Listener, Told
from station.dryrun.patient_time import PlayersTime
from station.dryrun.stand_ins import Circuit, MemoryBms, MemoryPower, MemoryScanner
from station.engine.base.job import Job
from station.engine.base.live import LiveWriter
from station.engine.base.pace import Pace
from station.engine.run import Ended, Run
from station.service.profile_bench import capabilities_of

REST_PERIOD_S, CURRENT_PERIOD_S = 10.0, 1.0
"""The longest time between two samples at rest, and under current."""
LONG_REST_PERIOD_S, LONG_REST_PARTS = 60.0, 1000
"""Of a rest that nothing but its time ends: so many samples are enough to watch it for days."""
PARTS = 20
"""A segment is sampled at least so often, as far as the profile's own rate allows."""
PIECE_S = 60.0
"""Bench time that is slept at once."""
POLL_S = 0.001
"""Scanners are polled as fast as they can; time waits for them (``stand_ins``)."""
BMS_WAIT_S = 5.0


class MemoryBench(DryBench):
    """As ``DryBench``; the simulated instruments answer once, then the test is played in memory.

    ``sparse``: fewer samples where a segment lasts; else as many as the profile asks for.
    ``capabilities``: what the power instrument said it can do.
    """

    sparse = True

    def __enter__(self) -> MemoryBench:
        super().__enter__()
        try:
            self._ask_instruments()
        except BaseException:
            self._stack.close()
            raise
        return self

    def _ask_instruments(self) -> None:
        channel = self.channel
        capabilities = capabilities_of(channel)
        if capabilities is None:
            raise RuntimeError(f"the simulated {channel.power.driver} does not answer")
        self.capabilities = capabilities
        self._identities: dict[tuple[str, str | None], Identity] = {}
        self._template: BmsSnapshot | None = None
        parts = channel.power.parts()
        options: dict[str, Any] = dict(channel.power.options)
        for name, part in parts.items():
            self._who(part.driver, part.address, part.options)
            options[name] = part.model_dump(mode="json", exclude={"expect", "calibration"})
        self._who(channel.power.driver, channel.power.address, options)
        for sensor in channel.sensors:
            self._who(sensor.driver, sensor.address, sensor.options)
        if channel.bms is not None:
            self._who(channel.bms.driver, channel.bms.address, channel.bms.options)

    def _who(self, driver: str, address: str | None, options: Mapping[str, Any]) -> None:
        instrument = open_instrument(driver, address, options)
        try:
            self._identities[driver, address] = instrument.identify()
            if isinstance(instrument, Bms):
                self._template = _listened(instrument)
        finally:
            instrument.close()

    def _listener(self, told: Told) -> Listener:
        return Listener(told, partial(AskedHere, told))

    def _play(self, job: Job, live: LiveWriter) -> Ended:
        assert self.bench.simulation is not None
        polled = tuple(one.model_copy(update={"period_s": POLL_S}) for one in job.channel.sensors)
        job = replace(job, channel=job.channel.model_copy(update={"sensors": polled}))
        battery = build_battery(self.bench.simulation.batteries[self.channel.id], seed=self._seed)
        circuit = Circuit(battery, self.capabilities, seed=self._seed)
        sampling_Hz = job.plan.sampling_Hz

        def open_in_memory(
            driver: str, address: str | None, options: Mapping[str, Any] | None = None
        ) -> Instrument:
            del options
            who = self._identities[driver, address]
            if self.channel.bms is not None and (driver, address) == (
                self.channel.bms.driver, self.channel.bms.address,
            ):  # fmt: skip
                assert self._template is not None
                return MemoryBms(circuit, who, self._template)
            for sensor in self.channel.sensors:
                if (driver, address) == (sensor.driver, sensor.address):
                    return MemoryScanner(circuit, who, sensor.inputs)
            return MemoryPower(circuit, who)

        sparse = (lambda segment: period_s(segment, sampling_Hz)) if self.sparse else None
        pace = Pace(PlayersTime(), sparse, PIECE_S)
        return Run(
            job, live, self.stop, opener=open_in_memory, make_clock=lambda _speed, _begin_s: circuit.clock,
            pace=pace,
        ).run()  # fmt: skip


def period_s(segment: Segment, sampling_Hz: float) -> float:
    """Bench seconds between two samples: dense where a segment is short, sparse where it lasts."""
    flows = segment.current_A != 0.0 or segment.control is not None
    most_s = CURRENT_PERIOD_S if flows else REST_PERIOD_S
    if not flows and not segment.open_ended:
        most_s = max(most_s, min(LONG_REST_PERIOD_S, segment.duration_s / LONG_REST_PARTS))
    return max(1.0 / sampling_Hz, min(most_s, segment.duration_s / PARTS))


def playable(bench: Bench) -> bool:
    """Whether it can be played in memory: not on a cycler."""
    return load_driver(bench.channels[0].power.driver).category is not Category.CYCLER


def _listened(bms: Bms) -> BmsSnapshot:
    """The first snapshot with a pack voltage (and the cells, where there are any), else the last one."""
    bms.start()
    until = time.monotonic() + BMS_WAIT_S
    while True:
        bms.beat()
        seen = bms.snapshot()
        pack = seen.signals.get("pack_voltage_V")
        whole = pack is not None and pack.value is not None and not (
            seen.gives_cells and not seen.cell_voltages_V
        )  # fmt: skip
        if whole or time.monotonic() > until:
            return replace(seen, faults=())
        time.sleep(0.05)
