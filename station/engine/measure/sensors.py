"""Scanners, each polled in a thread of its own; the main loop takes the newest values and their age."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from drivers.contracts.scanner import Quantity, ScanChannel, Scanner, ScanReading
from drivers.errors import DriverError, NoReading
from station.bench.instruments import SensorInput
from station.engine.base.timebase import Clock
from station.engine.measure.shared_scanner import Notice, SharedScanner
from station.errors import told
from station.safety.sample import is_reading

FRESH_WITHIN_S = 5.0
"""Real time in which a running scanner must give a new scan when a check waits for one."""


@dataclass(frozen=True)
class Scan:
    """One pass over all inputs from bench time ``start_s`` to ``end_s``; ``at`` is real (monotonic) time.

    The times are those of the measuring itself: waiting for a shared scanner comes before ``start_s``.
    ``surface_degC`` is the hottest of several; None where there is no such input or no reading.
    """

    serial: int
    start_s: float
    end_s: float
    at: float
    surface_degC: float | None = None
    ambient_degC: float | None = None
    terminals_V: float | None = None
    cells_V: tuple[float | None, ...] = ()
    minus_chassis_V: float | None = None
    plus_chassis_V: float | None = None
    surfaces_degC: tuple[float | None, ...] = ()


class SensorPoller(threading.Thread):
    """Scans every ``period_s`` (bench time), at once when poked. A failed scan lets the last one age."""

    def __init__(
        self,
        scanner: Scanner,
        inputs: Sequence[SensorInput],
        period_s: float,
        clock: Callable[[], Clock],
        correct: Callable[[ScanReading], float | None] = lambda reading: reading.value,
        real_s: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="scanner", daemon=True)
        self.inputs = tuple(inputs)
        self.period_s = period_s
        self.latest: Scan | None = None
        self.problem: DriverError | None = None
        self._scanner = scanner
        self._clock = clock
        self._correct, self._real_s = correct, real_s
        self._wake = threading.Event()
        self._stopping = False

    def configure(self) -> None:
        """Tell the scanner what to scan. Raises DriverError."""
        self._scanner.configure(
            [ScanChannel(i.number, _quantity(i)) for i in sorted(self.inputs, key=_number)]
        )

    def poll_once(self) -> Scan:
        """Scan once and keep the result. Raises DriverError."""
        with self._turn():
            start_s = self._clock().now_s()
            readings = self._scanner.scan()
            end_s, at = self._clock().now_s(), self._real_s()
        scan = self._sort(readings, start_s, end_s, at)
        self.latest, self.problem = scan, None
        return scan

    def scan_again(self) -> None:
        """A scan that begins from now on, by the polling thread where it runs. Raises DriverError."""
        if not self.is_alive():
            self.poll_once()
            return
        asked_s, end = self._clock().now_s(), time.monotonic() + FRESH_WITHIN_S
        self.poke()
        while self.latest is None or self.latest.start_s < asked_s:
            if time.monotonic() > end:
                raise self.problem or NoReading(
                    f"no scan within {FRESH_WITHIN_S:g} s", remedy="check the scanner and its network"
                )
            time.sleep(0.005)

    def poke(self) -> None:
        """Scan now instead of at the end of the period."""
        self._wake.set()

    def stop(self) -> None:
        """End the thread and close the scanner."""
        self._stopping = True
        self._wake.set()
        if isinstance(self._scanner, SharedScanner):
            self._scanner.give_up()
        if self.is_alive():
            self.join(timeout=3.0)
        self._scanner.close()

    def run(self) -> None:
        """Poll until stopped."""
        while not self._stopping:
            clock = self._clock()
            began_s = clock.now_s()
            try:
                self.poll_once()
            except DriverError as error:
                self.problem = error
            left_s = (began_s + self.period_s - self._clock().now_s()) / clock.speed
            # At least a moment of rest, also when time runs fast or the scanner fails at once.
            self._wake.wait(max(left_s, 0.002 if self.problem is None else 0.1))
            self._wake.clear()

    def notices(self) -> Iterator[Notice]:
        """What a shared scanner has to tell; each is given once."""
        while isinstance(self._scanner, SharedScanner) and self._scanner.notices:
            yield self._scanner.notices.popleft()

    def _turn(self) -> AbstractContextManager[object]:
        return self._scanner.turn() if isinstance(self._scanner, SharedScanner) else nullcontext()

    def _sort(self, readings: Sequence[ScanReading], start_s: float, end_s: float, at: float) -> Scan:
        values = {r.number: self._correct(r) if is_reading(r.value) else None for r in readings}

        def of(role: str) -> list[float]:
            found = [values.get(i.number) for i in self.inputs if i.role == role]
            return [value for value in found if value is not None]

        cells = {i.cell or n: values.get(i.number) for n, i in enumerate(self.inputs, 1) if i.role == "cell"}
        # Every surface sensor must read: one lost sensor may be the one at the hot cell.
        surfaces, wanted = of("cell_surface"), sum(i.role == "cell_surface" for i in self.inputs)
        return Scan(
            (self.latest.serial if self.latest else 0) + 1,
            start_s,
            end_s,
            at,
            max(surfaces) if surfaces and len(surfaces) == wanted else None,
            next(iter(of("ambient")), None),
            next(iter(of("terminals")), None),
            tuple(cells[number] for number in sorted(cells)),
            next(iter(of("minus_chassis")), None),
            next(iter(of("plus_chassis")), None),
            tuple(values.get(i.number) for i in self.inputs if i.role == "cell_surface"),
        )


class Sensors:
    """All scanners of a channel as one."""

    def __init__(self, pollers: Sequence[SensorPoller]) -> None:
        self._pollers = tuple(pollers)

    @property
    def present(self) -> bool:
        """True when there is any scanner."""
        return bool(self._pollers)

    def has(self, role: str) -> bool:
        """True when the bench file names an input of that role."""
        return any(i.role == role for poller in self._pollers for i in poller.inputs)

    def roles(self) -> frozenset[str]:
        """The roles of all inputs."""
        return frozenset(i.role for poller in self._pollers for i in poller.inputs)

    def start(self) -> None:
        """Start polling; what was read before belongs to another time base and is forgotten."""
        for poller in self._pollers:
            poller.latest = None
            poller.start()

    def stop(self) -> None:
        """Stop polling and close the scanners."""
        for poller in self._pollers:
            poller.stop()

    def poke(self) -> None:
        """Have every scanner scan now."""
        for poller in self._pollers:
            poller.poke()

    def poll_once(self) -> None:
        """Scan once, here and now. Raises DriverError."""
        for poller in self._pollers:
            poller.configure()
            poller.poll_once()

    def scan_again(self) -> None:
        """Scan once more what is configured already. Raises DriverError."""
        for poller in self._pollers:
            poller.scan_again()

    def latest(self) -> Scan | None:
        """The newest scan of all scanners together; its times span the oldest to the newest of them."""
        scans = [poller.latest for poller in self._pollers]
        known = [scan for scan in scans if scan is not None]
        if not known or len(known) < len(scans):
            return None
        if len(known) == 1:
            return known[0]
        surfaces = [
            s.surface_degC for p, s in zip(self._pollers, known, strict=True) if _watches(p, "cell_surface")
        ]
        return Scan(
            sum(scan.serial for scan in known),
            min(scan.start_s for scan in known),
            max(scan.end_s for scan in known),
            min(scan.at for scan in known),
            None if None in surfaces or not surfaces else max(s for s in surfaces if s is not None),
            next((s.ambient_degC for s in known if s.ambient_degC is not None), None),
            next((s.terminals_V for s in known if s.terminals_V is not None), None),
            tuple(cell for scan in known for cell in scan.cells_V),
            next((s.minus_chassis_V for s in known if s.minus_chassis_V is not None), None),
            next((s.plus_chassis_V for s in known if s.plus_chassis_V is not None), None),
            tuple(value for scan in known for value in scan.surfaces_degC),
        )

    def notices(self) -> Iterator[Notice]:
        """What the scanners have to tell since the last time."""
        for poller in self._pollers:
            yield from poller.notices()

    def age_limit_s(self) -> float:
        """Bench seconds after which values are stale: three periods of the slowest scanner, at least 2 s."""
        return max([2.0, *(3 * poller.period_s for poller in self._pollers)])

    def problem(self) -> list[dict[str, Any]]:
        """What the scanners complain of, each as ``station.errors.told`` has it."""
        return [told(poller.problem) for poller in self._pollers if poller.problem]


def _watches(poller: SensorPoller, role: str) -> bool:
    return any(i.role == role for i in poller.inputs)


def _number(sensor: SensorInput) -> int:
    return sensor.number


def _quantity(sensor: SensorInput) -> Quantity:
    return Quantity.TEMPERATURE if sensor.role in ("cell_surface", "ambient") else Quantity.VOLTAGE
