"""A pack of a described family on a serial line (UART, RS485), or behind a serial server.

It asks one thing at a time and reads only: no command that writes, and no factory mode. No board has been
connected to it yet; what each description rests on is told by its ``evidence``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from drivers.bms.family import Family, Reply, load_family
from drivers.bms.serial_decoder import SerialDecoder
from drivers.bms.signals import Reading
from drivers.bms.snapshot import snapshot_of
from drivers.contracts.bms import Bms, BmsSignal, BmsSnapshot
from drivers.contracts.common import Identity
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import TransportError
from drivers.spec import BadOptions, Category, DriverOptions, DriverSpec, need_address
from drivers.transports.open_raw import open_raw
from drivers.transports.raw import RawLink


class SerialPackOptions(DriverOptions):
    """``family``: a described one, or the path of a YAML file; ``unit``: the pack's address on the line.

    ``timeout_s``: how long an answer may take, where that is not what the description says.
    """

    family: str
    unit: int | None = None
    current_sign: Literal[1, -1] = 1
    timeout_s: float | None = None


class SerialPack(Bms):
    """One pack on one line; ``start`` begins to ask."""

    def __init__(
        self,
        link: RawLink,
        address: str,
        family: Family,
        options: SerialPackOptions,
        clock: Callable[[], float] = time.monotonic,
        also: tuple[Callable[[float, bytes], None], ...] = (),
    ) -> None:
        assert family.model.line is not None
        self.address = address
        self.family = family
        self._line = family.model.line
        self._timeout_s = options.timeout_s or family.model.line.timeout_s
        self._unit = options.unit if options.unit is not None else self._line.address
        self._options = options
        self._link = link
        self._clock = clock
        self._also = also
        self._stop = threading.Event()
        self._one = threading.Lock()
        self._lost = ""
        self._thread: threading.Thread | None = None
        self.decoder = SerialDecoder(family)

    # ------------------------------------------------------------------ the contract

    def identify(self) -> Identity:
        """Ask for everything once. Raises TransportError when nothing of this family answers."""
        for reply in self.family.replies:
            if reply.poll:
                self._ask(reply)
        frames = self.decoder.frames
        if not frames["used"]:
            wrong = frames["checksum_wrong"] + frames["frame_malformed"] + frames["length_wrong"]
            heard = self.decoder.framing.noise
            what = (
                f"{wrong} damaged frames and {heard} bytes that mean nothing" if wrong + heard else "silence"
            )
            raise TransportError(
                f"{self.address}: no {self.family.model.title} answers ({what})",
                remedy="Check wiring, baud rate, address on the line and family; wake the board by a load.",
                address=self.address,
            )
        found = {r.name: r.value for r in self.decoder.store.readings() if isinstance(r.value, str)}
        model = self.family.model
        serial = str(found.get("serial") or found.get("device_id") or "")
        title = str(found.get("model") or found.get("hardware") or model.title)
        return Identity(model.manufacturer, title, serial, str(found.get("software") or ""))

    def start(self) -> None:
        """Start asking. Idempotent."""
        if self._stop.is_set():
            raise TransportError(f"{self.address}: closed by the station", address=self.address)
        if self._thread is None:
            self._thread = threading.Thread(target=self._poll, name=f"bms-{self.family.name}", daemon=True)
            self._thread.start()

    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting; all are None once the line is lost."""
        found = snapshot_of(self.decoder.store, self._clock(), self._lost)
        current = found.signals.get("current_A")
        if self._options.current_sign < 0 and current is not None and current.value is not None:
            found.signals["current_A"] = BmsSignal(
                -current.value, current.age_s, current.unit, current.resolution, current.arrived_s
            )
        return found

    def close(self) -> None:
        """Stop asking and close the line."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(self._timeout_s + 1.0)
        self._link.close()

    # ------------------------------------------------------------------ more than the contract

    def now_s(self) -> float:
        """The clock that arrival times are told in."""
        return self._clock()

    def read(self, groups: list[str]) -> list[Reading]:
        """Ask once for every reply that has fields of these groups, and give all readings of them."""
        for reply in self.family.replies:
            if reply.poll and (reply.group in groups or not reply.layout.fields or _has(reply, groups)):
                self._ask(reply)
        return [r for r in self.decoder.store.readings() if r.group in groups]

    # ------------------------------------------------------------------ parts

    def _ask(self, reply: Reply) -> bool:
        """Ask and listen until the line has been quiet after an answer. Raises TransportError."""
        with self._one:
            before = sum(self.decoder.answered.values())
            for _ in range(self._line.tries):
                if self._stop.is_set():
                    return False
                self.decoder.framing.end()  # what is left of earlier bytes belongs to nothing
                self._link.send(self.decoder.framing.request(reply.key, self._unit))
                if self._listen(reply.key):
                    return True
            if sum(self.decoder.answered.values()) == before:
                self.decoder.store.find(self._clock(), "no_reply", reply.name)
            return False

    def _listen(self, key: str) -> bool:
        deadline_s = self._clock() + self._timeout_s
        answered = False
        while (left_s := deadline_s - self._clock()) > 0 and not self._stop.is_set():
            data = self._link.receive(min(left_s, 0.05))
            now_s = self._clock()
            if data:
                for other in self._also:
                    other(now_s, data)
                frames = self.decoder.on_bytes(now_s, data)
                answered = answered or any(_belongs(frame.key, key) and not frame.asked for frame in frames)
            elif answered:
                return True  # what comes in several frames has come
        return answered

    def _poll(self) -> None:
        due = {r.key: 0.0 for r in self.family.replies if r.poll and r.period_s}
        by_key = {reply.key: reply for reply in self.family.replies}
        while due and not self._stop.is_set():
            key = min(due, key=lambda one: due[one])
            wait_s = due[key] - self._clock()
            if wait_s > 0:
                self._stop.wait(min(wait_s, 0.1))
                continue
            try:
                self._ask(by_key[key])
                self._lost = ""
            except TransportError as error:
                self._lost = f"serial line lost: {error.message}"
                self._stop.wait(1.0)
            due[key] = self._clock() + (by_key[key].period_s or 1.0)


def _has(reply: Reply, groups: list[str]) -> bool:
    return any(field.group in groups for field in reply.layout.fields)


def _belongs(got: str, asked: str) -> bool:
    return asked == "all" or got == asked or got.startswith(f"{asked}-")


def _open(address: str | None, options: Any) -> SerialPack:
    assert isinstance(options, SerialPackOptions)
    text = need_address(address, driver.name)
    family = load_family(options.family)
    if family.model.line is None:
        raise BadOptions(
            f"family {family.name!r} speaks on CAN",
            remedy="Use the driver bms-can for it.",
            driver=driver.name,
        )
    return SerialPack(open_raw(text), text, family, options)


driver = DriverSpec(
    name="bms-serial",
    category=Category.BMS,
    title="Battery management system on a serial line, by a described family",
    open=_open,
    options_model=SerialPackOptions,
    datasheet=Datasheet(
        evidence=Evidence.B,
        sources=("frames captured from boards (Apache-2.0, MIT)", "sources named and graded in each family"),
        links=("serial", "tcp"),
        variants=(
            Variant("jbd", voltage_resolution_V=0.001, note="names of protection bits: general knowledge"),
            Variant(
                "daly", voltage_resolution_V=0.001, note="registers captured; 13-byte payloads from a source"
            ),
            Variant("jk", voltage_resolution_V=0.001, note="names of alarm bits: general knowledge"),
            Variant(
                "pylontech-rs485",
                voltage_resolution_V=0.001,
                note="step and sign of current differ between models",
            ),
        ),
        simulators=("serial-bms",),
        proofs=(
            Proof(
                "captured frames of boards",
                "both",
                "decoded to the values that their source gives",
                "tests/drivers/bms/test_serial_frames.py",
            ),
        ),
        unverified=("any board live", "step and sign of current of each Pylontech model"),
    ),
)
