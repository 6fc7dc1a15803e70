"""A pack of a described family on a CAN bus.

It listens, asks for what the description says is worth asking, and, where told to, sends the frames that keep
the pack awake. It never closes a contactor, never writes, never clears a code, never resets a counter. No
pack of these families has been connected to it yet; ``evidence`` tells what each description rests on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Literal

import can

from drivers.bms.conversation import Conversation
from drivers.bms.decoder import CanDecoder
from drivers.bms.family import Family, Reply, load_family
from drivers.bms.keep_alive import KeepAlive
from drivers.bms.signals import Reading
from drivers.bms.snapshot import snapshot_of
from drivers.contracts.bms import Bms, BmsSnapshot
from drivers.contracts.common import Identity
from drivers.datasheet import Datasheet, Evidence, Proof, Variant
from drivers.errors import TransportError
from drivers.spec import BadOptions, Category, DriverOptions, DriverSpec, need_address
from drivers.transports.can_bus import open_can

HISTORY_AFTER_S, HISTORY_AGAIN_S = 1.0, 60.0
OTHER_TESTER_S = 10.0
"""How long asking pauses once another tester's request was seen on the bus."""


class CanPackOptions(DriverOptions):
    """``family``: a described one, or the path of a YAML file. ``keep_awake`` sends its station frames.

    ``current_sign`` −1 turns the current round where a pack is known to differ from its description.
    """

    family: str
    keep_awake: bool = False
    poll: bool = True
    current_sign: Literal[1, -1] = 1
    open_timeout_s: float = 1.0
    identify_timeout_s: float = 3.0


class _Listener(can.Listener):
    def __init__(self, hear: Callable[[can.Message], None]) -> None:
        self._hear = hear
        self.error: Exception | None = None

    def on_message_received(self, msg: can.Message) -> None:
        self.error = None
        self._hear(msg)

    def on_error(self, exc: Exception) -> None:
        self.error = exc


