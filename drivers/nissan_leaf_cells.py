"""Asks a Leaf pack for cell voltages and insulation: 21 02 and 21 01 on 79B, ISO-TP replies on 7BB.

The controller drops a request that comes while it is answering, so there is one
outstanding request, 100 ms of quiet before the next, 1 s to answer, 2 retries.
When another tester's request is seen on the bus, polling pauses for 100 s.
Group 01 has 41, 43 or 53 bytes with its header, 44 just after waking; bytes 24 and 25 were 798 to 1023 in
144 replies of real packs and are taken for the insulation resistance in kiloohms, which is not verified.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable

import isotp

from drivers.errors import TransportError

REQUEST_ID = 0x79B
REPLY_ID = 0x7BB
_QUIET_S = 0.1
_TIMEOUT_S = 1.0
_TRIES = 3
_OTHER_TESTER_S = 100.0
_ABSENT = (0x0000, 0xFFFF)
_GENERAL_PERIOD_S = 5.0
_GENERAL_PAUSE_S = 60.0
_GENERAL_GIVEN_UP = 3
_GENERAL_LENGTHS = (39, 41, 51)
"""Payload after ``61 01``: 24, 30 and 40/62 kWh packs."""
_INSULATION_AT = 22


class LeafCells:
    """Polls in a thread of its own; ``send`` puts one frame on the bus."""

    def __init__(
        self,
        send: Callable[[bytes], None],
        clock: Callable[[], float],
        cells: int = 96,
        period_s: float = 1.0,
    ) -> None:
        self._send_frame = send
        self._clock = clock
        self._cells = cells
        self._period_s = period_s
        self._frames: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._own: deque[bytes] = deque(maxlen=16)
        self._other_tester_until = -float("inf")
        self._stop = threading.Event()
        self._one_request = threading.Lock()
        self._latest: tuple[tuple[float, ...], float] = ((), -float("inf"))
        self._insulation: tuple[int | None, float] = (None, -float("inf"))
        self._general_due = -float("inf")
        self._general_failures = 0
        self._thread: threading.Thread | None = None
        self.failures = 0
        self.last_problem = ""
        self._layer = isotp.TransportLayerLogic(
            rxfn=self._receive,
            txfn=self._transmit,
            address=isotp.Address(isotp.AddressingMode.Normal_11bits, txid=REQUEST_ID, rxid=REPLY_ID),
            params={"stmin": 0, "blocksize": 0, "tx_padding": 0x00},
        )

    def start(self) -> None:
        """Start polling. Idempotent."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._poll, name="leaf-cells", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop polling and wait for the thread. Idempotent."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(2 * _TIMEOUT_S)

    def on_frame(self, frame: int, data: bytes) -> None:
        """Take a frame from the receiving thread."""
        if frame == REPLY_ID:
            self._frames.put(data)
        elif frame == REQUEST_ID and data not in self._own:
            self._other_tester_until = self._clock() + _OTHER_TESTER_S

    def voltages(self) -> tuple[tuple[float, ...], float]:
        """Get the newest cell voltages in V and their age in s; () and inf before the first."""
        voltages, seen = self._latest
        return voltages, self._clock() - seen

    def insulation(self) -> tuple[int | None, float]:
        """Get the newest raw insulation value and its age in s; None and inf before the first."""
        raw, seen = self._insulation
        return raw, self._clock() - seen

    def paused(self) -> bool:
        """Get whether another tester's traffic keeps this one silent."""
        return self._clock() < self._other_tester_until

    def request(self, group: int, tries: int = _TRIES) -> bytes | None:
        """Ask for one group; returns what follows ``61 group``, None when nothing valid came."""
        with self._one_request:
            for _ in range(tries):
                if self._stop.wait(_QUIET_S) or self.paused():
                    return None
                reply = self._exchange(bytes((0x21, group)))
                if reply is not None and reply[:2] == bytes((0x61, group)):
                    return reply[2:]
        return None

    def _exchange(self, request: bytes) -> bytes | None:
        while not self._frames.empty():
            self._frames.get()
        self._layer.reset()
        self._layer.send(request)
        deadline = self._clock() + _TIMEOUT_S
        while self._clock() < deadline and not self._stop.is_set():
            self._layer.process(rx_timeout=0.05)
            if self._layer.available():
                reply = self._layer.recv()
                return None if reply is None else bytes(reply)
        return None

    def _poll(self) -> None:
        while not self._stop.wait(self._period_s if self._latest[0] else _QUIET_S):
            if self.paused():
                continue
            try:
                self._take(self.request(0x02))
                if self._clock() >= self._general_due:
                    self._take_general(self.request(0x01, tries=1))
            except TransportError as error:
                self._fail(error.message)

    def _take(self, reply: bytes | None) -> None:
        if reply is None:
            self._fail("no reply")
            return
        raw = [int.from_bytes(reply[at : at + 2], "big") for at in range(0, 2 * self._cells, 2)]
        if len(reply) < 2 * self._cells or any(value in _ABSENT for value in raw):
            # Voltages of some cells only would look like a pack with fewer cells.
            self._fail("incomplete reply")
            return
        self.last_problem = ""
        self._latest = (tuple(value / 1000 for value in raw), self._clock())

    def _take_general(self, reply: bytes | None) -> None:
        good = reply is not None and len(reply) in _GENERAL_LENGTHS
        if good:
            assert reply is not None
            raw = int.from_bytes(reply[_INSULATION_AT : _INSULATION_AT + 2], "big")
            self._insulation = (None if raw == 0xFFFF else raw, self._clock())
        # A pack that does not know this group must not hold up its cell voltages for long.
        self._general_failures = 0 if good else self._general_failures + 1
        wait_s = _GENERAL_PAUSE_S if self._general_failures >= _GENERAL_GIVEN_UP else _GENERAL_PERIOD_S
        self._general_due = self._clock() + (wait_s if good or self._general_failures > 1 else 0.0)

    def _fail(self, why: str) -> None:
        self.failures += 1
        self.last_problem = why

    def _receive(self, timeout: float) -> isotp.CanMessage | None:
        try:
            data = self._frames.get(timeout=timeout) if timeout > 0 else self._frames.get_nowait()
        except queue.Empty:
            return None
        return isotp.CanMessage(arbitration_id=REPLY_ID, data=data, extended_id=False)

    def _transmit(self, message: isotp.CanMessage) -> None:
        data = bytes(message.data)
        self._own.append(data)
        self._send_frame(data)
