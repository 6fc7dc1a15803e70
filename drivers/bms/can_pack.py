"""A pack of a described family on a CAN bus.

It listens, asks for what the description says is worth asking, and, where told to, sends the frames that keep
the pack awake. It never writes, never clears a code, never resets a counter. Contactors it moves only where
the bench file says ``contactors: own`` and whoever calls agrees at every step. No pack of these families has
been connected to it yet; ``evidence`` tells what each description rests on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

import can
from pydantic import Field

from drivers.bms.asking import first_due, plan_next
from drivers.bms.bus_listener import BusListener
from drivers.bms.can_pack_datasheet import DATASHEET
from drivers.bms.contactors import ContactorRun
from drivers.bms.conversation import Conversation
from drivers.bms.decoder import CanDecoder
from drivers.bms.errors import TwoPacks
from drivers.bms.family import Family, Reply, load_family
from drivers.bms.keep_alive import merged
from drivers.bms.others import AnswerCount, silent_pack, two_packs
from drivers.bms.signals import Reading
from drivers.bms.snapshot import snapshot_of
from drivers.contracts.bms import Bms, BmsSignal, BmsSnapshot, ContactorFacts, ContactorStep, PackContactors
from drivers.contracts.common import Identity
from drivers.errors import TransportError
from drivers.keeper.link import TIMEOUT_S, Keeper, Mode, keeper_for
from drivers.spec import BadOptions, Category, DriverOptions, DriverSpec, need_address
from drivers.transports.can_bus import open_can

SIGNAL_AGE_MAX_S = 1.0
OTHER_TESTER_S = 10.0  # how long asking pauses once another tester's request was seen


class CanPackOptions(DriverOptions):
    """``family``: a described one, or the path of a YAML file. ``keep_awake`` sends its station frames.

    ``contactors``: ``own`` closes the pack's contactors by the described sequence, ``station`` leaves them to
    the station's relays. ``keep_alive``: a ``process`` of its own, ``inside`` the driver's, or ``auto``.
    ``bus_speed``: how many times faster than a real pack a simulated one sends; 1 on hardware.
    ``current_sign`` −1 turns the current round where a pack is known to differ from its description.
    """

    family: str
    keep_awake: bool = False
    contactors: Literal["station", "own"] = "station"
    keep_alive: Mode = "auto"
    keep_alive_timeout_s: float = TIMEOUT_S
    poll: bool = True
    bus_speed: float = Field(default=1.0, ge=0.1, le=1000)
    current_sign: Literal[1, -1] = 1
    open_timeout_s: float = 1.0
    identify_timeout_s: float = 3.0


class CanPack(Bms, PackContactors):
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
        self.decoder = CanDecoder(family, keep_exchanges=0, newest_only=True, bus_speed=options.bus_speed)
        manners = family.model.diagnostics
        self._conversations: list[Conversation] = []
        if manners is not None:
            self._conversations += [
                Conversation(self._send, pair, manners, self._stop.wait) for pair in manners.pairs
            ]
        self._speaking = self._conversations[0] if self._conversations else None
        self._by_reply = {(c.pair.reply_id, c.pair.extended): c for c in self._conversations}
        self._requests = {(c.pair.request_id, c.pair.extended) for c in self._conversations}
        self._drives = options.contactors == "own" and family.model.contactors is not None
        self._keeper: Keeper | None = None
        self._run: ContactorRun | None = None
        self._heard_s = -float("inf")
        self._stay_s = -float("inf")
        self._answers = AnswerCount()
        self._poller: threading.Thread | None = None
        self._listener = BusListener(self._hear)
        self._notifier = can.Notifier(bus, [self._listener], timeout=0.1)

    # ------------------------------------------------------------------ the contract

    def identify(self) -> Identity:
        """Start, wait for something of this family, ask for serial and software where it tells them.

        Raises TransportError naming what was heard instead.
        """
        self.start()
        deadline_s = self._clock() + self._options.identify_timeout_s
        while not self.decoder.frames["used"] and self._clock() < deadline_s:
            self.beat()
            if self._stop.wait(0.02):
                break
        if not self.decoder.frames["used"]:
            title, waited_s = self.family.model.title, self._options.identify_timeout_s
            raise silent_pack(self.address, title, waited_s, self.decoder.frames)
        self._alone()
        self.read(["identity"])
        self.beat()
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
        model, given = self.family.model, self._options
        awake = (given.keep_awake and model.keep_alive) or self._drives
        if awake and self._keeper is None:
            frames = merged(model.keep_alive)
            self._keeper = keeper_for(
                self._bus, self.address, frames, given.keep_alive, given.keep_alive_timeout_s
            )
            if model.contactors is not None and self._drives:
                self._run = ContactorRun(model.contactors, model.keep_alive, self, self._keeper, self._clock)
        if (given.poll or self._run is not None) and self._poller is None and self._speaking is not None:
            self._poller = threading.Thread(target=self._poll, name=f"bms-{self.family.name}", daemon=True)
            self._poller.start()

    def snapshot(self) -> BmsSnapshot:
        """Get the newest signals without waiting; all are None once the CAN link is lost."""
        now_s = self._clock()
        self.beat()
        self.decoder.look(now_s)
        lost = self._listener.error
        gives = any(field.name == "cell_voltage_V" for field in self.family.fields())
        fault = f"CAN link lost: {lost}" if lost is not None else ""
        found = snapshot_of(self.decoder.store, now_s, fault, gives, self.decoder.missing())
        if self._keeper is not None and (problem := self._keeper.problem()):
            found = replace(found, faults=(*found.faults, f"keep-alive not sent: {problem}"))
        if self._run is not None and self._run.closing:
            closed = self._run.closed()
            value, age_s = (None if closed is None else float(closed)), max(0.0, now_s - self._heard_s)
            found.signals["contactors_closed"] = BmsSignal(value, age_s)
            self._run.follow(self._pack_V())
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

    def beat(self) -> None:
        """The station lives."""
        if self._keeper is not None:
            self._keeper.beat()

    # ------------------------------------------------------------------ the pack's own contactors

    def contactor_facts(self) -> ContactorFacts | None:
        """What the description says of them; None where the bench leaves them to the station's relays."""
        model = self.family.model.contactors
        if model is None or not self._drives:
            return None
        return ContactorFacts(
            self.family.name,
            model.evidence,
            model.evidence_note,
            model.link,
            bool(model.closed),
            model.open_below_A,
        )

    def close_contactors(self, agree: Callable[[], None], link_V: Callable[[], float]) -> list[ContactorStep]:
        """Raises ContactorFault, TransportError, and what ``agree`` raises."""
        self.start()
        assert self._run is not None  # whoever asks has seen the facts
        return self._run.close(agree, link_V)

    def open_contactors(self, on_step: Callable[[], None]) -> list[ContactorStep]:
        """Raises ContactorFault, TransportError."""
        if self._run is None:
            return []
        return self._run.open(on_step, lambda: self._pack_V() or 0.0)

    def contactors_closed(self) -> bool | None:
        """What the pack says now."""
        return None if self._run is None else self._run.closed()

    def signal(self, name: str, since_s: float = -float("inf")) -> float | str | None:
        """The newest value of a signal, not older than a second; where it has labels, the label.

        ``since_s``: only one that arrived later (this driver's clock, s).
        """
        reading = self.decoder.store.get(name)
        oldest_s = max(self._clock() - SIGNAL_AGE_MAX_S, since_s)
        if reading is None or reading.t_s < oldest_s:
            return None
        return reading.value

    def _pack_V(self) -> float | None:
        told = self.signal("pack_voltage_V")
        return told if isinstance(told, float) else None

    def heard_age_s(self) -> float:
        """Seconds since a valid frame of this family."""
        return self._clock() - self._heard_s

    def command(self, request: bytes, reply: bytes) -> str:
        """Ask once for a step of the contactors; '' once the pack has agreed."""
        if self._speaking is None:
            return "this family answers no requests"
        answer = self._speaking.drive(request, reply)
        return "" if answer.payload is not None else answer.why_not

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

    # ---------------------------------------------------------------- parts
    def look_for_others(self) -> None:
        """Note it where more than one controller answers. Raises TransportError."""
        try:
            self._alone()
        except TwoPacks as others:
            self.decoder.store.find(self._clock(), "two_packs", "answers", str(others.params["answers"]))

    def _alone(self) -> None:
        """Ask once and count who answers. Raises TwoPacks."""
        asked = next((one for one in self.family.replies if one.name == self.family.model.alone), None)
        if asked is None or self._speaking is None or self._clock() < self._other_tester_until:
            return
        answers = self._answers.ask(self._speaking, asked, self._stop.wait)
        if answers > 1:
            raise two_packs(self.address, answers)

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
            self._answers.hear(data)
        used = self.decoder.frames["used"]
        self.decoder.on_frame(now_s, message.arbitration_id, message.is_extended_id, data)
        if self.decoder.frames["used"] > used:
            self._heard_s = now_s  # our own frames come back from a shared bus: they are no pack

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
        due, once = first_due(self.family, self._clock())
        by_name = {reply.name: reply for reply in self.family.replies}
        while not self._stop.is_set():
            self._stay()
            if not due or not self._options.poll:
                self._stop.wait(0.1)
                continue
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
            plan_next(due, once, by_name[name], answered, self._clock())

    def _stay(self) -> None:
        """While its contactors are closed by a diagnostic session, that session is kept."""
        model = self.family.model.contactors
        if model is None or not model.stay or self._run is None or not self._run.closing:
            return
        if self._clock() - self._stay_s >= model.stay_period_s:
            self._stay_s = self._clock()
            with suppress(TransportError):
                if self._speaking is not None and model.stay[1:2] == b"\x80":  # no answer wanted
                    self._speaking.tell(model.stay)
                else:
                    self.command(model.stay, bytes((model.stay[0] + 0x40,)))


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
    datasheet=DATASHEET,
)