class CanPack(Bms):
    """One pack on one bus. Listening begins at once; ``start`` adds asking and the station's frames."""

    def __init__(
        self,
        bus: can.BusABC,
        address: str,
        family: Family,
        options: CanPackOptions,
        clock: Callable[[], float] = time.monotonic,
        also: tuple[Callable[[can.Message], None], ...] = (),
    ) -> None:
        self.address = address
        self.family = family
        self._options = options
        self._bus = bus
        self._clock = clock
        self._also = also
        self._stop = threading.Event()
        self._other_tester_until = -float("inf")
        self.decoder = CanDecoder(family, keep_exchanges=0, newest_only=True)
        manners = family.model.diagnostics
        self._conversations: list[Conversation] = []
        if manners is not None:
            self._conversations += [
                Conversation(self._send, pair, manners, self._stop.wait) for pair in manners.pairs
            ]
        self._speaking = self._conversations[0] if self._conversations else None
        self._by_reply = {(c.pair.reply_id, c.pair.extended): c for c in self._conversations}
        self._requests = {(c.pair.request_id, c.pair.extended) for c in self._conversations}
        self._keeper: KeepAlive | None = None
        self._poller: threading.Thread | None = None
        self._listener = _Listener(self._hear)
        self._notifier = can.Notifier(bus, [self._listener], timeout=0.1)

    # ------------------------------------------------------------------ the contract

    def identify(self) -> Identity:
        """Start, wait for something of this family, ask for serial and software where it tells them.

        Raises TransportError naming what was heard instead.
        """
        self.start()
        deadline_s = self._clock() + self._options.identify_timeout_s
        while not self.decoder.frames["used"] and self._clock() < deadline_s:
            if self._stop.wait(0.02):
                break
        if not self.decoder.frames["used"]:
            raise self._silent()
        self.read(["identity"])
        store = self.decoder.store

        def text(name: str) -> str:
            reading = store.get(name)
            return str(reading.value) if reading is not None and isinstance(reading.value, str) else ""

        model = self.family.model
        serial = text("serial") or text("vin") or text("vendor")
        return Identity(text("manufacturer") or model.manufacturer, model.title, serial, text("software"))

    def start(self) -> None:
        """Start asking, and the keep-awake frames where the options want them. Idempotent."""
        if self._stop.is_set():
            raise TransportError(f"{self.address}: closed by the station", address=self.address)
        if self._options.keep_awake and self._keeper is None and self.family.model.keep_alive:
            self._keeper = KeepAlive(self._bus, self.family.model.keep_alive)
        if self._options.poll and self._poller is None and self._speaking is not None:
            self._poller = threading.Thread(target=self._poll, name=f"bms-{self.family.name}", daemon=True)
            self._poller.start()

    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting; all are None once the CAN link is lost."""
        now_s = self._clock()
        self.decoder.look(now_s)
        lost = self._listener.error
        gives = any(field.name == "cell_voltage_V" for field in self.family.fields())
        fault = f"CAN link lost: {lost}" if lost is not None else ""
        found = snapshot_of(self.decoder.store, now_s, fault, gives, self.decoder.missing())
        current = found.signals.get("current_A")
        if self._options.current_sign < 0 and current is not None and current.value is not None:
            turned = type(current)(
                -current.value, current.age_s, current.unit, current.resolution, current.arrived_s
            )
            found.signals["current_A"] = turned
        return found

    def close(self) -> None:
        """Stop everything and leave the bus."""
        self._stop.set()
        if self._keeper is not None:
            self._keeper.stop()
        if self._poller is not None:
            self._poller.join(2.0)
        self._notifier.stop(timeout=1.0)
        self._bus.shutdown()

    # ------------------------------------------------------------------ more than the contract

    def now_s(self) -> float:
        """The clock that arrival times are told in."""
        return self._clock()

    def read(self, groups: list[str]) -> list[Reading]:
        """Ask once for every reply that has fields of these groups, and give all readings of them.

        What the pack refuses or leaves unanswered is noted as finding. Raises TransportError.
        """
        for reply in self.family.replies:
            wanted = reply.group in groups or any(f.group in groups for f in reply.layout.fields)
            if wanted and reply.request and (reply.poll or reply.group in groups):
                self._ask(reply)
        return [r for r in self.decoder.store.readings() if r.group in groups]

    # ------------------------------------------------------------------ parts

    def _silent(self) -> TransportError:
        frames = self.decoder.frames
        if frames["checksum_wrong"]:
            what = f"{frames['checksum_wrong']} frames have a wrong checksum"
        elif frames["received"]:
            what = f"{frames['received']} frames were received, none of this family"
        else:
            what = "no frame was received"
        return TransportError(
            f"{self.address}: no {self.family.model.title} pack is heard within "
            f"{self._options.identify_timeout_s:g} s: {what}",
            remedy="Check 12 V supply, CAN wiring, termination, bit rate, and the family.",
            address=self.address,
            heard=frames["received"],
        )

    def _send(self, message: can.Message) -> None:
        try:
            self._bus.send(message)
        except (can.CanError, OSError) as error:
            raise TransportError(
                f"{self.address}: frame {message.arbitration_id:X} not sent: {error}",
                remedy="Check the CAN adapter, its bit rate, the termination, and that the pack is awake.",
                address=self.address,
            ) from error

    def _hear(self, message: can.Message) -> None:
        now_s = self._clock()
        for other in self._also:
            other(message)
        if message.is_error_frame:
            self.decoder.on_error_frame(now_s)
            return
        if message.is_remote_frame:
            return
        data, key = bytes(message.data), (message.arbitration_id, message.is_extended_id)
        if key in self._requests:
            self._other_tester_until = now_s + OTHER_TESTER_S
        elif key in self._by_reply:
            self._by_reply[key].hear(data)
        self.decoder.on_frame(now_s, message.arbitration_id, message.is_extended_id, data)

    def _ask(self, reply: Reply) -> bool:
        assert self._speaking is not None
        if self._clock() < self._other_tester_until:
            return False
        answer = self._speaking.ask(reply)
        if answer.payload is None and not answer.refused and len(self._conversations) > 1:
            # Packs of one family answer on one pair of identifiers or on another.
            for other in self._conversations:
                if other is not self._speaking:
                    answer = other.ask(reply)
                    if answer.payload is not None or answer.refused:
                        self._speaking = other
                        break
        if answer.payload is None and not answer.refused and not self._stop.is_set():
            self.decoder.store.find(self._clock(), "no_reply", reply.name, answer.why_not)
        return answer.payload is not None

    def _poll(self) -> None:
        due = {r.name: 0.0 for r in self.family.replies if r.poll and r.period_s and r.request}
        # What it remembers is asked for once, after the cells.
        once = {r.name for r in self.family.replies if r.poll and r.request and r.group == "history"} - set(due)
        due |= dict.fromkeys(once, self._clock() + HISTORY_AFTER_S)
        by_name = {reply.name: reply for reply in self.family.replies}
        while due and not self._stop.is_set():
            name = min(due, key=lambda one: due[one])
            wait_s = due[name] - self._clock()
            if wait_s > 0 and self._stop.wait(min(wait_s, 0.1)):
                return
            if wait_s > 0.1:
                continue
            try:
                answered = self._ask(by_name[name])
            except TransportError:
                answered = False
            if name in once and answered:
                del due[name]
                continue
            period_s = by_name[name].period_s or HISTORY_AGAIN_S
            # What is not answered is asked less often: others wait for their turn.
            due[name] = self._clock() + (period_s if answered else max(5.0, period_s))


def _open(address: str | None, options: Any) -> CanPack:
    assert isinstance(options, CanPackOptions)
    text = need_address(address, driver.name)
    family = load_family(options.family)
    if family.model.bus == "serial":
        raise BadOptions(
            f"family {family.name!r} speaks on a serial line",
            remedy="Use the driver bms-serial for it.",
            driver=driver.name,
        )
    bus = open_can(text, options.open_timeout_s)
    try:
        return CanPack(bus, text, family, options)
    except BaseException:
        bus.shutdown()
        raise


driver = DriverSpec(
    name="bms-can",
    category=Category.BMS,
    title="Battery management system on CAN, by a described family",
    open=_open,
    options_model=CanPackOptions,
    datasheet=Datasheet(
        evidence=Evidence.C,
        sources=(
            "recordings of Kona packs (CC0)",
            "public CAN databases and open tools, named and graded family by family in `evidence`",
        ),
        links=("can",),
        variants=(
            Variant("hyundai-kona-64", channels=98, note="A: recordings of a pack; cells 20 mV, asked"),
            Variant("hyundai-egmp", note="C: layouts of the one before; cells decoded from recorded answers"),
            Variant(
                "byd-atto3", channels=126, note="C: checksum verified on car traffic, all else from a source"
            ),
            Variant("vw-meb", channels=96, note="C: sources that agree; no recording"),
            Variant("pylontech-can", note="B: several sources that agree; extremes only"),
            Variant("daly-can", note="C: payloads of the serial line, identifiers from a source"),
            Variant("jk-can", note="C: identifiers and order from a source, places general; no recording"),
            Variant("nissan-leaf", channels=96, note="B: recordings; live by nissan-leaf-bms"),
        ),
        simulators=("can-bms",),
        proofs=(
            Proof(
                "udsoncan and can-isotp",
                "driver",
                "as the controller that answers",
                "tests/drivers/bms/test_can_pack.py",
            ),
        ),
        unverified=(
            "any family on a live pack",
            "every signal whose own grade is source, general or uncertain",
        ),
    ),
)
