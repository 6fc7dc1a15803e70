"""A scanner that several channels use: each scan takes a turn, opens the link, sets its own inputs, closes.

Nobody finds another's scan list, and an instrument that accepts a single client serves all of them.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from drivers.contracts.common import Identity, Instrument
from drivers.contracts.scanner import ScanChannel, Scanner, ScanReading
from drivers.errors import TransportError
from drivers.transports.address import canonical_address
from station.bench import Bench, Channel
from station.engine.base.beside import beside
from station.engine.base.instruments import Opener
from station.engine.measure.scanner_turns import Holder, ScannerTurns
from station.errors import InstrumentFault

WAIT_MAX_S = 10.0
LEASE_MIN_S = 5.0
"""Real time after which a turn is over at the latest; longer where the scanner is slow by its period."""
TOLD_AFTER_S = 1.0

Notice = tuple[str, str, dict[str, Any]]
"""Code, level and parameters of an event."""


class ScannerBusy(TransportError):
    """The other channels leave no turn."""

    code = "scanner.busy"


class SharedScanner(Scanner):
    """``turn`` is a turn with the link open; ``notices`` holds what is to be told, for the main loop."""

    def __init__(
        self,
        open_scanner: Callable[[], Instrument],
        turns: ScannerTurns,
        address: str,
        *,
        told_after_s: float = TOLD_AFTER_S,
        on_step: Callable[[], None] = lambda: None,
    ) -> None:
        self.notices: deque[Notice] = deque(maxlen=20)
        self._open_scanner, self._turns, self.address = open_scanner, turns, address
        self._told_after_s, self._on_step = told_after_s, on_step
        self._wanted: tuple[ScanChannel, ...] = ()
        self._inner: Scanner | None = None
        self._told_of = ""
        self._given_up = threading.Event()

    def identify(self) -> Identity:
        """Ask in a turn of its own. Raises TransportError."""
        answer: list[Identity] = []

        def ask() -> None:
            with self.turn() as scanner:
                answer.append(scanner.identify())

        beside(ask, self._on_step)
        return answer[0]

    def configure(self, channels: Sequence[ScanChannel]) -> None:
        """Remember what is to be scanned; it is set anew in every turn."""
        self._wanted = tuple(channels)

    def scan(self) -> list[ScanReading]:
        """Scan in the present turn, or in one of its own. Raises TransportError, DriverError."""
        if self._inner is None:
            with self.turn():
                return self.scan()
        readings = self._inner.scan()
        if not self._turns.still_mine():
            raise self._no_turn("the scan took longer than a turn may last, and another channel took over")
        return readings

    def give_up(self) -> None:
        """End a waiting that is going on; there will be no further scan."""
        self._given_up.set()

    def close(self) -> None:
        """Nothing is open between turns."""
        self.give_up()

    @contextmanager
    def turn(self) -> Iterator[Scanner]:
        """Wait for the turn, open and configure; at the end close and give it back. Raises TransportError."""
        try:
            if not self._turns.take(WAIT_MAX_S, self._waiting):
                raise self._no_turn("no turn came")
        except OSError as error:
            raise self._no_turn(f"the common folder for locks cannot be used: {error}") from error
        try:
            self._inner = self._opened()
            if self._wanted:
                self._inner.configure(self._wanted)
            yield self._inner
        finally:
            inner, self._inner = self._inner, None
            if inner is not None:
                inner.close()
            with suppress(OSError):  # its time runs out by itself
                self._turns.give_back()
            self._told_of = ""

    def _opened(self) -> Scanner:
        scanner = self._open_scanner()
        if not isinstance(scanner, Scanner):
            scanner.close()
            raise InstrumentFault(
                f"{self.address}: the driver is not a Scanner",
                remedy="name a driver of the right kind in the bench file",
                code="instrument.wrong_kind",
            )
        return scanner

    def _waiting(self, holder: Holder | None, waited_s: float) -> bool:
        channel = holder.channel if holder is not None else ""
        if waited_s >= self._told_after_s and channel and channel != self._told_of:
            self._told_of = channel
            self.notices.append(
                (
                    "engine.scanner_busy",
                    "warning",
                    {"address": self.address, "holder": channel, "waited_s": round(waited_s, 2)},
                )
            )
        return not self._given_up.is_set()

    def _no_turn(self, why: str) -> ScannerBusy:
        return ScannerBusy(
            f"{self.address}: {why}",
            remedy="Look at the other channels that use this scanner; a longer period_s takes load off it.",
            address=self.address,
        )


def sharing_opener(
    opener: Opener, bench: Bench, channel: Channel, speed: float, on_step: Callable[[], None]
) -> Opener:
    """``opener``, but scanners that other channels of the bench use as well are opened as shared ones."""
    shared = {canonical_address(sensor.address or ""): sensor for sensor in bench.shared_scanners(channel)}

    def open_it(driver: str, address: str | None, options: Mapping[str, Any] | None = None) -> Instrument:
        sensor = shared.get(canonical_address(address)) if address is not None else None
        if sensor is None or address is None or driver != sensor.driver:
            return opener(driver, address, options)
        stale_s = max(2.0, 3 * sensor.period_s) / speed
        return SharedScanner(
            lambda: opener(driver, address, options),
            ScannerTurns(address, channel.id, lease_s=max(LEASE_MIN_S, 3 * sensor.period_s)),
            address,
            told_after_s=min(TOLD_AFTER_S, stale_s / 2),
            on_step=on_step,
        )

    return open_it
