"""The charger's side of GB/T 27930-2015 as a state machine: frames in, due frames out, no thread and no wait.

A station takes part as a charger to learn chemistry, rating, production date, charge count, VIN and limits of
any such pack. By default it stays before the step at which a vehicle closes its contactors (``READY``); with
``cells`` it goes on and lets no current flow: every CCS says pause and 0 A.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from drivers.bms import charger_messages as say
from drivers.bms.decoder import CanDecoder

STAGE_TIMEOUT_S = 5.0
READY_TIMEOUT_S = 60.0
ATTEMPTS_MAX = 3


class Stage(Enum):
    """What the charger waits for."""

    HANDSHAKE = "BHM"
    RECOGNITION = "BRM"
    PARAMETERS = "BCP"
    READY = "BRO AA"
    CHARGING = "BCL"
    STOPPING = "BST"
    ENDED = ""


@dataclass(frozen=True)
class ChargerSettings:
    """What the charger says of itself. ``version``: the three bytes of CHM, V1.1 as (1, 1, 0)."""

    version: tuple[int, int, int] = (1, 1, 0)
    number: int = 1
    voltage_max_V: float = 750.0
    voltage_min_V: float = 200.0
    current_max_A: float = 20.0
    current_min_A: float = 0.0
    cells: bool = False


@dataclass
class _Long:
    pgn: bytes
    length: int
    packets: int
    parts: set[int]


class ChargerSession:
    """Give it every frame with ``hear`` and call ``tick`` at least every 10 ms."""

    def __init__(
        self,
        send: Callable[[int, bytes], None],
        decoder: CanDecoder,
        settings: ChargerSettings,
        today: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._send = send
        self._decoder = decoder
        self._settings = settings
        self._today = today
        self._due: dict[int, float] = {}
        self._long: _Long | None = None
        self._since_s: float | None = None
        self._before: dict[str, int] = {}
        self.stage = Stage.HANDSHAKE
        self.attempts = 1

    def hear(self, t_s: float, frame: int, data: bytes) -> None:
        """Take an extended frame; the decoder has had it already."""
        if frame & 0x03FFFFFF == say.TP_FROM_PACK & 0x03FFFFFF:
            self._announced(data)
        elif frame & 0x03FFFFFF == say.DATA_FROM_PACK & 0x03FFFFFF:
            self._packet(data)
        self._follow(t_s)

    def tick(self, t_s: float) -> None:
        """Send what is due; give up and begin again where the pack stays silent."""
        if self.stage is Stage.ENDED:
            return
        if self._since_s is None:
            self._since_s = t_s
        limit_s = READY_TIMEOUT_S if self.stage is Stage.READY else STAGE_TIMEOUT_S
        waits = self.stage not in (Stage.CHARGING, Stage.HANDSHAKE)
        holds = self.stage is Stage.READY and not self._settings.cells
        if waits and not holds and t_s - self._since_s > limit_s:
            self._late(t_s)
        if self.stage is Stage.HANDSHAKE:
            self._every(t_s, 0.25, say.CHM, say.chm(self._settings.version))
        elif self.stage is Stage.RECOGNITION:
            self._every(t_s, 0.25, say.CRM, say.crm(False, self._settings.number))
        elif self.stage is Stage.PARAMETERS:
            self._every(t_s, 0.25, say.CRM, say.crm(True, self._settings.number))
        elif self.stage is Stage.READY:
            self._ready(t_s)
        elif self.stage is Stage.CHARGING:
            volts = self._number("pack_voltage_V") or self._number("pack_voltage_start_V") or 0.0
            self._every(t_s, 0.05, say.CCS, say.ccs(volts, 0.0, 0, permitted=False))
        elif self.stage is Stage.STOPPING:
            self._every(t_s, 0.01, say.CST, say.cst())

    def stop(self, t_s: float) -> None:
        """End in order: CST until the pack answers; before charging there is nothing to end."""
        if self.stage is Stage.CHARGING:
            self._go(t_s, Stage.STOPPING)
        elif self.stage is not Stage.STOPPING:
            self.stage = Stage.ENDED

    # ------------------------------------------------------------------ parts

    def _ready(self, t_s: float) -> None:
        settings = self._settings
        self._every(t_s, 0.5, say.CTS, say.cts(self._today()))
        limits = say.cml(
            settings.voltage_max_V, settings.voltage_min_V, settings.current_max_A, settings.current_min_A
        )
        self._every(t_s, 0.25, say.CML, limits)
        if settings.cells and self._text("ready_to_charge") == "yes":
            self._every(t_s, 0.25, say.CRO, say.cro(True))

    def _follow(self, t_s: float) -> None:
        """Go on where the decoder knows what this stage waits for."""
        now = self._decoder.periods()
        if self.stage is Stage.HANDSHAKE and self._came("BHM", now):
            self._go(t_s, Stage.RECOGNITION)
        elif self.stage is Stage.RECOGNITION and self._came("BRM", now):
            self._go(t_s, Stage.PARAMETERS)
        elif self.stage is Stage.PARAMETERS and self._came("BCP", now):
            self._go(t_s, Stage.READY)
        elif self.stage is Stage.READY and self._settings.cells and self._came("BCL", now):
            self._go(t_s, Stage.CHARGING)
        elif self.stage is Stage.STOPPING and self._came("BSD", now):
            self._send(say.CSD, say.csd(0, 0.0, self._settings.number))
            self.stage = Stage.ENDED

    def _came(self, name: str, now: dict[str, tuple[int, float | None]]) -> bool:
        """Whether a message has come in this attempt."""
        count = now.get(name, (0, None))[0]
        return count > self._before.get(name, 0)

    def _go(self, t_s: float, stage: Stage) -> None:
        self.stage, self._since_s = stage, t_s
        self._due.clear()

    def _late(self, t_s: float) -> None:
        self._decoder.store.find(t_s, "no_reply", self.stage.value, f"attempt {self.attempts}")
        self.attempts += 1
        self._before = {name: count for name, (count, _) in self._decoder.periods().items()}
        self._go(t_s, Stage.HANDSHAKE if self.attempts <= ATTEMPTS_MAX else Stage.ENDED)

    def _every(self, t_s: float, period_s: float, frame: int, data: bytes) -> None:
        due_s = self._due.get(frame, t_s)
        if t_s >= due_s:
            self._send(frame, data)
            # Late by less than a period: keep the grid; later than that: never catch up in a burst.
            self._due[frame] = max(due_s + period_s, t_s)

    def _announced(self, data: bytes) -> None:
        if len(data) < 8 or data[0] != 16:
            return
        length, packets = int.from_bytes(data[1:3], "little"), data[3]
        self._long = _Long(bytes(data[5:8]), length, packets, set())
        self._send(say.TP_TO_PACK, say.clear_to_send(packets, 1, self._long.pgn))

    def _packet(self, data: bytes) -> None:
        if self._long is None or not data:
            return
        self._long.parts.add(data[0])
        if len(self._long.parts) == self._long.packets:
            long, self._long = self._long, None
            self._send(say.TP_TO_PACK, say.end_of_message(long.length, long.packets, long.pgn))

    def _number(self, name: str) -> float | None:
        reading = self._decoder.store.get(name)
        return reading.value if reading is not None and isinstance(reading.value, float) else None

    def _text(self, name: str) -> str:
        reading = self._decoder.store.get(name)
        return str(reading.value) if reading is not None else ""
